"""The shapes that the API takes and gives, as JSON Schema (OpenAPI 3.1)."""

from __future__ import annotations

from typing import Any

from bot.domain.consent import ConsentKind, FrequencyChoice, Standing
from bot.domain.permit import Reason
from handlers.api.audience import MAX_ID, MAX_TOPIC
from handlers.api.change import KINDS, MAX_CHANGES, MAX_EVERY_DAYS, MAX_EVIDENCE, MAX_PAUSE_DAYS
from handlers.api.ledger import MAX_EVENTS
from handlers.services.audience import MAX_RECIPIENTS

Schema = dict[str, Any]


def ref(name: str) -> Schema:
    """A reference to one of `SCHEMAS`."""
    return {"$ref": f"#/components/schemas/{name}"}


def shape(required: Schema, optional: Schema | None = None) -> Schema:
    """An object with exactly these properties."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def text(longest: int, description: str = "") -> Schema:
    """A text of 1 to `longest` characters."""
    return {"type": "string", "minLength": 1, "maxLength": longest} | (
        {"description": description} if description else {}
    )


def words(values: Any) -> Schema:
    """One of the members of an enumeration."""
    return {"type": "string", "enum": [str(value) for value in values]}


def listing(items: Schema, most: int | None = None) -> Schema:
    """A list; with `most`, one of 1 to `most` items."""
    return {"type": "array", "items": items} | ({"minItems": 1, "maxItems": most} if most else {})


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


MOMENT: Schema = {"type": "string", "format": "date-time"}
MAYBE = nullable(MOMENT)
FLAG: Schema = {"type": "boolean"}
ACCOUNT = text(100, "An account's name in the settings.")
CONTACT = text(MAX_ID, "The person's id on the platform.")
RECIPIENTS = listing(CONTACT, MAX_RECIPIENTS)
TOPIC = text(MAX_TOPIC, "One of the account's topics.")
EVIDENCE = text(MAX_EVIDENCE, "What shows that the contact wants it: message id, form, recording. Kept sealed.")
CHANGE_TOPIC = {**TOPIC, "description": "One of the account's topics, or * for all of them.", "default": "*"}


def _whole(low: int, high: int | None = None) -> Schema:
    return {"type": "integer", "minimum": low} | ({"maximum": high} if high else {})


def _change(kind: str, required: Schema | None = None, optional: Schema | None = None) -> Schema:
    needs_evidence = kind in ("opt_in", "resume")
    own = {"kind": {"const": kind}, **(required or {})} | ({"evidence": EVIDENCE} if needs_evidence else {})
    free = {"topic": CHANGE_TOPIC, **(optional or {})} | ({} if needs_evidence else {"evidence": EVIDENCE})
    return shape(own, free)


_CHANGES = {
    "frequency": _change("frequency", {"frequency": words(FrequencyChoice)}, {"days": _whole(1, MAX_EVERY_DAYS)}),
    "pause": _change("pause", optional={"days": _whole(1, MAX_PAUSE_DAYS), "until": MOMENT}),
}
_REGISTERS = ("opted_out_at", "opted_in_at", "followed_at", "frequency_at", "paused_at", "held_at")
_TOPIC_STATE = shape(
    {
        "topic": {**TOPIC, "description": "One of the account's topics, or * for what was said of all of them."},
        "standing": words(Standing),
        "frequency": words(FrequencyChoice),
        "days": {**nullable(_whole(1)), "description": "The period of every_n_days, else null."},
        "paused_until": MAYBE,
        "held_until": {**MAYBE, "description": "While the bot waits for the answer to a question."},
        "can_send": {**nullable(FLAG), "description": "The gate's answer now; null for *."},
        "reason": {**nullable(words(Reason)), "description": "Why the gate says no, else null."},
        "until": MAYBE,
        "registers": {
            **shape(dict.fromkeys(_REGISTERS, MAYBE)),
            "description": "When each was last said of this very topic.",
        },
    }
)
_EVENT = shape(
    {
        "seq": _whole(1),
        "recorded_at": MOMENT,
        "happened_at": MOMENT,
        "kind": words(ConsentKind),
        "account": ACCOUNT,
        "pseudonym": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "topic": {"type": "string"},
        "before": {"type": "string"},
        "after": {"type": "string"},
        "source": {"type": "string"},
        "actor": {"type": "string"},
        "phrase_revision": {"type": "string"},
        "hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    }
)
_DENIED = shape({"recipient": CONTACT, "reason": words(Reason), "until": MAYBE})

SCHEMAS: dict[str, Schema] = {
    "AudienceQuestion": shape(
        {"account": ACCOUNT, "topic": TOPIC, "recipients": RECIPIENTS},
        {"claim": {**FLAG, "default": False, "description": "Count each allowed recipient as sent, now."}},
    ),
    "AudienceAnswer": shape(
        {
            "allowed": listing(CONTACT),
            "denied": listing(_DENIED),
            "expires_at": {**MOMENT, "description": "Ask again before you send later than this."},
        }
    ),
    "Release": shape({"account": ACCOUNT, "recipients": RECIPIENTS}),
    "Released": shape({"released": _whole(0)}),
    "Change": {"oneOf": [_CHANGES.get(kind) or _change(kind) for kind in KINDS]},
    "PreferenceChange": shape({"account": ACCOUNT, "contact": CONTACT, "changes": listing(ref("Change"), MAX_CHANGES)}),
    "Preferences": shape(
        {
            "account": ACCOUNT,
            "contact": CONTACT,
            "pseudonym": {"type": "string", "description": "The contact's name in the ledger."},
            "topics": listing(_TOPIC_STATE),
        }
    ),
    "LedgerPage": shape(
        {
            "events": listing(_EVENT, None) | {"maxItems": MAX_EVENTS},
            "next": {**_whole(0), "description": "The `after` of the next request."},
            "more": {**FLAG, "description": "Whether there is more to read now."},
        }
    ),
    "Problem": shape(
        {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string"},
            "request_id": {"type": "string"},
        },
        {
            "field": {"type": "string", "description": "What is wrong in the request."},
            "decision": {"const": "deny", "description": "With 503: nothing may be sent."},
        },
    ),
}
