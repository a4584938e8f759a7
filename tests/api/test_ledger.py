"""The ledger as a feed."""

from __future__ import annotations

from datetime import datetime

from tests.api.caller import NOON, Caller


def test_events_come_in_order_with_moments_in_utc(api: Caller) -> None:
    api.opt_in("ann")
    api.stop("ann")
    page = api.call("GET", "/ledger").get_json()
    assert [(one["seq"], one["kind"], one["source"]) for one in page["events"]] == [
        (1, "opted_in", "api"),
        (2, "opted_out", "message"),
    ]
    assert datetime.fromisoformat(page["events"][0]["recorded_at"]) == NOON
    assert page["events"][0]["recorded_at"].endswith("+00:00")
    assert (page["next"], page["more"]) == (2, False)


def test_the_feed_goes_on_where_it_was_left(api: Caller) -> None:
    for contact in ("ann", "bob", "cyd"):
        api.stop(contact)
    first = api.call("GET", "/ledger?limit=2").get_json()
    assert ([one["seq"] for one in first["events"]], first["next"], first["more"]) == ([1, 2], 2, True)
    rest = api.call("GET", f"/ledger?after={first['next']}&limit=2").get_json()
    assert ([one["seq"] for one in rest["events"]], rest["next"], rest["more"]) == ([3], 3, False)
    assert api.call("GET", "/ledger?limit=3").get_json()["more"] is False
    end = api.call("GET", f"/ledger?after={rest['next']}").get_json()
    assert end == {"events": [], "next": 3, "more": False}


def test_a_token_of_one_account_reads_the_events_of_that_account_only(api: Caller) -> None:
    api.stop("ann")
    api.stop("bob", account="other")
    api.stop("cyd")
    bound = api.make_token("export", account="other")
    page = api.call("GET", "/ledger", token=bound).get_json()
    assert [one["account"] for one in page["events"]] == ["other"]
    assert page["next"] == 3


def test_events_of_others_do_not_stop_the_feed(api: Caller) -> None:
    for contact in ("ann", "cyd"):
        api.stop(contact)
    api.stop("bob", account="other")
    bound, after, seen = api.make_token("export", account="other"), 0, []
    while True:
        page = api.call("GET", f"/ledger?after={after}&limit=1", token=bound).get_json()
        seen += [one["seq"] for one in page["events"]]
        after = page["next"]
        if not page["more"]:
            break
    assert seen == [3]


def test_an_event_names_nobody_but_matches_the_preferences(api: Caller) -> None:
    api.opt_in("ann-of-acme")
    text = api.call("GET", "/ledger").get_data(as_text=True)
    assert "ann-of-acme" not in text
    assert "form 7" not in text
    assert api.show("ann-of-acme").get_json()["pseudonym"] in text
