"""WeChat's envelope from WeChat's side: signing, encrypting and opening."""

from __future__ import annotations

import base64
import os
import struct
from hashlib import sha1
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from defusedxml.ElementTree import fromstring

Fields = dict[str, object]


class BrokenAnswerError(Exception):
    """The service's answer is none that WeChat could show."""


def signature(*parts: str) -> str:
    """SHA-1 of the sorted parts, joined."""
    digest = sha1(usedforsecurity=False)
    for part in sorted(parts):
        digest.update(part.encode())
    return digest.hexdigest()


def _cipher(encoding_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(f"{encoding_key}=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def wrap(encoding_key: str, app_id: str, content: bytes) -> str:
    """`Encrypt` for a content: 16 random bytes, its length, itself, the app id, padded to 32."""
    plain = os.urandom(16) + struct.pack(">I", len(content)) + content + app_id.encode()
    missing = 32 - len(plain) % 32
    encryptor = _cipher(encoding_key).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes((missing,)) * missing) + encryptor.finalize()).decode()


def unwrap(encoding_key: str, app_id: str, wrapped: str) -> bytes:
    """The content of an `Encrypt`. Raises `BrokenAnswerError`."""
    try:
        decryptor = _cipher(encoding_key).decryptor()
        plain = decryptor.update(base64.b64decode(wrapped)) + decryptor.finalize()
        (length,) = struct.unpack(">I", plain[16:20])
    except (ValueError, struct.error):
        raise BrokenAnswerError("the answer cannot be decrypted") from None
    end = len(plain) - plain[-1]
    if plain[20 + length : end] != app_id.encode() or set(plain[end:]) != {plain[-1]}:
        raise BrokenAnswerError("the answer is for another app, or its key is another")
    return plain[20 : 20 + length]


def to_xml(fields: Fields) -> bytes:
    """Fields as WeChat's XML; a dict nests, a list repeats."""
    root = Element("xml")
    _fill(root, fields)
    return bytes(tostring(root, "utf-8"))


def _fill(parent: Element, fields: Fields) -> None:
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            child = SubElement(parent, name)
            if isinstance(one, dict):
                _fill(child, one)
            else:
                child.text = str(one)


def from_xml(body: bytes) -> dict[str, str]:
    """The fields of an answer. Raises `BrokenAnswerError`."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, ValueError):
        raise BrokenAnswerError("the answer is no XML") from None
    if root.tag != "xml":
        raise BrokenAnswerError("the answer's root is not <xml>")
    return {child.tag: child.text or "" for child in root}
