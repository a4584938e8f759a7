"""Courtesy: thanks, greetings, a friendly sign, a picture. Short, in two wordings, and nothing changes."""

from __future__ import annotations

from bot.turn import Step, Turn, remark, tell, varied
from locales.catalogue import has


def emoji(turn: Turn) -> Step:
    """A friendly sign back; nothing changes."""
    return remark(turn, varied(turn, "courtesy.emoji"), is_restated=False)


def media(turn: Turn) -> Step:
    """A picture or the like: seen, and what to do if it should say something."""
    own = f"media.{turn.medium.value}"
    return remark(turn, varied(turn, own if has(own) else "media.other"), is_restated=False)


def thanks(turn: Turn) -> Step:
    """You're welcome."""
    return remark(turn, varied(turn, "courtesy.thanks"), is_restated=False)


def thanks_closing(turn: Turn) -> Step:
    """You're welcome, and the offer is closed quietly."""
    return tell(turn, varied(turn, "courtesy.thanks"))


def greeting(turn: Turn) -> Step:
    """Hello."""
    return remark(turn, varied(turn, "courtesy.greeting"), is_restated=False)


def farewell(turn: Turn) -> Step:
    """Goodbye."""
    return tell(turn, varied(turn, "courtesy.farewell"))


def small_word(turn: Turn) -> Step:
    """Yes, no, fine, where nothing was asked."""
    return tell(turn, varied(turn, "courtesy.fine"))
