"""The demo in a real browser: from STOP to "weekly is fine" on both channels and in both languages, and who may drive it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from handlers.server import PortBusyError
from handlers.simulator.demo import Demo, FolderUsedError
from handlers.simulator.page import CSP, HEADER

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

HOUSE = Path(__file__).parents[2]
STATIC = HOUSE / "handlers" / "simulator" / "static"
PATIENCE = 15_000  # milliseconds

OpenPage = Callable[..., "Page"]


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with Demo("127.0.0.1", 0) as running:
        thread = threading.Thread(target=running.serve, name="demo under test")
        thread.start()
        yield running
        running.stop()
        thread.join()


@pytest.fixture
def open_page(chromium_browser: Browser, demo: Demo) -> Iterator[OpenPage]:
    """Opens the demo's page; at the end, a script error, a refused resource or a breach of the CSP fails the test."""
    problems: list[str] = []
    contexts = []

    def open_one(locale: str, width: int = 1440, height: int = 900) -> Page:
        context = chromium_browser.new_context(locale=locale, viewport={"width": width, "height": height})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(f"error: {error}"))
        page.on("console", lambda line: problems.append(line.text) if line.type in ("error", "warning") else None)
        page.on(
            "response",
            lambda answer: problems.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None,
        )
        page.goto(demo.url)
        page.locator(".bubble:visible").first.wait_for()
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert problems == []


def lane(page: Page, channel: str) -> Locator:
    """One phone and what stands behind it."""
    return page.locator(f'.lane[data-channel="{channel}"]')


def enter(page: Page, channel: str) -> Locator:
    """A new contact, who has followed the account and been greeted."""
    side = lane(page, channel)
    before = side.locator(".phone").get_attribute("data-contact")
    side.locator(".fresh").click()
    side.locator(f'.phone:not([data-contact="{before}"])').wait_for()
    side.locator(".note.followed").wait_for()
    side.locator(".bubble.theirs").first.wait_for()
    return side


def say(side: Locator, words: str) -> None:
    """Write a message and wait until it stands on the phone."""
    count = side.locator(".bubble.mine").count()
    side.locator(".composer textarea").fill(words)
    side.locator(".composer textarea").press("Enter")
    side.locator(".bubble.mine").nth(count).wait_for()
    assert words in side.locator(".bubble.mine").nth(count).inner_text()


def answer_to(side: Locator, words: str) -> str:
    """Write a message and wait for one answer."""
    count = side.locator(".bubble.theirs").count()
    say(side, words)
    reply = side.locator(".bubble.theirs").nth(count)
    reply.wait_for()
    return reply.inner_text()


def gate(side: Locator, topic: str, state: str) -> str:
    """Wait until the gate's answer is `allowed` or `denied`; returns its words."""
    row = side.locator(f'.gates li[data-topic="{topic}"].{state}')
    row.wait_for()
    return row.inner_text()


ENGLISH = ("en-GB", "STOP", "weekly is fine", "unsubscribed", "week", "at most weekly", "opted out")
CHINESE = ("zh-CN", "退订", "每周一次就行", "退订", "每周", "每周最多一条", "已退订")


@pytest.mark.browser
@pytest.mark.parametrize("channel", ["viber", "wechat"])
@pytest.mark.parametrize("tongue", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_stop_and_then_weekly_is_fine(open_page: OpenPage, channel: str, tongue: tuple[str, ...]) -> None:
    locale, stop, less, confirmed, done, capped, out = tongue
    side = enter(open_page(locale), channel)
    gate(side, "marketing", "allowed")
    assert confirmed in answer_to(side, stop)
    side.locator('.ledger tr[data-kind="opted_out"]').wait_for()
    assert out in gate(side, "marketing", "denied")
    assert side.locator(".gates li.denied").count() == 3
    assert done in answer_to(side, less)
    side.locator('.ledger tr[data-kind="frequency_set"]').wait_for()
    assert side.locator('.ledger tr[data-kind="opted_in"]').count() == 1
    assert capped in gate(side, "marketing", "allowed")
    assert less in side.locator(".reading .line").first.inner_text()


@pytest.mark.browser
@pytest.mark.parametrize("channel", ["viber", "wechat"])
def test_a_campaign_passes_the_gate_once_a_week(open_page: OpenPage, channel: str) -> None:
    side = enter(open_page("en-GB"), channel)
    answer_to(side, "STOP")
    side.locator('.gates li[data-topic="events"].denied button').click()
    side.locator(".note.campaign_stopped").wait_for()
    answer_to(side, "weekly is fine")
    gate(side, "events", "allowed")
    side.locator('.gates li[data-topic="events"] button').click()
    side.locator(".bubble.theirs", has_text="Tasting evening").wait_for()
    assert "too soon" in gate(side, "events", "denied")
    side.locator('.gates li[data-topic="marketing"].denied button').click()
    side.locator(".note.campaign_stopped").nth(1).wait_for()
    assert side.locator(".bubble.theirs", has_text="Autumn offer").count() == 0


@pytest.mark.browser
@pytest.mark.parametrize(("channel", "button"), [("viber", ".keyboard button"), ("wechat", "button.link:enabled")])
def test_an_option_is_tapped_instead_of_written(open_page: OpenPage, channel: str, button: str) -> None:
    side = enter(open_page("zh-CN"), channel)
    answer_to(side, "退订")
    side.locator(button, has_text="每月最多一条").click()
    side.locator('.ledger tr[data-kind="frequency_set"]').wait_for()
    assert "每月最多一条" in gate(side, "marketing", "allowed")


@pytest.mark.browser
def test_a_redelivered_wechat_message_gets_the_same_reply_and_nothing_else(open_page: OpenPage) -> None:
    side = enter(open_page("en-GB"), "wechat")
    reply = answer_to(side, "STOP")
    side.locator('.ledger tr[data-kind="opted_out"]').wait_for()
    events = side.locator(".ledger tbody tr").count()
    side.locator('[data-act="redeliver"]').click()
    again = side.locator(".bubble.theirs", has=side.page.locator(".again"))
    again.wait_for()
    assert again.locator("p").inner_text() == reply.rsplit("\n", 1)[0].rstrip()
    assert side.locator(".ledger tbody tr").count() == events


@pytest.mark.browser
def test_a_voice_message_is_read_as_words(open_page: OpenPage) -> None:
    side = enter(open_page("zh-CN"), "wechat")
    side.locator('[data-act="speak"]').click()
    side.locator(".bubble.mine .medium.voice").wait_for()
    gate(side, "marketing", "denied")


@pytest.mark.browser
@pytest.mark.parametrize("channel", ["viber", "wechat"])
def test_an_agent_takes_the_chat_and_stop_still_works(open_page: OpenPage, channel: str) -> None:
    side = enter(open_page("en-GB"), channel)
    answer_to(side, "talk to a person")
    side.locator(".flag").wait_for()
    side.locator(".agent .main").click()
    side.locator(".holder.agent").wait_for()
    side.locator(".note.agent_took").wait_for()
    side.locator(".reply input").fill("Hello, this is Mia.")
    side.locator(".reply .main").click()
    side.locator(".bubble.theirs", has_text="Hello, this is Mia.").wait_for()
    count = side.locator(".bubble.theirs").count()
    say(side, "<b>my parcel</b> is late")
    side.locator(".reading .line", has_text="<b>my parcel</b> is late").first.wait_for()
    assert side.locator(".bubble.theirs").count() == count
    say(side, "STOP")
    gate(side, "marketing", "denied")
    side.locator(".agent .small").click()
    side.locator(".holder.bot").wait_for()


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_a_phone_is_wide_enough(open_page: OpenPage, locale: str) -> None:
    page = open_page(locale, 390, 844)
    for channel in ("viber", "wechat"):
        page.locator(f'.where [data-channel="{channel}"]').click()
        for part in ("panel", "phone"):
            page.locator(f'.where [data-side="{part}"]').click()
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
        box = lane(page, channel).locator(".composer textarea").bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 844
        assert box["x"] + box["width"] <= 390


@pytest.mark.browser
def test_the_page_changes_its_language_and_keeps_it(open_page: OpenPage) -> None:
    page = open_page("en-GB")
    assert page.locator("html").get_attribute("lang") == "en"
    page.locator('[data-language="zh"]').click()
    assert page.locator(".card.gate h2").first.inner_text() == "现在能发吗？"
    page.reload()
    page.locator(".bubble:visible").first.wait_for()
    assert page.locator("html").get_attribute("lang") == "zh-Hans"


@pytest.mark.browser
def test_what_a_visitor_was_at_survives_news(open_page: OpenPage) -> None:
    side = enter(open_page("en-GB"), "viber")
    answer_to(side, "STOP")
    gate(side, "marketing", "denied")
    side.locator(".wire summary").first.click()
    button = side.locator('.gates li[data-topic="events"] button')
    button.focus()
    side.locator(".chip", has_text="weekly is fine").dispatch_event("click")
    gate(side, "events", "allowed")
    side.locator(".wire pre", has_text="weekly is fine").wait_for()
    assert button.evaluate("it => it === document.activeElement")


def token_of(demo: Demo) -> str:
    """This run's token, as the page carries it."""
    found = re.search(r'name="demo-token" content="([^"]+)"', requests.get(f"{demo.url}/demo", timeout=5).text)
    assert found
    return found[1]


def act(demo: Demo, body: object, **headers: str) -> requests.Response:
    """Post an act as the page would, with some headers changed."""
    own = {
        HEADER: token_of(demo),
        "Origin": demo.url,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return requests.post(f"{demo.url}/demo/act", json=body, headers=own, timeout=5)


def test_the_front_door_leads_to_the_page(demo: Demo) -> None:
    answer = requests.get(demo.url, timeout=5)
    assert answer.url == f"{demo.url}/demo"
    assert answer.headers["Content-Security-Policy"] == CSP


def test_another_page_cannot_drive_the_demo(demo: Demo) -> None:
    contact = demo.feeds.contacts("lumen-viber")[0]
    body = {"channel": "viber", "contact": contact.user_id, "act": "say", "value": "STOP"}
    before = len(demo.feeds.items(contact))
    assert act(demo, body, Origin="http://elsewhere.example").status_code == 403
    assert act(demo, body, X_Demo_Token="guessed").status_code == 403
    assert act(demo, body, Host="elsewhere.example").status_code == 403
    assert requests.get(f"{demo.url}/demo/state", timeout=5).status_code == 403
    assert len(demo.feeds.items(contact)) == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 400),
        ({}, 404),
        ({"channel": "viber", "contact": "nobody", "act": "say", "value": "x"}, 404),
        ({"channel": "viber", "act": "dance"}, 400),
        ({"channel": "viber", "act": "say"}, 400),
        ({"channel": "viber", "act": "say", "value": {"text": "x"}}, 400),
        ({"channel": "viber", "act": "campaign", "value": "no such topic"}, 400),
    ],
)
def test_an_act_that_makes_no_sense_is_refused(demo: Demo, body: object, status: int) -> None:
    if isinstance(body, dict) and body and "contact" not in body:
        body = {**body, "contact": demo.feeds.contacts("lumen-viber")[0].user_id}
    assert act(demo, body).status_code == status


def test_the_sample_history_holds_together(demo: Demo) -> None:
    people = [*demo.feeds.contacts("lumen-viber"), *demo.feeds.contacts("lumen-wechat")]
    notes = [item.words for one in people for item in demo.feeds.items(one) if item.kind == "note"]
    assert len(people) >= 12
    assert "problem" not in notes
    assert "old_option" not in notes


def test_a_busy_port_is_said_in_one_sentence(demo: Demo) -> None:
    port = int(demo.url.rsplit(":", 1)[1])
    with pytest.raises(PortBusyError, match="in use"), Demo("127.0.0.1", port):
        pass


def test_a_folder_with_data_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "quietline.sqlite3").write_bytes(b"precious")
    with pytest.raises(FolderUsedError, match="choose an empty folder"), Demo("127.0.0.1", 0, tmp_path):
        pass
    assert (tmp_path / "quietline.sqlite3").read_bytes() == b"precious"


def test_a_signal_ends_the_demo_and_nothing_is_left(tmp_path: Path) -> None:
    code = (
        "from handlers.simulator import demo; demo.run('127.0.0.1', 0, None, say=lambda line: print(line, flush=True))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=HOUSE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    address = next(line for line in process.stdout if "http" in line).split()[-1]
    assert requests.get(address, timeout=5).status_code == 200
    process.send_signal(signal.SIGTERM)
    said, complained = process.communicate(timeout=30)
    assert (process.returncode, complained) == (0, "")
    assert "nothing is left behind" in said
    assert [path for path in tmp_path.iterdir() if "quietline" in path.name] == []
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(re.search(r":(\d+)/", address)[1])))  # type: ignore[index]


def keys_of(language: str) -> list[str]:
    """The keys of one language in the page's words."""
    found = re.search(
        rf"const {language} = \{{(.*?)\n\}};", (STATIC / "words.js").read_text(encoding="utf-8"), re.DOTALL
    )
    assert found
    return re.findall(r"^  (\w+):", found[1], re.MULTILINE)


def test_the_page_says_everything_in_both_languages() -> None:
    assert keys_of("en") == keys_of("zh")
    assert len(keys_of("en")) == len(set(keys_of("en"))) > 100


def test_the_page_says_nothing_that_it_has_no_words_for() -> None:
    sources = [*STATIC.glob("*.js"), HOUSE / "handlers" / "simulator" / "templates" / "demo.html"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    used = set(re.findall(r'\bt\("(\w+)"', text)) | set(re.findall(r'data-(?:t|label)="(\w+)"', text))
    assert used - set(keys_of("en")) == set()
    assert "innerHTML" not in text
    assert " style=" not in text
