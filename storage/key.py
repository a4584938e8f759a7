"""Keys outside the database: the pseudonym key and the key that wraps each subject's own.

Losing `pid.key` unlinks every suppression; losing `wrap.key` makes every kept word unreadable. Back both up apart
from the database.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.error import StorageError

NONCE_BYTES = 12


class KeyFileError(StorageError):
    """A key file is missing, readable by others, or not a key. Says which and what to do."""


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals texts under one subject's key (AES-256-GCM, a fresh nonce each)."""

    key: bytes

    def seal(self, text: str) -> bytes:
        """The text as nonce + ciphertext."""
        return _seal(self.key, text.encode("utf-8", "surrogatepass"))

    def open(self, sealed: bytes) -> str:
        """The text again. Raises `StorageError` when the bytes were altered or the key is another's."""
        return _open(self.key, bytes(sealed)).decode("utf-8", "surrogatepass")


class Keyring:
    """The installation's keys. `pid_key` makes pseudonyms, `wrap_key` guards subject keys and shared secrets."""

    __slots__ = ("_pid_key", "_wrap_key", "vault")

    def __init__(self, pid_key: bytes, wrap_key: bytes) -> None:
        self._pid_key, self._wrap_key = pid_key, wrap_key
        self.vault = Sealer(wrap_key)

    def __repr__(self) -> str:
        return "Keyring(***)"

    def pid(self, channel: str, account: str, user_id: str) -> str:
        """The pseudonym of a platform user: HMAC-SHA256, 64 hex digits. The same for ever, telling nothing without
        the key.
        """
        return self.digest(f"{channel}|{account}|{user_id}")

    def digest(self, text: str) -> str:
        """A keyed digest of any text, 64 hex digits."""
        return hmac.new(self._pid_key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def new_wrapped_key(self) -> bytes:
        """A new subject key, wrapped for storage."""
        return _seal(self._wrap_key, secrets.token_bytes(32))

    def sealer(self, wrapped: bytes) -> Sealer:
        """The sealer of a subject from its wrapped key."""
        return Sealer(_open(self._wrap_key, bytes(wrapped)))


def load_keys(folder: Path, *, may_create: bool) -> Keyring:
    """The keys in `folder`; generated there (mode 0600) when there are none and `may_create`.

    A folder that holds one key but not the other is refused: a new key would silently unlink what the old one made.
    """
    paths = folder / "pid.key", folder / "wrap.key"
    present = [path for path in paths if path.exists()]
    if len(present) == 1:
        missing = next(path for path in paths if path not in present)
        raise KeyFileError(f"{missing} is missing beside {present[0].name}: restore it from the backup of the keys")
    if not present and not may_create:
        raise KeyFileError(
            f"the keys are not in {folder}, but the database already holds data: restore pid.key and wrap.key there"
        )
    if not present:
        _create(folder, paths)
    return Keyring(_read(paths[0]), _read(paths[1]))


def _create(folder: Path, paths: tuple[Path, ...]) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in paths:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32))
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        raise KeyFileError(
            f"the keys cannot be written to {folder} ({error.strerror}): make it writable or set [keys] dir"
        ) from None


def _read(path: Path) -> bytes:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"the key {path} cannot be read: {error}") from None
    if mode & 0o077:
        raise KeyFileError(f"the key {path} may be read by others (mode {mode:04o}): chmod 600 {path}")
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise KeyFileError(
            f"the key {path} is damaged: it must hold 64 hex digits; restore it from the backup of the keys"
        )
    return key


def _seal(key: bytes, plain: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, None)


def _open(key: bytes, sealed: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
    except (InvalidTag, ValueError):
        raise StorageError(
            "a sealed value cannot be opened: it was altered, or the keys are not those that sealed it"
        ) from None
