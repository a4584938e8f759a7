"""How things stand: the contact's case and message settings."""

from __future__ import annotations

from bot import tone
from bot.domain.case import CaseFact
from bot.domain.consent import ALL_TOPICS, Consent, FrequencyChoice, Standing
from bot.standing import overall, running_topics, topic_names
from bot.turn import Line, Step, Turn, line, remark
from locales.calendar import format_day, format_moment
from locales.catalogue import say


def status(turn: Turn) -> Step:
    """The open case's state or the message settings, whichever was asked for; both if there is a doubt. An open question stays open."""
    case, is_about_settings = current_case(turn), tone.is_about_settings(turn.words)
    if case:
        beside = (settings(turn),) if is_about_settings else ()
        return remark(turn, _case_line(turn, case), *beside, is_restated=False)
    before = () if is_about_settings else (line("status.no_case"),)
    return remark(turn, *before, settings(turn), is_restated=False)


def current_case(turn: Turn) -> CaseFact | None:
    """The open case being talked about, else the newest open one."""
    still_open = [one for one in turn.facts.cases if one.is_open]
    talked_about = next((one for one in still_open if one.number == turn.state.case), None)
    return talked_about or max(still_open, key=lambda one: one.opened_at, default=None)


def _case_line(turn: Turn, case: CaseFact) -> Line:
    name = say(turn.language, f"case_status.{case.status.value}")
    due = format_moment(turn.language, turn.local(case.solution_due_at))
    return line("status.case", number=case.number, status=name, moment=due)


def settings(turn: Turn) -> Line:
    """The message settings in one sentence."""
    consent, now = turn.facts.consent, turn.facts.now
    match overall(consent, turn.facts.topics):
        case Standing.OPTED_OUT:
            return line("settings.out")
        case Standing.UNKNOWN if not consent.paused_until(ALL_TOPICS, now):
            return line("settings.unknown")
        case _:
            ids = running_topics(turn, consent)
    if until := consent.paused_until(ALL_TOPICS, now):
        return line("settings.paused", date=format_day(turn.language, turn.local(until)))
    if until := consent.held_until(ALL_TOPICS, now):
        return line("settings.held", date=format_day(turn.language, turn.local(until)))
    return line("settings.running", topics=topic_names(turn, ids), frequency=frequency_text(turn, consent))


def frequency_text(turn: Turn, consent: Consent) -> str:
    """How often, in words: "at most one message a week"."""
    frequency = consent.frequency()
    if frequency.choice is FrequencyChoice.EVERY_N_DAYS:
        return _period_text(turn, frequency.days or 1)
    return say(turn.language, f"frequency.{frequency.choice.value}")


def _period_text(turn: Turn, days: int) -> str:
    if days == 1:
        return say(turn.language, "frequency.daily")
    if days % 7 == 0:
        return say(turn.language, "frequency.every_n_weeks", weeks=str(days // 7))
    return say(turn.language, "frequency.every_n_days", days=str(days))
