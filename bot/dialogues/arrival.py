"""Coming and going on the platform itself: opening the chat, following, leaving, refusing templates."""

from __future__ import annotations

from bot.dialogues.help import menu
from bot.domain.consent import ALL_TOPICS, ConsentChange, ConsentKind
from bot.domain.conversation import Conversation, Holder, Stage
from bot.domain.effect import Effect, ErasePerson, HandBack, PurgeMarketing, RecordConsent
from bot.domain.event import LeftPlatform, TopicRefused
from bot.standing import after, is_out, is_out_after, record, running_topics, topic_names
from bot.turn import Line, Step, Turn, ask, closed, line, remark, silence


def started(turn: Turn) -> Step:
    """The chat was opened: who writes here, what is sent, how to stop. Not a word that promotes."""
    key = "welcome.stopped" if is_out(turn) else "welcome.started"
    if turn.state.said[-1:] == (key,):
        return silence(turn)
    return _welcome(turn, line(key, topics=topic_names(turn)), menu(turn))


def _welcome(turn: Turn, said: Line, answers: tuple[str, ...], effects: tuple[Effect, ...] = ()) -> Step:
    """Welcome with the menu, unless a question is open, which goes first."""
    if turn.state.stage in (Stage.IDLE, Stage.MENU):
        return ask(turn, said, stage=Stage.MENU, answers=answers, effects=effects)
    return remark(turn, said, effects=effects)


def followed(turn: Turn) -> Step:
    """Following opts an unknown contact in to the default topic if the account is set so, and never lifts a stop."""
    effects = _follow_changes(turn)
    if is_out_after(turn, effects):
        return _welcome(turn, line("welcome.still_stopped"), ("start", "person"), effects)
    key = "welcome.followed" if turn.facts.follow_is_opt_in else "welcome.only_followed"
    ids = running_topics(turn, after(turn, effects)) or None
    return _welcome(turn, line(key, topics=topic_names(turn, ids)), menu(turn), effects)


def followed_silently(turn: Turn) -> Step:
    """The same while an agent holds the chat: nothing is said."""
    return silence(turn, effects=_follow_changes(turn))


def _follow_changes(turn: Turn) -> tuple[Effect, ...]:
    topic = turn.facts.topics[0].id if turn.facts.topics else ALL_TOPICS
    return (record(turn, ConsentKind.FOLLOWED, topic),) if turn.facts.follow_is_opt_in else ()


def left(turn: Turn) -> Step:
    """Left on the platform: everything stops; where its rules ask so, the person is erased. Nothing can be said."""
    effects: tuple[Effect, ...] = (record(turn, ConsentKind.OPTED_OUT), PurgeMarketing())
    event = turn.event
    if not isinstance(event, LeftPlatform) or not event.must_erase:
        return Step(closed(turn.state), effects)
    if turn.state.holder is not Holder.BOT:
        effects = (*effects, HandBack("contact"))
    return Step(Conversation(serial=turn.state.serial), (*effects, ErasePerson(event.how.value)))


def topic_refused(turn: Turn) -> Step:
    """Templates refused in the platform's settings: each is a topic `template:<id>` that is out."""
    ids = turn.event.template_ids if isinstance(turn.event, TopicRefused) else ()
    effects = tuple(RecordConsent(ConsentChange(ConsentKind.OPTED_OUT, turn.at, f"template:{one}")) for one in ids)
    return silence(turn, effects=effects)
