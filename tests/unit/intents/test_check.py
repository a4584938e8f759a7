"""The shipped phrase files keep what they promise, and broken promises are told."""

from __future__ import annotations

import pytest

from intents.builtin import builtin_recogniser, builtin_sources
from intents.check import FLOOR, check
from intents.library import compose
from intents.phrasefile import Source
from intents.reading import Intent
from intents.recogniser import Recogniser

HEADER = Source("en/words.phrases", "[language]\ntag = en\nscript = Latin\n")
FLOOR_PHRASES = "[keywords]\nstop\nstopall\nunsubscribe\ncancel\nend\nquit\nrevoke\nopt out\noptout\n"


def told(text: str, *more: Source) -> list[str]:
    """What the check says about English opt-outs written like this."""
    sources = [HEADER, Source("en/opt_out.phrases", text), *more]
    return [str(problem) for problem in check(Recogniser(compose(sources)))]


def test_the_shipped_files_parse_and_keep_their_promises() -> None:
    assert check(builtin_recogniser()) == ()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("intent", list(Intent))
def test_every_intent_has_a_file_with_examples_in_every_language(language: str, intent: Intent) -> None:
    examples = [one for one in builtin_recogniser().library.examples if one.file == f"{language}/{intent}.phrases"]
    assert {one.matches for one in examples} == {True, False}


@pytest.mark.parametrize("word", [word for words in FLOOR.values() for word in words])
def test_floor_words_act(word: str) -> None:
    assert builtin_recogniser().read(word).acts(Intent.OPT_OUT)


def test_a_file_without_stop_is_told_off() -> None:
    assert any("STOP no longer acts" in one for one in told(FLOOR_PHRASES.replace("stop\n", "", 1)))


def test_a_broken_example_is_named_with_its_line() -> None:
    text = FLOOR_PHRASES + "[examples: match]\ngo away\n"
    assert told(text) == ["en/opt_out.phrases:12:1: “go away” is not read as opt_out; add or widen a phrase"]


def test_a_phrase_in_two_intents_is_named() -> None:
    other = Source("en/help.phrases", "[act]\nstop\n")
    text = FLOOR_PHRASES + "[act]\nstop\n"
    assert any("also a phrase of" in one for one in told(text, other))


def test_the_shipped_files_have_their_names_from_language_and_subject() -> None:
    assert {"en/opt_out.phrases", "zh/opt_out.phrases", "en/words.phrases", "zh/cues.phrases"} <= {
        one.name for one in builtin_sources()
    }
