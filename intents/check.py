"""Whether a set of phrase files keeps its own promises: its examples, the floor words, and no phrase in two intents."""

from __future__ import annotations

from collections.abc import Iterator

from intents.error import Problem
from intents.library import Example, Library
from intents.phrase import Form
from intents.reading import Cue, Intent
from intents.recogniser import Recogniser

# What the law and the platforms take as an opt-out: no set of phrase files may lose these (FCC per-se words, MIIT practice).
FLOOR = {
    "Latin": ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPT OUT", "OPTOUT"),
    "Han": ("退订", "退訂", "TD", "取消订阅", "停止", "拒收"),
}
_CUES = frozenset(cue.value for cue in Cue)


def check(recogniser: Recogniser) -> tuple[Problem, ...]:
    """Every broken promise, in the order of the files. Empty = the files may go live."""
    return (*_broken_examples(recogniser), *_lost_floor(recogniser), *lint(recogniser.library))


def _broken_examples(recogniser: Recogniser) -> Iterator[Problem]:
    for example in recogniser.library.examples:
        if _is_read(recogniser, example) is not example.matches:
            wrong = f"“{example.text}” is {'not ' if example.matches else ''}read as {example.subject}"
            right = "add or widen a phrase" if example.matches else "narrow a phrase, or add one under [not]"
            yield Problem(example.file, example.line, 1, wrong, right)


def _is_read(recogniser: Recogniser, example: Example) -> bool:
    reading = recogniser.read(example.text)
    if example.subject in _CUES:
        return Cue(example.subject) in reading.cues
    return reading.find(Intent(example.subject)) is not None


def _lost_floor(recogniser: Recogniser) -> Iterator[Problem]:
    for language in recogniser.library.languages:
        for word in FLOOR.get(language.script, ()):
            if not recogniser.read(word).acts(Intent.OPT_OUT):
                file = f"{language.folder}/opt_out.phrases"
                yield Problem(file, 1, 1, f"{word} no longer acts as an opt-out", f"keep it under [keywords]: {word}")


def lint(library: Library) -> Iterator[Problem]:
    """Phrases that stand in two intents of one language, where both would act: one of them must go."""
    seen: dict[tuple[str, Form], tuple[str, str, int]] = {}
    for language, subject, section, phrase in library.phrases:
        if section not in ("act", "clauses", "keywords") or subject in ("cues", *_CUES):
            continue
        for form in phrase.forms:
            first = seen.setdefault((language, form), (subject, phrase.file, phrase.line))
            if first[0] != subject:
                wrong = f"“{phrase.text}” is also a phrase of {first[0]} ({first[1]}, line {first[2]})"
                yield Problem(phrase.file, phrase.line, 1, wrong, "keep it in one of the two")
                break
