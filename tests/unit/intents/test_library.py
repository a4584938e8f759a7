"""Putting phrase files together."""

from __future__ import annotations

import pytest

from intents.error import PhraseFileError
from intents.library import compose, load
from intents.phrasefile import Source

WORDS = "[language]\ntag = en\nscript = Latin\n[words]\n<messages> = texts | messages\n"


def problems(*files: tuple[str, str]) -> list[str]:
    """What is wrong with these files, as people see it."""
    return [str(one) for one in compose(Source(name, text) for name, text in files).problems]


def test_good_files_have_no_problems() -> None:
    assert problems(("en/words.phrases", WORDS), ("en/opt_out.phrases", "[act]\nstop <messages>\n")) == []


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("en/opt_out.phrases", "[act]\nstop <mesages>\n", "en/opt_out.phrases:2:1: there is no group <mesages>"),
        ("en/opt_out.phrases", "[act: weekly]\nstop\n", "en/opt_out.phrases:1:2: [act: weekly] is not known here"),
        ("en/cats.phrases", "[act]\nmeow\n", "en/cats.phrases:1:1: nothing is known as cats"),
        ("en/spelling.phrases", "[spelling]\nstop stopp\n", "en/spelling.phrases:2:1: there is no = in this line"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(name: str, text: str, expected: str) -> None:
    assert problems(("en/words.phrases", WORDS), (name, text))[0].startswith(expected)


def test_a_group_that_contains_itself_is_named() -> None:
    circle = "[words]\n<a> = <b>\n<b> = <a>\n"
    assert any("contains itself" in one for one in problems(("en/words.phrases", circle)))


def test_a_line_that_is_no_group_is_named() -> None:
    assert "en/words.phrases:2:1: this is no group of words" in problems(("en/words.phrases", "[words]\nstop\n"))[0]


def test_loading_refuses_all_or_nothing_and_tells_every_fault() -> None:
    with pytest.raises(PhraseFileError) as caught:
        load([Source("en/opt_out.phrases", "[act]\nstop (now\n<nobody>\n")])
    assert len(caught.value.problems) == 2


def test_the_revision_changes_with_any_letter() -> None:
    one = compose([Source("en/words.phrases", WORDS)]).revision
    other = compose([Source("en/words.phrases", WORDS + "# a note\n")]).revision
    assert one != other
