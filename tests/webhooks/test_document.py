"""A document has one meaning, or it is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.simulator.platform import envelope
from handlers.webhooks.document import JSON_DEPTH, XML_DEPTH, MalformedError, read_json, read_xml, word


def nested_json(depth: int) -> bytes:
    """An object that is so deep."""
    return b'{"a":' * depth + b"1" + b"}" * depth


def nested_xml(depth: int) -> bytes:
    """An element that is so deep."""
    return b"<xml>" + b"<a>" * (depth - 1) + b"x" + b"</a>" * (depth - 1) + b"</xml>"


def test_depth_is_allowed_to_the_limit_and_not_beyond() -> None:
    assert read_json(nested_json(JSON_DEPTH))
    assert read_xml(nested_xml(XML_DEPTH))
    with pytest.raises(MalformedError):
        read_json(nested_json(JSON_DEPTH + 1))
    with pytest.raises(MalformedError):
        read_xml(nested_xml(XML_DEPTH + 1))


@pytest.mark.parametrize(
    "bomb",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><xml><a>&b;</a></xml>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><a>&a;</a></xml>',
        b'<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/"> %a;]><xml><a/></xml>',
        b"<!DOCTYPE xml><xml><a>b</a></xml>",
        b'<?xml version="1.0"?><!DOCTYPE xml><xml><a>b</a></xml>',
    ],
)
def test_a_document_type_is_refused_whatever_it_says(bomb: bytes) -> None:
    with pytest.raises(MalformedError):
        read_xml(bomb)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "gb18030", "latin-1"])
def test_only_utf_8_is_read(encoding: str) -> None:
    text = '<?xml version="1.0"?><xml><Content>é退订</Content></xml>'
    with pytest.raises(MalformedError):
        read_xml(text.encode(encoding, "replace"))


def test_a_declared_encoding_changes_nothing() -> None:
    text = '<?xml version="1.0" encoding="GBK"?><xml><Content>退订</Content></xml>'
    assert read_xml(text.encode()) == {"Content": "退订"}


def test_one_element_is_a_text_and_several_are_a_list() -> None:
    fields = read_xml(b"<xml><a>1</a><b>1</b><b>2</b><b><c>3</c></b><d/></xml>")
    assert fields == {"a": "1", "b": ["1", "2", {"c": "3"}], "d": ""}


def test_a_word_is_a_text_or_a_whole_number_and_nothing_else() -> None:
    fields = {"a": "x", "b": 9007199254740993, "c": True, "d": 1.5, "e": None, "f": ["x"], "g": {"x": 1}}
    assert [word(fields, key) for key in "abcdefgh"] == ["x", "9007199254740993", "", "", "", "", "", ""]


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for read in (read_json, read_xml):
        try:
            assert isinstance(read(raw), dict)
        except MalformedError as error:
            assert str(error)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=5), JSON_VALUES, max_size=4))
def test_what_json_can_say_is_read_as_it_was_meant(value: dict[str, object]) -> None:
    raw = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        assert read_json(raw) == value
    except MalformedError:
        assert b"\\u0000" in raw or b"\xed" in raw


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1))
def test_what_wechat_writes_is_read_as_it_was_meant(text: str) -> None:
    assert read_xml(envelope.to_xml({"Content": text, "MsgType": "text"})) == {"Content": text, "MsgType": "text"}
