"""Full readings for the page: the chat keeps their short form only, so the demo listens while words are read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from intents.reading import Context, Reading
from intents.recogniser import Recogniser

KEPT = 500


class Overhearing(Recogniser):
    """A recogniser that tells what it read."""

    def __init__(self, inner: Recogniser, hear: Callable[[Reading], None]) -> None:
        super().__init__(inner.library)
        self._inner, self._hear = inner, hear

    def read(self, text: str, context: Context = Context()) -> Reading:
        """The inner recogniser's reading."""
        reading = self._inner.read(text, context)
        self._hear(reading)
        return reading


class Readings:
    """The latest reading of each text."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Reading] = OrderedDict()

    def keep(self, reading: Reading) -> None:
        """Remember a reading; the oldest are forgotten."""
        self._kept[reading.text] = reading
        self._kept.move_to_end(reading.text)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def find(self, text: str) -> Reading | None:
        """The latest reading of a text."""
        return self._kept.get(text)

    def listen(self, recogniser: Callable[[], Recogniser]) -> Callable[[], Recogniser]:
        """The same source of recognisers, overheard."""
        return lambda: Overhearing(recogniser(), self.keep)
