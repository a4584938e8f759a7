"""The shape in which other programs get a reading (`quietline classify`). Version 1: do not change it."""

from __future__ import annotations

from intents.reading import Reading, Recognised


def to_json(reading: Reading) -> dict[str, object]:
    """{"text", "language", "intents": [{"intent", "decision", "confidence", "slots", "because"}]}, best intent first."""
    return {"text": reading.text, "language": reading.language, "intents": [_intent(one) for one in reading.intents]}


def _intent(found: Recognised) -> dict[str, object]:
    return {
        "intent": found.intent.value,
        "decision": found.decision.value,
        "confidence": round(found.confidence, 3),
        "slots": dict(found.slots),
        "because": [reason.text for reason in found.because],
    }
