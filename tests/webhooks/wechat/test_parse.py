"""WeChat's callbacks become events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.channel import WindowGrant
from bot.domain.event import (
    ButtonTapped,
    ChannelEvent,
    DeliveryReported,
    DeliveryStatus,
    Departure,
    Followed,
    Ignored,
    LeftPlatform,
    MediaReceived,
    Medium,
    MenuClicked,
    Origin,
    ProfileScanned,
    TopicRefused,
    UtteranceReceived,
)
from handlers.webhooks.document import MalformedError
from handlers.webhooks.wechat.parse import UNSHOWN, parse
from tests.support.channel import NOW
from tests.webhooks.wechat import sample

WROTE, ACTED, ENTERED = WindowGrant(5, 172_800), WindowGrant(3, 60), WindowGrant(2, 60)


def read(body: str) -> ChannelEvent:
    """The one event of a callback."""
    (event,) = parse("acme-wechat", body.encode(), NOW)
    return event


def origin_of(body: str) -> Origin:
    """Who and when of a callback that is not ignored."""
    event = read(body)
    assert not isinstance(event, Ignored)
    return event.origin


def text(content: str, more: str = "") -> str:
    """A text message."""
    return sample.message("text", f"<Content><![CDATA[{content}]]></Content>{more}")


def test_a_text_is_an_utterance_with_its_sender_time_and_window() -> None:
    at = datetime(2012, 9, 28, 11, 31, tzinfo=UTC)
    origin = Origin("acme-wechat", "fromUser", "message:1234567890123456", at, grant=WROTE)
    assert read(sample.TEXT) == UtteranceReceived(origin, "this is a test")


def test_recognised_speech_is_an_utterance() -> None:
    event = read(sample.VOICE)
    assert isinstance(event, UtteranceReceived)
    assert (event.text, event.medium, event.origin.grant) == ("腾讯微信团队", Medium.VOICE, WROTE)


@pytest.mark.parametrize(
    ("body", "medium"),
    [
        (sample.IMAGE, Medium.PICTURE),
        (sample.MUTE_VOICE, Medium.VOICE),
        (sample.VOICE.replace("腾讯微信团队", " "), Medium.VOICE),
        (sample.VIDEO, Medium.VIDEO),
        (sample.SHORT_VIDEO, Medium.VIDEO),
        (sample.LOCATION, Medium.LOCATION),
        (sample.LINK, Medium.LINK),
        (sample.message("file", "<Title>f.pdf</Title>"), Medium.FILE),
        (sample.message("miniprogrampage", "<Title>page</Title>"), Medium.LINK),
        (sample.message("hologram", ""), Medium.OTHER),
        *[(text(words), Medium.STICKER) for words in UNSHOWN],
    ],
)
def test_every_other_message_is_a_medium_without_words(body: str, medium: Medium) -> None:
    event = read(body)
    assert isinstance(event, MediaReceived)
    assert (event.medium, event.caption, event.origin.grant) == (medium, "", WROTE)


def test_a_tapped_option_is_a_button_and_opens_the_small_window_only() -> None:
    event = read(text("每周一次", "<bizmsgmenuid>opt_out.weekly.12</bizmsgmenuid>"))
    assert isinstance(event, ButtonTapped)
    assert (event.option, event.label, event.origin.grant) == ("opt_out.weekly.12", "每周一次", ACTED)


@pytest.mark.parametrize("menu_id", ["101", "weekly", "Opt_Out.weekly.1", "opt_out.weekly.1x", "退订.a.1", "a.b.１"])
def test_a_tap_on_somebody_elses_menu_is_words_in_the_small_window(menu_id: str) -> None:
    event = read(text("满意", f"<bizmsgmenuid>{menu_id}</bizmsgmenuid>"))
    assert isinstance(event, UtteranceReceived)
    assert (event.text, event.origin.grant) == ("满意", ACTED)


@pytest.mark.parametrize(("body", "scene"), [(sample.SUBSCRIBE, ""), (sample.SUBSCRIBE_BY_CODE, "123123")])
def test_a_follower_comes_with_the_scene(body: str, scene: str) -> None:
    event = read(body)
    assert isinstance(event, Followed)
    assert (event.scene, event.origin.user_id, event.origin.grant) == (scene, "FromUser", ACTED)


def test_unfollowing_asks_for_erasure() -> None:
    event = read(sample.UNSUBSCRIBE)
    assert isinstance(event, LeftPlatform)
    assert (event.how, event.must_erase, event.origin.grant) == (Departure.UNFOLLOWED, True, None)


def test_a_revoked_authorisation_concerns_the_open_id_in_the_body() -> None:
    event = read(sample.REVOKED)
    assert isinstance(event, LeftPlatform)
    assert event.origin.user_id == "owAqB1nqaOYYWl0Ng484G2z5NIwU"
    assert (event.how, event.must_erase) == (Departure.AUTHORIZATION_REVOKED, True)


@pytest.mark.parametrize("name", ["CLICK", "scancode_push", "scancode_waitmsg"])
def test_a_click_in_the_menu_opens_the_small_window(name: str) -> None:
    event = read(sample.CLICK.replace("CLICK", name))
    assert isinstance(event, MenuClicked)
    assert (event.menu_key, event.origin.grant) == ("EVENTKEY", ACTED)


@pytest.mark.parametrize(("body", "grant"), [(sample.SCAN, ACTED), (sample.ENTERED, ENTERED)])
def test_scanning_and_entering_open_a_window_and_ask_nothing(body: str, grant: WindowGrant) -> None:
    event = read(body)
    assert isinstance(event, ProfileScanned)
    assert event.origin.grant == grant


@pytest.mark.parametrize(
    ("body", "token", "status", "detail"),
    [
        (sample.TEMPLATE_SENT, "200163836", DeliveryStatus.DELIVERED, "success"),
        (sample.TEMPLATE_BLOCKED, "200163836", DeliveryStatus.FAILED, "failed:user block"),
        (sample.SENT, "1700827132819554304", DeliveryStatus.DELIVERED, "success"),
        (
            sample.SENT.replace("<ErrorCode>0<", "<ErrorCode>43101<").replace("success", "refused"),
            "1700827132819554304",
            DeliveryStatus.FAILED,
            "refused",
        ),
    ],
)
def test_reports_name_the_message(body: str, token: str, status: DeliveryStatus, detail: str) -> None:
    event = read(body)
    assert isinstance(event, DeliveryReported)
    assert (event.message_token, event.status, event.detail) == (token, status, detail)


def test_a_report_of_several_messages_is_several_events() -> None:
    entry = sample.SENT[sample.SENT.index("<List>") : sample.SENT.index("</SubscribeMsgSentEvent>")]
    two = sample.SENT.replace(entry, entry + entry.replace("1700827132819554304", "17"))
    events = parse("acme-wechat", two.encode(), NOW)
    keys = [event.origin.key for event in events if isinstance(event, DeliveryReported)]
    assert keys == ["subscribe_msg_sent_event:1700827132819554304", "subscribe_msg_sent_event:17"]


@pytest.mark.parametrize(
    ("body", "templates"),
    [
        (sample.POPUP, ("9nLI",)),
        (sample.CHANGE, ("VRR0",)),
        (sample.CHANGE_IN_THE_OTHER_WRAPPER, ("VRR0",)),
        (sample.JSON_CHANGE, ("BEwX0BOT",)),
        (sample.JSON_CHANGES, ("BEwX0BOT", "Other")),
    ],
)
def test_refused_templates_are_named_in_every_wrapper(body: str, templates: tuple[str, ...]) -> None:
    event = read(body)
    assert isinstance(event, TopicRefused)
    assert event.template_ids == templates


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (sample.POSITION, "position"),
        (sample.VIEW, "opened a page"),
        (sample.MASS_SENT, "mass sending"),
        (sample.KF_CREATE, "own agents"),
        (sample.KF_CLOSE, "own agents"),
        (sample.KF_SWITCH, "own agents"),
        (sample.POPUP.replace("reject", "accept"), "none was refused"),
        (sample.SENT.replace("List>", "Lost>"), "names no message"),
        (sample.event("later_invention"), "no event that we know"),
        (sample.event(""), "no event that we know"),
        (text(""), "without words"),
        (text(" \n "), "without words"),
        (sample.TEXT.replace("fromUser", ""), "without its sender"),
        (sample.SUBSCRIBE.replace("FromUser]", "]"), "without its sender"),
        (sample.REVOKED.replace("owAqB1nqaOYYWl0Ng484G2z5NIwU", ""), "without its sender"),
        ("<xml><InfoType>component_verify_ticket</InfoType></xml>", "component_verify_ticket"),
        ("<xml><Encrypt>AAAA</Encrypt></xml>", "no MsgType"),
        ("<xml><MsgType>text</MsgType><MsgType>event</MsgType></xml>", "no MsgType"),
        ("<xml><MsgType><b>text</b></MsgType></xml>", "no MsgType"),
        (sample.TEXT.replace("</Content>", "</Content><Content>STOP</Content>"), "without words"),
        ("{}", "no MsgType"),
    ],
)
def test_the_rest_is_ignored_with_a_reason(body: str, reason: str) -> None:
    event = read(body)
    assert isinstance(event, Ignored)
    assert reason in event.reason


@pytest.mark.parametrize("name", ["SUBSCRIBE", "Subscribe", "subscribe"])
def test_the_case_of_event_names_does_not_matter(name: str) -> None:
    assert isinstance(read(sample.SUBSCRIBE.replace("[subscribe]", f"[{name}]")), Followed)


def test_events_are_told_apart_by_sender_second_name_and_key() -> None:
    bodies = [
        sample.SCAN,
        sample.SCAN.replace("FromUser]", "Another]"),
        sample.SCAN.replace("123456789<", "123456790<"),
        sample.SCAN.replace("SCAN", "CLICK"),
        sample.SCAN.replace("123123", "456"),
    ]
    keys = [origin_of(body).key for body in bodies]
    assert len(set(keys)) == 5
    assert keys[0] == origin_of(sample.SCAN).key
    assert not [key for key in keys if "FromUser" in key or "Another" in key]


def test_a_missing_message_id_still_gives_the_same_key_each_time() -> None:
    bare = sample.TEXT.replace("<MsgId>1234567890123456</MsgId>", "")
    assert origin_of(bare).key == origin_of(bare).key != origin_of(bare.replace("test", "rest")).key


def test_numbers_beyond_53_bits_stay_exact() -> None:
    assert origin_of(sample.JSON_TEXT).key == "message:9007199254740993"


@pytest.mark.parametrize("stamp", ["", "soon", "-1", "99999999999999999999", "１３４８８３１８６０", "13488318600000"])
def test_an_absurd_time_is_the_time_of_receipt(stamp: str) -> None:
    assert origin_of(sample.TEXT.replace("1348831860", stamp)).at == NOW


def test_a_time_more_than_five_minutes_ahead_is_the_time_of_receipt() -> None:
    late = str(int((NOW + timedelta(minutes=6)).timestamp()))
    assert origin_of(sample.TEXT.replace("1348831860", late)).at == NOW


def test_words_are_kept_as_written_and_cut_at_seven_thousand_characters() -> None:
    event = read(text("  退订\n" + "x" * 8000))
    assert isinstance(event, UtteranceReceived)
    assert event.text.startswith("  退订\n")
    assert len(event.text) == 7000


def test_a_mini_programs_json_reads_like_xml() -> None:
    event = read(sample.JSON_TEXT)
    assert isinstance(event, UtteranceReceived)
    assert (event.text, event.origin.user_id) == ("退订", "o7esq5OI1Uej6Xixw1lA2H7XDVbc")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "退订",
        "<xml>",
        "<xml/>",
        "<xml>words</xml>",
        "<html><MsgType>text</MsgType></html>",
        '<!DOCTYPE xml [<!ENTITY a "b">]><xml><MsgType>&a;</MsgType></xml>',
        '<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x"><xml><MsgType>text</MsgType></xml>',
        "<xml>&a;</xml>",
        "<xml><Content>\x00</Content></xml>",
        "<xml><Content>&#0;</Content></xml>",
        "<xml><Content>&#xD800;</Content></xml>",
        "<xml>" + "<a>" * 16 + "</a>" * 16 + "</xml>",
        '{"MsgType":"text","MsgType":"event"}',
    ],
)
def test_what_cannot_be_read_in_one_way_is_malformed(body: str) -> None:
    with pytest.raises(MalformedError):
        parse("acme-wechat", body.encode(), NOW)
