"""The keys outside the database: private, whole, or refused with what to do."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.error import StorageError
from storage.key import KeyFileError, Keyring, Sealer, load_keys

NAMES = ("pid.key", "wrap.key")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a pair of keys."""
    load_keys(tmp_path / "keys", may_create=True)
    return tmp_path / "keys"


def test_new_keys_are_for_their_owner_alone_and_differ(folder: Path) -> None:
    assert sorted(one.name for one in folder.iterdir()) == list(NAMES)
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in NAMES} == {0o600}
    assert (folder / NAMES[0]).read_text() != (folder / NAMES[1]).read_text()


def test_the_same_keys_make_the_same_pseudonyms_for_ever(folder: Path) -> None:
    one, other = load_keys(folder, may_create=False), load_keys(folder, may_create=True)
    assert one.pid("viber", "acme", "u1") == other.pid("viber", "acme", "u1")
    assert one.sealer(other.new_wrapped_key()).open  # the other's subject keys can be unwrapped


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601])
@pytest.mark.parametrize("name", NAMES)
def test_a_key_that_others_may_read_is_refused(folder: Path, name: str, mode: int) -> None:
    (folder / name).chmod(mode)
    with pytest.raises(KeyFileError, match=rf"{name} may be read by others .*chmod 600"):
        load_keys(folder, may_create=True)


@pytest.mark.parametrize("name", NAMES)
def test_half_a_pair_is_refused_and_not_completed(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(KeyFileError, match=rf"{name} is missing beside .*restore it"):
        load_keys(folder, may_create=True)
    assert not (folder / name).exists()


@pytest.mark.parametrize("content", ["", "abc", "zz" * 32, "ab" * 31, "ab" * 33, "ключ"])
@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_key_is_refused(folder: Path, name: str, content: str) -> None:
    (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(KeyFileError, match=name):
        load_keys(folder, may_create=False)


def test_missing_keys_beside_a_database_with_data_are_not_made_anew(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"the database already holds data: restore pid\.key and wrap\.key"):
        load_keys(tmp_path / "keys", may_create=False)
    assert not (tmp_path / "keys").exists()


def test_a_place_where_no_keys_can_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(KeyFileError, match="make it writable or set"):
        load_keys(tmp_path / "file" / "keys", may_create=True)


def test_a_keyring_does_not_show_its_keys() -> None:
    ring = Keyring(b"p" * 32, b"w" * 32)
    assert repr(ring) == "Keyring(***)"


@given(st.text(st.characters(), max_size=200))
def test_what_is_sealed_can_be_opened(text: str) -> None:
    sealer = Sealer(b"k" * 32)
    sealed = sealer.seal(text)
    assert sealer.open(sealed) == text
    assert sealer.seal(text) != sealed, "a fresh nonce each time"


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_every_altered_byte_of_a_sealed_value_is_refused(place: int, change: int) -> None:
    sealed = bytearray(Sealer(b"k" * 32).seal("please stop"))
    sealed[place % len(sealed)] ^= change
    with pytest.raises(StorageError, match="altered"):
        Sealer(b"k" * 32).open(bytes(sealed))


@pytest.mark.parametrize("length", [0, 1, 12, 20, 30])
def test_a_cut_sealed_value_is_refused(length: int) -> None:
    sealed = Sealer(b"k" * 32).seal("please stop")
    with pytest.raises(StorageError, match="altered"):
        Sealer(b"k" * 32).open(sealed[:length])


def test_what_another_key_sealed_is_refused() -> None:
    ring, other = Keyring(b"p" * 32, b"w" * 32), Keyring(b"p" * 32, b"x" * 32)
    with pytest.raises(StorageError, match="not those that sealed it"):
        other.sealer(ring.new_wrapped_key())
    with pytest.raises(StorageError):
        Sealer(b"j" * 32).open(Sealer(b"k" * 32).seal("x"))


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), min_size=2, max_size=5, unique=True))
def test_different_people_have_different_pseudonyms_unless_a_name_holds_the_separator(people: list) -> None:
    ring = Keyring(b"p" * 32, b"w" * 32)
    plain = [one for one in people if "|" not in one[0] + one[1]]
    assert len({ring.pid(*one) for one in plain}) == len(plain)
