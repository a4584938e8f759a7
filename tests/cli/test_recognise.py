"""`quietline classify` and `quietline rehearse`: the contracts that other programs rely on."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

from tests.cli.conftest import Desk
from tests.support.service import quietline


def read(desk: Desk, given: bytes | str) -> list[dict[str, Any]]:
    """The readings of some lines."""
    ended = desk.bare("classify", given=given)
    assert (ended.status, ended.err) == (0, "")
    return [json.loads(line) for line in ended.lines]


def test_each_line_is_answered_by_one_in_the_form_of_the_contract(desk: Desk) -> None:
    stop, nothing = read(desk, "STOP\nthe weather is fine\n")
    assert set(stop) >= {"text", "language", "intents"}
    first = stop["intents"][0]
    assert set(first) == {"intent", "decision", "confidence", "slots", "because"}
    assert (stop["text"], first["intent"], first["decision"]) == ("STOP", "opt_out", "act")
    assert 0 < first["confidence"] <= 1
    assert first["because"]
    assert (nothing["text"], nothing["intents"]) == ("the weather is fine", [])


def test_text_and_json_may_be_mixed_and_empty_lines_keep_their_place(desk: Desk) -> None:
    texts = [one["text"] for one in read(desk, 'STOP\n\n{"text": "退订"}\n{"text": "two\\nlines"}\n{oops\nlast')]
    assert texts == ["STOP", "", "退订", "two\nlines", "{oops", "last"]


def test_chinese_is_written_as_it_is(desk: Desk) -> None:
    ended = desk.bare("classify", given="退订\n")
    assert "退订" in ended.out
    assert json.loads(ended.out)["language"] == "zh-Hans"


def test_lines_of_windows_are_read_without_their_marks(desk: Desk) -> None:
    assert [one["text"] for one in read(desk, b"\xef\xbb\xbfSTOP\r\nhi\r\n")] == ["STOP", "hi"]


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe\x00stop",
        "stop " * 2000,
        "{" * 5000,
        '{"a":' * 100_000,
        '{"text": ' + "9" * 5000 + "x",
        "\u2028stop\u0085\x1b[31m",
    ],
    ids=["no UTF-8", "long", "braces", "deep", "a number", "odd signs"],
)
def test_any_line_is_answered(desk: Desk, line: bytes | str) -> None:
    assert len(read(desk, (line if isinstance(line, bytes) else line.encode()) + b"\n")) == 1


def test_half_a_surrogate_pair_is_answered_in_escapes(desk: Desk) -> None:
    ended = desk.bare("classify", given='{"text": "stop \\ud83d"}\n')
    assert (ended.status, json.loads(ended.out)["text"]) == (0, "stop \ud83d")


@pytest.mark.parametrize("line", ['{"txt": "a"}', '{"text": 5}', "{}"])
def test_json_without_a_text_is_refused_with_its_line(desk: Desk, line: str) -> None:
    ended = desk.bare("classify", given=f"STOP\n{line}\n")
    assert ended.status == 2
    assert 'standard input, line 2: a JSON line must be {"text": "..."}' in ended.err
    assert len(ended.lines) == 1


def test_a_reader_that_has_seen_enough_is_no_failure() -> None:
    process = subprocess.Popen(
        [*quietline(), "classify"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ,
    )
    assert process.stdin and process.stdout and process.stderr
    process.stdout.close()
    try:
        process.stdin.write(b"STOP\n" * 100)
        process.stdin.close()
    except BrokenPipeError:
        pass
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 0


def script(name: str, *texts: str, channel: str = "viber") -> str:
    """A conversation as `rehearse` reads it."""
    return json.dumps({"name": name, "channel": channel, "turns": [{"user": text} for text in texts]}) + "\n"


def test_conversations_are_played_each_as_a_new_contact_in_their_order(desk: Desk) -> None:
    given = script("stop", "STOP") + "\n" + script("weekly", "STOP", "weekly", channel="wechat") + script("hi", "hello")
    ended = desk.bare("rehearse", given=given)
    assert ended.status == 0, ended.err
    stopped, weekly, greeted = (json.loads(line) for line in ended.lines)
    assert set(stopped) == {"name", "suppressed", "frequency", "case_opened", "handed_over", "transcript"}
    assert [one["name"] for one in (stopped, weekly, greeted)] == ["stop", "weekly", "hi"]
    assert (stopped["suppressed"], stopped["case_opened"], stopped["handed_over"]) == (True, False, False)
    assert [turn["from"] for turn in stopped["transcript"]] == ["contact", "bot"]
    assert (weekly["suppressed"], weekly["frequency"]) == (False, "weekly")
    assert (greeted["suppressed"], greeted["frequency"]) == (False, None)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nonsense", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "a script is {"),
        ('{"name": "x", "channel": "sms", "turns": []}', "a script is {"),
        ('{"name": "x", "channel": "viber"}', "a script is {"),
        ('{"name": "x", "channel": ["viber"], "turns": []}', "a script is {"),
        ('{"name": "x", "channel": "viber", "turns": ["hi"]}', "a script is {"),
        ('{"name": "x", "channel": "viber", "turns": [{"user": 1}]}', "a script is {"),
    ],
)
def test_a_script_that_is_none_is_refused_with_its_line(desk: Desk, line: str, said: str) -> None:
    ended = desk.bare("rehearse", given=f"\n{line}\n")
    assert ended.status == 2
    assert f"standard input, line 2: {said}" in ended.err
    assert ended.out == ""
