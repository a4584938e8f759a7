"""What a wish changes in consent, and what may honestly be said of it."""

from __future__ import annotations

from bot.dialogues import status
from bot.domain.consent import ALL_TOPICS, Consent, ConsentChange, ConsentKind, Standing
from bot.domain.effect import Effect, RecordConsent
from bot.standing import after, is_out, is_out_after, overall, record, topic_names
from bot.turn import Line, Turn, line
from bot.wish import Wish
from intents.reading import Intent
from locales.calendar import format_day


def changes(turn: Turn, found: Wish) -> tuple[Effect, ...]:
    """The consent changes of a wish, dated by the contact's act."""
    if found.keep or found.leave:
        return _topic_changes(turn, found)
    consent, now = turn.facts.consent, turn.facts.now
    is_in = overall(consent, turn.facts.topics) is Standing.OPTED_IN
    is_opt_in = (
        turn.is_tapped or turn.reading.acts(Intent.OPT_IN) or is_out(turn) or (not is_in and found.until is None)
    )
    releases = turn.is_tapped or consent.held_until(ALL_TOPICS, now) is not None
    resumes = found.until is None and (turn.is_tapped or consent.paused_until(ALL_TOPICS, now) is not None)
    kinds = ((ConsentKind.OPTED_IN, is_opt_in), (ConsentKind.RESUMED, resumes), (ConsentKind.HOLD_RELEASED, releases))
    return (*(record(turn, kind) for kind, is_needed in kinds if is_needed), RecordConsent(_register(turn, found)))


def _register(turn: Turn, found: Wish) -> ConsentChange:
    if found.until:
        return ConsentChange(ConsentKind.PAUSED, turn.at, until=found.until)
    return ConsentChange(ConsentKind.FREQUENCY_SET, turn.at, frequency=found.frequency)


def _topic_changes(turn: Turn, found: Wish) -> tuple[Effect, ...]:
    """`keep` = these alone; `leave` = not those, which is a way back to the others only after a stop."""
    ids = tuple(one.id for one in turn.facts.topics)
    left = found.leave or tuple(one for one in ids if one not in found.keep)
    wanted = found.keep or (tuple(one for one in ids if one not in left) if is_out(turn) else ())
    return (
        *(record(turn, ConsentKind.OPTED_OUT, one) for one in left),
        *(record(turn, ConsentKind.OPTED_IN, one) for one in wanted),
        record(turn, ConsentKind.HOLD_RELEASED),
    )


def result(turn: Turn, found: Wish, effects: tuple[Effect, ...]) -> Line:
    """What the wish came to, honestly: a later stop or a later choice may stand above it."""
    consent = after(turn, effects)
    if is_out_after(turn, effects):
        return line("opt_out.stopped" if found.leave and not is_out(turn) else "opt_in.too_late")
    if found.keep:
        return line("frequency.only", topics=topic_names(turn, found.keep))
    if found.leave:
        kept = tuple(one.id for one in turn.facts.topics if consent.standing(one.id) is not Standing.OPTED_OUT)
        return line("frequency.without", topics=topic_names(turn, found.leave), kept=topic_names(turn, kept))
    return _cap_result(turn, found, consent)


def _cap_result(turn: Turn, found: Wish, consent: Consent) -> Line:
    row = consent.row(ALL_TOPICS)
    if found.until:
        if row.paused_until != found.until:
            return line("frequency.newer")
        return line("frequency.paused", date=format_day(turn.language, turn.local(found.until)))
    if row.frequency != found.frequency:
        return line("frequency.newer")
    return line(
        "frequency.restarted" if is_out(turn) else "frequency.set", frequency=status.frequency_text(turn, consent)
    )
