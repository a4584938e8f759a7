"""May these people be sent to? And: these claimed sends were not used."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from bot.domain.permit import Reason
from handlers.api.auth import account_of
from handlers.api.body import AUDIENCE_LIMIT, idempotency_key, read_body
from handlers.api.refusal import Refusal, unreadable
from handlers.deps import House
from handlers.services import audience
from handlers.services.audience import MAX_RECIPIENTS, KeyReusedError, Question
from storage.token import Token

MAX_ID = 200
MAX_TOPIC = 200


def check(house: House, caller: Token) -> Response:
    """`POST /audience/check`: the gate's answer for each recipient; with `claim`, each allowed one counts as sent."""
    key, fields = idempotency_key(), read_body(AUDIENCE_LIMIT)
    fields.known("account", "topic", "recipients", "claim")
    question = Question(
        account=account_of(house, caller, fields.text("account", 100)),
        topic=fields.text("topic", MAX_TOPIC),
        recipients=fields.texts("recipients", MAX_RECIPIENTS, MAX_ID),
        is_claim=fields.flag("claim", default=False),
        idempotency_key=key,
    )
    try:
        answer = audience.ask(house, question)
    except KeyReusedError as error:
        raise Refusal(422, f"Idempotency-Key: {error}", "Idempotency-Key") from None
    return jsonify(_without_stopped(house, question, answer))


def _without_stopped(house: House, question: Question, answer: dict[str, Any]) -> dict[str, Any]:
    """A claim's kept answer, without those whom the gate would not allow any more: STOP is final.

    The frequency cap does not count here: it is the claim itself that used it up.
    """
    if not (question.is_claim and question.idempotency_key and answer["allowed"]):
        return answer
    again = Question(question.account, question.topic, tuple(answer["allowed"]))
    now = audience.ask(house, again)
    stopped = [denial for denial in now["denied"] if denial["reason"] != Reason.FREQUENCY]
    gone = {denial["recipient"] for denial in stopped}
    return {
        **answer,
        "allowed": [one for one in answer["allowed"] if one not in gone],
        "denied": [*answer["denied"], *stopped],
    }


def release(house: House, caller: Token) -> Response:
    """`POST /audience/release`: claimed sends that were not used no longer count. Giving back twice gives back once."""
    key, fields = idempotency_key(), read_body(AUDIENCE_LIMIT)
    if key is None:
        raise unreadable("Idempotency-Key: is missing; send the key of the claim that you give back")
    fields.known("account", "recipients")
    account = account_of(house, caller, fields.text("account", 100))
    recipients = fields.texts("recipients", MAX_RECIPIENTS, MAX_ID)
    return jsonify({"released": audience.release(house, account, key, recipients)})
