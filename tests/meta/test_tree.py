"""Rules over everything that is committed: no registry's address, no lock file, requirements pinned and without addresses."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
# In pieces, so that this file does not name them itself.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in [
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("proxy", "golang", "org"),
        ("crates", "io"),
    ]
)
PINNED = ("requirements.txt", "requirements-dev.txt")
LOCK_FILES = {"uv.lock", "poetry.lock", "Pipfile.lock", "package-lock.json", "yarn.lock", "pnpm-lock.yaml"}
PIN = re.compile(r"^[a-z0-9._-]+(\[[a-z,]+\])?==\S+( ; .+)?$")


def committed() -> list[Path]:
    """Every file that git knows; without git (a source archive), every file that is not hidden or built."""
    if shutil.which("git") and (HOUSE / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=HOUSE, capture_output=True, text=True, check=True).stdout
        return [path for name in listed.split("\0") if name and (path := HOUSE / name).is_file()]
    return [
        path for path in HOUSE.rglob("*") if path.is_file() and not path.relative_to(HOUSE).parts[0].startswith(".")
    ]


def text_of(path: Path) -> str:
    """The text of a file; nothing for pictures and other binaries."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_file_names_a_package_registry() -> None:
    named = [
        (path.relative_to(HOUSE).as_posix(), host)
        for path in committed()
        for host in REGISTRIES
        if host in text_of(path)
    ]
    assert named == []


def test_no_lock_file_with_addresses_is_committed() -> None:
    assert [path.name for path in committed() if path.name in LOCK_FILES] == []


@pytest.mark.parametrize("name", PINNED)
def test_requirements_are_pins_without_addresses(name: str) -> None:
    lines = [
        line
        for line in (HOUSE / name).read_text(encoding="utf-8").splitlines()
        if line.strip() and line.lstrip()[0] != "#"
    ]
    assert lines
    assert [line for line in lines if not PIN.match(line)] == []


def test_development_uses_the_versions_of_the_service() -> None:
    pins = {name: set(re.findall(r"^[a-z0-9._-]+==\S+", (HOUSE / name).read_text(), re.MULTILINE)) for name in PINNED}
    assert pins["requirements.txt"] <= pins["requirements-dev.txt"]


def test_every_direct_dependency_is_pinned() -> None:
    wanted = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    names = {re.split(r"[\[<>=]", entry)[0] for entry in wanted}
    pinned = set(re.findall(r"^([a-z0-9._-]+)==", (HOUSE / "requirements.txt").read_text(), re.MULTILINE))
    assert names - pinned == set()
