"""Language tags, and which of ours a platform's tag means."""

from __future__ import annotations

LANGUAGES = ("en", "zh-Hans", "zh-Hant")
"""The languages the bot speaks. A new one is a tag here and a catalogue beside the others."""

_TRADITIONAL = ("hant", "tw", "hk", "mo")


def normalise_tag(tag: str | None) -> str | None:
    """Our tag for a platform's (`zh_CN`, `zh-TW`, `EN_us`), None for a language we do not speak."""
    if not tag:
        return None
    parts = tag.replace("_", "-").lower().split("-")
    if parts[0] == "zh":
        return "zh-Hant" if any(part in _TRADITIONAL for part in parts[1:]) else "zh-Hans"
    return parts[0] if parts[0] in LANGUAGES else None
