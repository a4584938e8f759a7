"""The shape that other programs rely on."""

from __future__ import annotations

import json

from intents.builtin import builtin_recogniser
from intents.contract import to_json


def test_a_reading_becomes_the_classify_object() -> None:
    found = to_json(builtin_recogniser().read("pause for two weeks"))
    assert set(found) == {"text", "language", "intents"}
    intents = found["intents"]
    assert isinstance(intents, list)
    assert set(intents[0]) == {"intent", "decision", "confidence", "slots", "because"}
    assert (intents[0]["intent"], intents[0]["decision"]) == ("frequency", "act")
    assert all(isinstance(sentence, str) for sentence in intents[0]["because"])
    assert json.loads(json.dumps(found)) == found


def test_nothing_recognised_is_an_empty_list() -> None:
    assert to_json(builtin_recogniser().read("good morning"))["intents"] == []
