"""The sample history: invented contacts whose past conversations are played through the real webhooks, with the clock set back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from handlers.simulator.act import Acts
from handlers.simulator.brand import VIBER, WECHAT
from handlers.simulator.feed import Contact
from handlers.simulator.shift import ShiftedClock

PACE = timedelta(seconds=41)  # between two acts of a conversation


@dataclass(frozen=True, slots=True)
class Past:
    """One contact's past. `steps` are (act, words) in their order; `hours_ago` is when the conversation began."""

    channel: str
    name: str
    language: str
    hours_ago: float
    steps: tuple[tuple[str, str], ...] = ()


PASTS = (
    Past("viber", "Oksana", "en", 147, (("say", "UNSUBSCRIBE"), ("say", "once a month would be ok"))),
    Past("wechat", "周敏", "zh-Hans", 126, (("say", "退订"), ("say", "每月一次可以"))),
    Past(
        "viber",
        "Daniel",
        "en",
        98,
        (("say", "I want to complain: my order never arrived"), ("say", "It was order 20718, two tins")),
    ),
    Past(
        "wechat",
        "陳宛如",
        "zh-Hant",
        75,
        (("say", "我要投訴"), ("say", "杯子收到的時候已經裂了，客服一直沒有回覆")),
    ),
    Past("viber", "Petra", "en", 52, (("campaign", "marketing"), ("say", "pause everything for two weeks please"))),
    Past("wechat", "何雨", "zh-Hans", 50, (("say", "少发一点吧"), ("tap", "1"))),
    Past("wechat", "Thomas", "en", 33, (("say", "stop sending me this"), ("say", "too many messages"))),
    Past("viber", "Ingrid", "en", 27, (("say", "Is the white tea back in stock?"), ("campaign", "new_arrivals"))),
    Past(
        "wechat",
        "沈凯",
        "zh-Hans",
        21,
        (("say", "转人工"), ("take_over", ""), ("reply", "您好，我是 Mia，请问有什么可以帮您？"), ("hand_back", "")),
    ),
    Past("viber", "林家豪", "zh-Hant", 6, (("say", "退訂"), ("say", "訊息太多了"))),
    Past("wechat", "Emma", "en", 1.2),
    Past("viber", "李想", "zh-Hans", 1.1),
    Past("wechat", "林晓", "zh-Hans", 0.6),
    Past("viber", "Anna", "en", 0.5),
)


def play(acts: Acts, clock: ShiftedClock, settle: Callable[[], None]) -> None:
    """Play every past, the oldest first. `settle` does what the background would: fires clocks, delivers what is queued."""
    for past in sorted(PASTS, key=lambda one: -one.hours_ago):
        clock.shift = timedelta(hours=past.hours_ago)
        settle()
        account = VIBER if past.channel == "viber" else WECHAT
        who = acts.enter(past.channel, account, past.name, past.language)
        for step in (("follow", ""), *past.steps):
            clock.shift -= PACE
            _do(acts, who, *step)
            settle()
    clock.shift = timedelta(0)


def _do(acts: Acts, who: Contact, act: str, words: str) -> None:
    if words:
        getattr(acts, act)(who, int(words) if act == "tap" else words)
    else:
        getattr(acts, act)(who)
