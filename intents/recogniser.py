"""The layers of recognition in their order: text -> `Reading`."""

from __future__ import annotations

from intents.reading import Context, Reading


class Recogniser:
    """Reads messages with one set of phrase files (one revision). Immutable and safe to share between threads."""

    revision: str

    def read(self, text: str, context: Context = Context()) -> Reading:
        """Understand one message. Never raises for any text; linear in its length."""
        return Reading(text=text, language=None)
