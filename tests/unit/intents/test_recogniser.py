"""What people mean: tables of sentences for every intent and every trap."""

from __future__ import annotations

import pytest

from intents.builtin import builtin_recogniser
from intents.reading import Context, Decision, Intent

ACTS = {
    Intent.OPT_OUT: [
        "STOP",
        "Stop!!!",
        "please unsubscribe me",
        "unsubscribe",
        "could you kindly stop sending me these texts",
        "don't send me any more offers",
        "I do not wish to receive your newsletters any longer",
        "take our number off your mailing list please",
        "no more promos",
        "how can I opt out of your messages",
        "leave me alone",
        "turn off all notifications",
        "We sold the house years ago. Please stop.",
        "退订",
        "退訂",
        "TD",
        "取消订阅",
        "麻烦别再给我推送广告了",
        "以后不要发短信给我",
        "怎么取消订阅？",
        "我不想再收到你们的短信",
        "请把我的号码从名单里删掉",
        "把通知都关了吧",
        "唔好再發訊息畀我",
        "請不要再傳廣告給我",
        "帮我退订一下，谢谢",
    ],
    Intent.OPT_IN: [
        "START",
        "please subscribe me again",
        "put me back on your list",
        "cancel my unsubscription",
        "I unsubscribed by accident",
        "resume the messages please",
        "重新订阅",
        "请帮我恢复推送",
        "撤销刚才的退订",
        "我想继续收到你们的优惠",
        "請恢復接收",
    ],
    Intent.FREQUENCY: [
        "one message a week is plenty",
        "once a month would be better",
        "pause the messages for three weeks",
        "please send fewer messages",
        "no texts at night please",
        "every two weeks is fine",
        "每个月发一次就够了",
        "一周一条可以",
        "先暂停两个月",
        "少发一点吧",
        "晚上不要发",
        "晚上十点以后别发",
        "半个月发一次",
        "每隔三天发一次",
    ],
    Intent.COMPLAINT: [
        "I want to make a complaint",
        "my parcel has not arrived",
        "the kettle I bought stopped working after two days",
        "your courier was extremely rude",
        "give me my money back",
        "I unsubscribed last month and I still get your texts",
        "我要投诉你们的店员",
        "客服态度特别差",
        "买的锅用了两天就坏了",
        "给我一个说法",
        "早就退订了怎么还在发",
    ],
    Intent.ACCOUNT_DELETION: [
        "please close my account",
        "delete my profile for good",
        "注销我的账号",
        "怎么注销会员",
        "把我的账号删了",
    ],
    Intent.HUMAN: [
        "I need to speak with a real person",
        "connect me to an agent",
        "转人工客服",
        "有真人在吗",
        "叫你们经理来",
    ],
    Intent.PRIVACY: [
        "what information do you hold about me",
        "delete all my personal data",
        "你们怎么知道我的电话",
        "把我的个人信息删掉",
    ],
    Intent.HELP: [
        "help",
        "what can you do?",
        "what happens if I unsubscribe?",
        "帮助",
        "退订后还能收到订单短信吗",
        "你能做什么",
    ],
    Intent.STATUS: [
        "is there any news on my complaint",
        "did you get my complaint",
        "我的投诉处理得怎么样了",
        "退订成功了吗",
    ],
}


@pytest.mark.parametrize(("intent", "text"), [(intent, text) for intent, texts in ACTS.items() for text in texts])
def test_a_clear_wish_is_acted_upon_first(intent: Intent, text: str) -> None:
    reading = builtin_recogniser().read(text)
    assert reading.intents, reading.rivals
    assert (reading.intents[0].intent, reading.intents[0].decision) == (intent, Decision.ACT), reading.intents


@pytest.mark.parametrize(
    "text",
    [
        "cancel my order",
        "please cancel the booking for tonight",
        "stop by at six?",
        "where is the bus stop",
        "non-stop flights to Rome",
        "do you have this in size T",
        "end of season sale",
        "don't stop the music",
        "please do not unsubscribe me",
        "what happens if I unsubscribe?",
        "cancel my unsubscribe",
        "I was about to unsubscribe but then came this offer",
        "how do I stop the alarm",
        "取消订单",
        "不要退订",
        "别停",
        "退订金什么时候退",
        "酒店怎么退订",
        "停车场在哪",
        "先别发货",
        "退订会影响积分吗",
        "我不想退订",
        "【快递】您的包裹已到，拒收请回复R",
        '"reply STOP to unsubscribe"... is that real?',
        "本来想退订，后来没退",
    ],
)
def test_what_only_looks_like_an_opt_out_stops_nothing(text: str) -> None:
    assert not builtin_recogniser().read(text).acts(Intent.OPT_OUT)


@pytest.mark.parametrize(
    "text",
    [
        "not sure I still need these",
        "R",
        "T",
        "0000",
        "取消",
        "不需要",
        "天天发，烦死了",
        "one more text and I block you",
    ],
)
def test_an_uncertain_wish_is_asked_about(text: str) -> None:
    found = builtin_recogniser().read(text).find(Intent.OPT_OUT)
    assert found is not None
    assert found.decision is Decision.CONFIRM


@pytest.mark.parametrize(
    "text",
    [
        "what time do you open tomorrow",
        "I love this jacket",
        "do you deliver to Lviv",
        "ok",
        "😂😂",
        "1",
        "今天天气真好",
        "这个多少钱",
        "几点关门",
        "哈哈哈",
        "",
        " ",
    ],
)
def test_small_talk_and_shopping_carry_no_intent(text: str) -> None:
    assert builtin_recogniser().read(text).intents == ()


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("your driver was rude to my mother, and stop texting me", {Intent.COMPLAINT, Intent.OPT_OUT}),
        ("close my account and stop the messages", {Intent.ACCOUNT_DELETION, Intent.OPT_OUT}),
        ("质量太差了，我要投诉，另外别再发短信了", {Intent.COMPLAINT, Intent.OPT_OUT}),
        ("I opted out last week and still get texts", {Intent.COMPLAINT, Intent.OPT_OUT}),
    ],
)
def test_a_message_may_carry_several_wishes(text: str, intents: set[Intent]) -> None:
    assert {one.intent for one in builtin_recogniser().read(text).intents} == intents


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("weekly please", {"choice": "weekly"}),
        ("every 7 days is ok", {"choice": "weekly"}),
        ("每十天发一次", {"choice": "every_n_days", "days": 10}),
        ("pause for two weeks", {"choice": "paused", "days": 14}),
        ("暂停一个半月", {"choice": "paused", "days": 45}),
        ("please pause until friday", {"choice": "paused", "until": "2026-03-06"}),
        ("less often please", {"choice": "less"}),
    ],
)
def test_the_frequency_asked_for_is_told(text: str, slots: dict[str, object]) -> None:
    found = builtin_recogniser().read(text, Context(today="2026-03-02")).find(Intent.FREQUENCY)
    assert found is not None
    assert dict(found.slots) == slots


@pytest.mark.parametrize(
    ("text", "category", "urgency"),
    [
        ("my parcel never arrived", "delivery", "normal"),
        ("the kettle is broken and my hand is burnt, I want to complain", "product", "high"),
        ("I have a suggestion for you", "suggestion", "normal"),
        ("买到过期牛奶", "product", "normal"),
        ("我要表扬你们的店员", "praise", "normal"),
    ],
)
def test_a_complaint_has_category_and_urgency(text: str, category: str, urgency: str) -> None:
    found = builtin_recogniser().read(text).find(Intent.COMPLAINT)
    assert found is not None
    assert (found.slots["category"], found.slots["urgency"]) == (category, urgency)


def test_a_code_acts_where_a_campaign_announced_it() -> None:
    context = Context(announced_codes=frozenset({"T"}))
    assert builtin_recogniser().read("t", context).acts(Intent.OPT_OUT)
    assert not builtin_recogniser().read("n", context).acts(Intent.OPT_OUT)


def test_the_last_of_two_opposite_wishes_stands() -> None:
    assert builtin_recogniser().read("unsubscribe. no wait, subscribe me again").intents[0].intent is Intent.OPT_IN
    assert (
        builtin_recogniser().read("subscribe me again. no, stop sending me texts").intents[0].intent is Intent.OPT_OUT
    )


def test_a_keyword_among_other_clauses_is_no_whole_message() -> None:
    assert not builtin_recogniser().read("The end. What a film, my wife cried.").intents


def test_a_reading_names_phrase_file_and_line() -> None:
    found = builtin_recogniser().read("please stop texting me").intents[0]
    assert found.because[0].file == "en/opt_out.phrases"
    assert found.because[0].line
    assert "matched the phrase" in found.because[0].text


def test_what_held_an_intent_back_is_told() -> None:
    rivals = builtin_recogniser().read("please do not unsubscribe me").rivals
    assert any("opt_out" in rival.text and "held back" in rival.text for rival in rivals)


def test_the_confidence_falls_with_misspellings() -> None:
    right = builtin_recogniser().read("please stop sending me notifications").intents[0]
    wrong = builtin_recogniser().read("please stop sending me notificatoins").intents[0]
    assert right.confidence > wrong.confidence


def test_every_reading_names_its_revision() -> None:
    assert builtin_recogniser().read("hello").revision == builtin_recogniser().revision != ""
