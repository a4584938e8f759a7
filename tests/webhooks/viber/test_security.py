"""Only Viber's own signature over the raw bytes counts."""

from __future__ import annotations

import pytest

from handlers.webhooks.viber.security import is_genuine, sign

TOKEN = "44dafb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3"
BODY = b'{"event":"webhook","timestamp":4977069964384421269,"message_token":1478683725125}'
SIGNATURE = "d21b343448c8aee33b8e93768ef6ceb64a6ba6163099973a2b8bd028fea510ef"


def test_the_official_vector_passes() -> None:
    assert sign(TOKEN, BODY) == SIGNATURE
    assert is_genuine(TOKEN, BODY, [SIGNATURE])


@pytest.mark.parametrize(
    "signatures",
    [
        [],
        [""],
        [SIGNATURE, SIGNATURE],
        [f"{SIGNATURE},{SIGNATURE}"],
        [SIGNATURE.upper()],
        [SIGNATURE[:-1]],
        [SIGNATURE[:-1] + "0"],
        [f" {SIGNATURE}"],
        ["ｄ" + SIGNATURE[1:]],
        ["\udcff" * 64],
    ],
)
def test_every_other_signature_is_refused(signatures: list[str]) -> None:
    assert not is_genuine(TOKEN, BODY, signatures)


def test_one_changed_byte_is_noticed() -> None:
    assert not is_genuine(TOKEN, BODY.replace(b"webhook", b"message"), [SIGNATURE])
    assert not is_genuine(TOKEN, BODY + b"\n", [SIGNATURE])


def test_an_empty_token_verifies_nothing() -> None:
    assert not is_genuine("", BODY, [sign("", BODY)])
