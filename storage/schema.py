"""The tables. Times are integers: milliseconds since 1970, UTC. Sealed columns are AES-256-GCM under the subject's
own key.

`subject` is the pseudonym and outlives the person: it carries the row lock, the consent registers and the suppression.
`contact` and everything sealed can be erased without touching the ledger's chain.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

_ROW_ID = BigInteger().with_variant(Integer, "sqlite")


class Subject(SQLModel, table=True):
    """One pseudonym: HMAC of channel, account and the platform's user id. Locked by every act upon the contact."""

    pid: str = Field(primary_key=True, max_length=64)
    account: str = Field(max_length=100)
    wrapped_key: bytes | None = Field(default=None, sa_type=LargeBinary)
    created_at: int = Field(sa_type=BigInteger)
    erased_at: int | None = Field(default=None, sa_type=BigInteger)
    last_marketing_at: int | None = Field(default=None, sa_type=BigInteger)


class Contact(SQLModel, table=True):
    """A person on a channel, and where the conversation stands. Deleted by erasure."""

    pid: str = Field(primary_key=True, max_length=64)
    account: str = Field(max_length=100)
    user_id: str = Field(max_length=200)
    profile_language: str | None = Field(default=None, max_length=35)
    sealed_name: bytes | None = Field(default=None, sa_type=LargeBinary)
    sealed_conversation: bytes | None = Field(default=None, sa_type=LargeBinary)
    wallet: str = Field(default="[]", sa_type=Text)
    left_at: int | None = Field(default=None, sa_type=BigInteger)
    unreachable_until: int | None = Field(default=None, sa_type=BigInteger)
    last_seen_at: int = Field(sa_type=BigInteger)


class ConsentRegister(SQLModel, table=True):
    """The registers of one subject and topic (`bot.domain.consent.TopicConsent`)."""

    __tablename__ = "consent"

    pid: str = Field(primary_key=True, max_length=64)
    topic: str = Field(primary_key=True, max_length=200)
    opted_out_at: int | None = Field(default=None, sa_type=BigInteger)
    opted_in_at: int | None = Field(default=None, sa_type=BigInteger)
    followed_at: int | None = Field(default=None, sa_type=BigInteger)
    frequency: str = Field(default="as_it_comes", max_length=20)
    frequency_days: int = 0
    frequency_at: int | None = Field(default=None, sa_type=BigInteger)
    paused_until: int | None = Field(default=None, sa_type=BigInteger)
    paused_at: int | None = Field(default=None, sa_type=BigInteger)
    held_until: int | None = Field(default=None, sa_type=BigInteger)
    held_at: int | None = Field(default=None, sa_type=BigInteger)


class LedgerEvent(SQLModel, table=True):
    """One immutable fact about consent. `hash` covers every other column, `commitment` the payload that is kept
    apart.
    """

    __tablename__ = "ledger_event"
    __table_args__ = (Index("ix_ledger_event_pid_seq", "pid", "seq"),)

    seq: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    recorded_at: int = Field(sa_type=BigInteger)
    happened_at: int = Field(sa_type=BigInteger)
    kind: str = Field(max_length=30)
    account: str = Field(max_length=100)
    pid: str = Field(max_length=64)
    topic: str = Field(max_length=200)
    before: str = Field(max_length=200)
    after: str = Field(max_length=200)
    source: str = Field(max_length=30)
    actor: str = Field(max_length=200)
    revision: str = Field(max_length=64)
    commitment: str = Field(max_length=64)
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class LedgerHead(SQLModel, table=True):
    """The chain's last link: one row, locked by every append, so that the sequence has no gaps."""

    __tablename__ = "ledger_head"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int = Field(sa_type=BigInteger)
    hash: str = Field(max_length=64)


class EventPayload(SQLModel, table=True):
    """The words behind a ledger event: salt and sealed text, erasable."""

    __tablename__ = "event_payload"

    seq: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    pid: str = Field(index=True, max_length=64)
    salt: bytes = Field(sa_type=LargeBinary)
    sealed: bytes = Field(sa_type=LargeBinary)


class InboxRow(SQLModel, table=True):
    """One event of a platform, for ever: the unique key is what makes a redelivery harmless. `key_hash` is keyed, so
    it names nobody.
    """

    __tablename__ = "inbox"
    __table_args__ = (UniqueConstraint("account", "key_hash"), Index("ix_inbox_state_retry_at", "state", "retry_at"))

    id: int | None = Field(default=None, primary_key=True, sa_type=_ROW_ID)
    account: str = Field(max_length=100)
    key_hash: str = Field(max_length=64)
    pid: str | None = Field(default=None, index=True, max_length=64)
    received_at: int = Field(sa_type=BigInteger)
    state: str = Field(max_length=10)
    attempts: int = 0
    retry_at: int | None = Field(default=None, sa_type=BigInteger)
    sealed_reply: bytes | None = Field(default=None, sa_type=LargeBinary)
    sealed_event: bytes | None = Field(default=None, sa_type=LargeBinary)
    problem: str | None = Field(default=None, max_length=500)


class OutboxRow(SQLModel, table=True):
    """One message to be sent, or sent. States: queued, sending, held (until the contact writes), sent, dead, purged,
    denied.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_state_not_before", "state", "not_before"),
        Index("ix_outbox_pid_state", "pid", "state"),
        Index("ix_outbox_account_message_token", "account", "message_token"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=_ROW_ID)
    account: str = Field(max_length=100)
    pid: str = Field(max_length=64)
    purpose: str = Field(max_length=20)
    topic: str = Field(max_length=200)
    sealed_message: bytes | None = Field(default=None, sa_type=LargeBinary)
    state: str = Field(max_length=10)
    attempts: int = 0
    created_at: int = Field(sa_type=BigInteger)
    not_before: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    message_token: str | None = Field(default=None, max_length=64)
    detail: str | None = Field(default=None, max_length=500)


class Attempt(SQLModel, table=True):
    """One try at sending, written before the call: after a crash it tells that something may have gone out."""

    id: int | None = Field(default=None, primary_key=True, sa_type=_ROW_ID)
    outbox_id: int = Field(index=True, sa_type=BigInteger)
    started_at: int = Field(sa_type=BigInteger)
    finished_at: int | None = Field(default=None, sa_type=BigInteger)
    outcome: str | None = Field(default=None, max_length=20)
    code: int | None = None
    detail: str | None = Field(default=None, max_length=500)


class ChatLine(SQLModel, table=True):
    """One line of a chat, for the console: what was said, by whom, and how it was read. Sealed."""

    __tablename__ = "chat_line"
    __table_args__ = (Index("ix_chat_line_pid_id", "pid", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=_ROW_ID)
    pid: str = Field(max_length=64)
    at: int = Field(sa_type=BigInteger)
    author: str = Field(max_length=20)
    sealed: bytes = Field(sa_type=LargeBinary)
    outbox_id: int | None = Field(default=None, index=True, sa_type=BigInteger)
    status: str | None = Field(default=None, max_length=20)


class Case(SQLModel, table=True):
    """A complaint or a request, with its clocks. Keeps number, kind and dates when the person is erased."""

    __tablename__ = "case_record"
    __table_args__ = (Index("ix_case_record_pid_opened_at", "pid", "opened_at"),)

    number: str = Field(primary_key=True, max_length=20)
    pid: str = Field(max_length=64)
    account: str = Field(max_length=100)
    kind: str = Field(max_length=20)
    category: str = Field(max_length=20)
    priority: str = Field(max_length=10)
    status: str = Field(max_length=20)
    opened_at: int = Field(sa_type=BigInteger)
    first_response_due_at: int = Field(sa_type=BigInteger)
    solution_due_at: int = Field(sa_type=BigInteger)
    needs_identity_check: bool = False


class CaseNote(SQLModel, table=True):
    """Words that belong to a case. Sealed, erasable."""

    __tablename__ = "case_note"

    id: int | None = Field(default=None, primary_key=True, sa_type=_ROW_ID)
    number: str = Field(index=True, max_length=20)
    pid: str = Field(index=True, max_length=64)
    at: int = Field(sa_type=BigInteger)
    author: str = Field(max_length=200)
    sealed: bytes = Field(sa_type=LargeBinary)


class Flag(SQLModel, table=True):
    """A chat that wants a person. States: open, taken, closed."""

    __table_args__ = (Index("ix_flag_state_raised_at", "state", "raised_at"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=_ROW_ID)
    pid: str = Field(index=True, max_length=64)
    account: str = Field(max_length=100)
    reason: str = Field(max_length=40)
    sealed_words: bytes | None = Field(default=None, sa_type=LargeBinary)
    raised_at: int = Field(sa_type=BigInteger)
    state: str = Field(max_length=10)
    agent: str | None = Field(default=None, max_length=200)
    closed_at: int | None = Field(default=None, sa_type=BigInteger)


class Timer(SQLModel, table=True):
    """A clock a conversation set for itself. States: waiting, done."""

    __table_args__ = (Index("ix_timer_state_at", "state", "at"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=_ROW_ID)
    pid: str = Field(index=True, max_length=64)
    account: str = Field(max_length=100)
    name: str = Field(max_length=40)
    serial: int
    at: int = Field(sa_type=BigInteger)
    state: str = Field(max_length=10)
    attempts: int = 0


class SendClaim(SQLModel, table=True):
    """A campaign's claimed send, counted against the frequency cap. Released ones do not count."""

    __tablename__ = "send_claim"
    __table_args__ = (Index("ix_send_claim_pid_at", "pid", "at"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=_ROW_ID)
    pid: str = Field(max_length=64)
    topic: str = Field(max_length=200)
    at: int = Field(sa_type=BigInteger)
    released_at: int | None = Field(default=None, sa_type=BigInteger)
    idempotency: str | None = Field(default=None, index=True, max_length=64)


class IdempotencyKey(SQLModel, table=True):
    """One API write and its answer, so that a repeated call gets the same. Kept 30 days."""

    __tablename__ = "idempotency_key"

    key_hash: str = Field(primary_key=True, max_length=64)
    request_hash: str = Field(max_length=64)
    status: int
    response: str = Field(sa_type=Text)
    created_at: int = Field(index=True, sa_type=BigInteger)


class ApiToken(SQLModel, table=True):
    """A token of the HTTP API: only its SHA-256 is kept."""

    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True, sa_type=_ROW_ID)
    name: str = Field(max_length=100)
    token_hash: str = Field(unique=True, max_length=64)
    scopes: str = Field(max_length=200)
    account: str | None = Field(default=None, max_length=100)
    created_at: int = Field(sa_type=BigInteger)
    last_used_at: int | None = Field(default=None, sa_type=BigInteger)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)


class AccessToken(SQLModel, table=True):
    """A platform's access token, shared by all workers. `leased_until` is the lock of the one that renews it."""

    __tablename__ = "access_token"

    name: str = Field(primary_key=True, max_length=200)
    sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    expires_at: int = Field(default=0, sa_type=BigInteger)
    leased_until: int = Field(default=0, sa_type=BigInteger)


METADATA = SQLModel.metadata
"""Everything above, for migrations and the check that they are complete."""
