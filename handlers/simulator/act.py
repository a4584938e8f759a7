"""What can be done in the demo: contacts act on their phones, agents take chats, a campaign asks to send."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.domain.message import Message, Purpose
from handlers.deps import House
from handlers.services import audience, desk
from handlers.simulator.brand import CAMPAIGNS
from handlers.simulator.feed import Contact, Feeds, Manner, invent_id
from handlers.simulator.platform import Platform, ViberPlatform, WeChatPlatform
from handlers.simulator.platform.callback import Sent
from storage import chat, contact, outbox, subject
from storage.moment import to_ms
from storage.store import Tx

AGENT = "Mia"
LIVES = 48 * 3_600_000  # milliseconds until an undelivered message is given up

Gate = Callable[[Contact, str], dict[str, object]]
"""Asks the gate about one contact and topic; the answer in the form of the audience check."""


Side = ViberPlatform | WeChatPlatform


class Acts:
    """Everything that a visitor of the demo can bring about. Call from one thread."""

    def __init__(self, house: House, platform: Platform, feeds: Feeds) -> None:
        self._house, self._platform, self._feeds = house, platform, feeds
        self._last: dict[tuple[str, str], Sent] = {}
        self._second: dict[tuple[str, str], int] = {}
        self.gate: Gate = self._ask

    def enter(self, channel: str, account: str, name: str, language: str) -> Contact:
        """A new contact with a phone of its own, who has done nothing yet."""
        person = self._feeds.add(Contact(channel, account, invent_id(channel), name, language))
        if channel == "viber":
            subscriber = self._platform.viber.bots[account].subscriber(person.user_id)
            subscriber.name, subscriber.language = name, language
        return person

    def say(self, who: Contact, text: str) -> None:
        """The contact writes."""
        self._take_time(who)
        self._sent(who, self._side(who).contact_says(who.account, who.user_id, text))

    def tap(self, who: Contact, value: str | int) -> None:
        """The contact taps a button or link of the newest question, by its value or its place from 1."""
        self._take_time(who)
        try:
            sent = self._side(who).contact_taps(who.account, who.user_id, value)
        except LookupError:
            self._note(who, "old_option")
            return
        self._sent(who, sent)

    def sticker(self, who: Contact) -> None:
        """The contact sends a sticker; WeChat hands on only that there was one."""
        with self._feeds.speaking(Manner("sticker")):
            if who.channel == "viber":
                sent = self._platform.viber.contact_sends(who.account, who.user_id, "sticker", sticker_id=46105)
            else:
                unshown = "【收到不支持的消息类型，暂无法显示】"
                sent = self._platform.wechat.contact_says(who.account, who.user_id, unshown)
        self._sent(who, sent)

    def picture(self, who: Contact) -> None:
        """The contact sends a picture."""
        with self._feeds.speaking(Manner("picture")):
            if who.channel == "viber":
                address = "https://example.com/tin.jpg"
                sent = self._platform.viber.contact_sends(who.account, who.user_id, "picture", media=address)
            else:
                facts = {"PicUrl": "https://example.com/tin.jpg", "MediaId": "demo-picture"}
                sent = self._platform.wechat.contact_sends(who.account, who.user_id, "image", **facts)
        self._sent(who, sent)

    def speak(self, who: Contact, words: str) -> None:
        """The contact sends a voice message that WeChat has recognised; Viber recognises none, there it is written."""
        if who.channel != "wechat":
            self.say(who, words)
            return
        self._take_time(who)
        facts = {"MediaId": "demo-voice", "Format": "amr", "Recognition": words}
        with self._feeds.speaking(Manner("voice", heard=words)):
            sent = self._platform.wechat.contact_sends(who.account, who.user_id, "voice", **facts)
        self._sent(who, sent)

    def open_chat(self, who: Contact) -> None:
        """The contact opens the chat for the first time: a welcome on Viber, nothing on WeChat."""
        if who.channel == "viber":
            self._sent(who, self._platform.viber.conversation_started(who.account, who.user_id))

    def follow(self, who: Contact) -> None:
        """The contact follows the account, or subscribes to it."""
        self._take_time(who)
        self._note(who, "followed")
        self._sent(who, self._side(who).follow(who.account, who.user_id))

    def leave(self, who: Contact) -> None:
        """The contact unfollows, or switches the messages off."""
        self._take_time(who)
        self._note(who, "left")
        self._sent(who, self._side(who).unfollow(who.account, who.user_id))

    def redeliver(self, who: Contact) -> None:
        """The platform delivers its last callback once more."""
        last = self._last.get(who.key)
        if last is None:
            self._note(who, "nothing_to_redeliver")
            return
        self._note(who, "redelivered")
        with self._feeds.speaking(Manner(is_again=True)):
            self._sent(who, self._side(who).redeliver(last))

    def last(self, who: Contact) -> Sent | None:
        """The contact's last callback."""
        return self._last.get(who.key)

    def _take_time(self, who: Contact) -> None:
        """WeChat's times have whole seconds, and at a tie the stop wins. A person takes longer than that; a quick click does not."""
        now = self._house.clock()
        if who.channel == "wechat" and self._second.get(who.key) == int(now.timestamp()):
            time.sleep(1 - now.microsecond / 1_000_000)
            now = self._house.clock()
        self._second[who.key] = int(now.timestamp())

    def _side(self, who: Contact) -> Side:
        return self._platform.viber if who.channel == "viber" else self._platform.wechat

    def _sent(self, who: Contact, sent: Sent) -> None:
        self._last[who.key] = sent
        if sent.problem:
            self._note(who, "problem", problem=sent.problem)

    def _note(self, who: Contact, words: str, **facts: object) -> None:
        self._feeds.note(who, self._house.clock(), words, **facts)

    def take_over(self, who: Contact) -> None:
        """The agent takes the chat: the bot is silent until it is handed back."""
        self._note(who, "agent_took")
        self._at_desk(who, lambda pid: desk.take_over(self._house, pid, AGENT))

    def hand_back(self, who: Contact) -> None:
        """The agent gives the chat back to the bot."""
        self._note(who, "agent_gave_back")
        self._at_desk(who, lambda pid: desk.hand_back(self._house, pid, AGENT))

    def reply(self, who: Contact, text: str) -> None:
        """The agent writes; it goes out through the outbox and its gate as a service message."""
        self._at_desk(who, lambda pid: desk.reply(self._house, pid, AGENT, text))

    def _at_desk(self, who: Contact, work: Callable[[str], object]) -> None:
        try:
            work(self._house.pid(self._house.account(who.account), who.user_id))
        except (desk.ChatUnknownError, desk.ChatHeldError):
            self._note(who, "nobody_there")

    def campaign(self, who: Contact, topic: str) -> None:
        """A campaign asks the gate and, if it may, sends."""
        answer = self.gate(who, topic)
        denied = answer["denied"]
        if isinstance(denied, list) and denied:
            first = denied[0]
            self._note(who, "campaign_stopped", topic=topic, reason=first["reason"], until=first["until"])
            return
        self._note(who, "campaign_sent", topic=topic)
        text = CAMPAIGNS[topic][who.language]
        self._send(who, "campaign", topic, text, Purpose.MARKETING)

    def _ask(self, who: Contact, topic: str) -> dict[str, object]:
        return audience.ask(self._house, audience.Question(self._house.account(who.account), topic, (who.user_id,)))

    def _send(self, who: Contact, author: str, topic: str, text: str, purpose: Purpose) -> None:
        if not self._house.store.write(lambda tx: self._queue(tx, who, author, topic, text, purpose)):
            self._note(who, "nobody_there")

    def _queue(self, tx: Tx, who: Contact, author: str, topic: str, text: str, purpose: Purpose) -> bool:
        account, now = self._house.account(who.account), to_ms(self._house.clock())
        locked = subject.find_locked(tx, self._house.pid(account, who.user_id))
        if locked is None or contact.load(tx, locked.pid, locked.sealer) is None:
            return False
        message = Message(text, who.language, purpose=purpose)
        row_id = outbox.put(tx, locked, message, topic, (now, now, now + LIVES))
        chat.add(tx, locked, chat.Line(now, author, text, status="queued"), row_id)
        tx.after_commit.append(self._house.wake)
        return True
