"""How a phrase file is split into sections."""

from __future__ import annotations

import pytest

from intents.phrasefile import MOST_BYTES, Source, read

ALLOWED = {"act": frozenset({"", "weekly"}), "not": frozenset({""})}


def source(text: str) -> Source:
    """A file of English opt-outs."""
    return Source("en/opt_out.phrases", text)


def test_sections_lines_and_comments_are_told_apart() -> None:
    sections, problems = read(source("# a comment\n[act]\nstop  # said often\n\n[not]\nstop by\n"), ALLOWED)
    assert not problems
    assert [(section.name, [line.text for line in section.lines]) for section in sections] == [
        ("act", ["stop"]),
        ("not", ["stop by"]),
    ]


def test_an_indented_line_continues_the_one_above() -> None:
    sections, _ = read(source("[act]\nstop |\n   quit\n"), ALLOWED)
    assert [line.text for line in sections[0].lines] == ["stop | quit"]


def test_a_section_may_carry_a_detail_and_full_width_brackets() -> None:
    sections, problems = read(source("［act：weekly］\nweekly"), ALLOWED)
    assert not problems
    assert (sections[0].name, sections[0].detail) == ("act", "weekly")


@pytest.mark.parametrize(
    ("text", "place", "wrong"),
    [
        ("stop\n", (1, 1), "before any section"),
        ("[act]\nstop\n[oops]\n", (3, 2), "no section [oops]"),
        ("[act: hourly]\n", (1, 2), "not known here"),
        ("[act\nstop\n", (1, 1), "not closed"),
    ],
)
def test_faults_name_line_and_column(text: str, place: tuple[int, int], wrong: str) -> None:
    _, problems = read(source(text), ALLOWED)
    assert (problems[0].line, problems[0].column) == place
    assert wrong in problems[0].wrong


def test_lines_of_an_unknown_section_raise_no_second_complaint() -> None:
    _, problems = read(source("[oops]\nstop\nquit\n"), ALLOWED)
    assert len(problems) == 1


def test_a_file_above_the_limit_is_refused() -> None:
    _, problems = read(source("[act]\n" + "x" * MOST_BYTES), ALLOWED)
    assert "256 KiB" in problems[0].wrong


def test_the_name_tells_language_and_subject() -> None:
    one = source("")
    assert (one.language, one.subject) == ("en", "opt_out")
