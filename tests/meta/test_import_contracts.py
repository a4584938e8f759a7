"""The direction of imports holds, and each contract catches the import that it forbids."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
LINTER = Path(sys.executable).parent / "lint-imports"
RULES = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
CONTRACTS = {contract["id"]: contract for contract in RULES["contracts"]}

# contract, module that misbehaves, what it imports, who is named in the complaint
BAD_IMPORTS = [
    ("layers", "storage/bad.py", "handlers.settings", "storage.bad -> handlers.settings"),
    ("layers", "bot/bad.py", "storage", "bot.bad -> storage"),
    ("layers", "intents/bad.py", "bot.domain.event", "intents.bad -> bot.domain.event"),
    ("layers", "locales/bad.py", "intents.reading", "locales.bad -> intents.reading"),
    ("storage", "storage/bad.py", "flask", "storage.bad -> flask"),
    ("viberbot", "handlers/bad.py", "viberbot", "handlers.bad -> viberbot"),
    (
        "viberbot",
        "handlers/webhooks/wechat/bad.py",
        "viberbot.api.messages",
        "handlers.webhooks.wechat.bad -> viberbot",
    ),
    ("wechatpy", "handlers/bad.py", "wechatpy.client", "handlers.bad -> wechatpy"),
    ("wechatpy", "handlers/webhooks/viber/bad.py", "wechatpy", "handlers.webhooks.viber.bad -> wechatpy"),
    ("channels", "handlers/webhooks/viber/bad.py", "handlers.webhooks.wechat", "viber.bad -> handlers.webhooks.wechat"),
    ("channels", "handlers/webhooks/wechat/bad.py", "handlers.webhooks.viber", "wechat.bad -> handlers.webhooks.viber"),
]


def lint(house: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the packages in `house`, with nothing remembered from other runs."""
    command: list[str | Path] = [LINTER, "--no-cache", "--no-logo", *options]
    return subprocess.run(command, cwd=house, env={"COLUMNS": "1000"}, capture_output=True, text=True, check=False)


@pytest.fixture
def copied_house(tmp_path: Path) -> Path:
    """A copy of the packages and of the contracts, free to be spoilt."""
    for package in RULES["root_packages"]:
        shutil.copytree(HOUSE / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HOUSE / "pyproject.toml", tmp_path)
    return tmp_path


def spoil(house: Path, module: str, *imports: str) -> None:
    """Add a module that imports what it must not."""
    assert not (house / module).exists()
    lines = "".join(f"import {name}\n" for name in imports)
    (house / module).write_text(f'"""A module that misbehaves."""\n\n{lines}', encoding="utf-8")


def test_the_imports_of_the_house_keep_every_contract() -> None:
    run = lint(HOUSE)
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken" in run.stdout


@pytest.mark.parametrize(("contract", "module", "imported", "complaint"), BAD_IMPORTS)
def test_a_bad_import_breaks_its_contract(
    copied_house: Path, contract: str, module: str, imported: str, complaint: str
) -> None:
    spoil(copied_house, module, imported)
    run = lint(copied_house, "--contract", contract)
    assert run.returncode == 1, run.stdout + run.stderr
    assert f"{CONTRACTS[contract]['name']} BROKEN" in run.stdout
    assert complaint in run.stdout


@pytest.mark.parametrize("package", CONTRACTS["pure"]["source_modules"])
def test_a_pure_package_may_import_none_of_the_forbidden(copied_house: Path, package: str) -> None:
    forbidden = CONTRACTS["pure"]["forbidden_modules"]
    spoil(copied_house, f"{package}/bad.py", *forbidden)
    run = lint(copied_house, "--contract", "pure")
    assert run.returncode == 1, run.stdout + run.stderr
    unseen = [name for name in forbidden if f"{package}.bad -> {name} " not in run.stdout]
    assert unseen == [], run.stdout


def test_every_contract_is_proved_by_a_bad_import() -> None:
    assert {contract for contract, *_ in BAD_IMPORTS} | {"pure"} == set(CONTRACTS)


def test_the_design_names_what_the_pure_packages_do_without() -> None:
    promised = {"flask", "sqlalchemy", "sqlmodel", "viberbot", "wechatpy", "os", "time", "random", "logging"}
    assert promised <= set(CONTRACTS["pure"]["forbidden_modules"])
    assert CONTRACTS["pure"]["source_modules"] == ["bot", "intents", "locales"]
