"""Delivery to a local receiver with failures injected; every message through Slack's own validation and ours."""

import copy
import json
import socket
from dataclasses import replace

import numpy as np
import pytest
from receiver import receiving

from data import watch_records
from data.watch_records import Sighting
from data.workspace import Workspace
from delivery.channel import DeliveryFailed, DeliveryRefused, DeliveryUnknown, Message, deliver
from delivery.configured import SLACK_ADDRESS, WEBHOOK_ADDRESS, WEBHOOK_TOKEN, channels
from delivery.slack import SlackChannel, block_problem
from delivery.webhook import WebhookChannel
from exports.slack import TEST_MARK, digest_blocks, incident_blocks, incident_text
from model.alert_rules import RULES, WatchSettings
from model.causes import Cause
from model.daily_costs import daily_costs_of
from model.digest import digest, open_incidents, sample
from pages.parts import watch_delivery, watch_session

HELLO = Message("k1", "hello", [{"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}], {"version": 1})
SETTINGS = WatchSettings(budget_nanos=10**13)


@pytest.fixture
def receiver():
    with receiving() as found:
        yield found


@pytest.fixture(params=["Slack", "Webhook"])
def channel(request, receiver):
    return SlackChannel(receiver.url) if request.param == "Slack" else WebhookChannel(receiver.url, "t0ken")


def test_one_post_and_it_is_there(receiver, channel):
    assert deliver(channel, HELLO) == 1
    ((_, headers, body),) = receiver.requests
    if channel.name == "Slack":
        assert (body["text"], body["blocks"]) == ("hello", list(HELLO.blocks))
    else:
        assert body == {"version": 1}
        assert (headers["Authorization"], headers["Idempotency-Key"]) == ("Bearer t0ken", "k1")


def test_what_was_not_taken_is_tried_again_with_growing_waits(receiver, channel):
    receiver.answers = [500, 503, (429, {"Retry-After": "7"}), 200]
    waits = []
    assert deliver(channel, HELLO, waits.append) == 4
    assert waits == [1.0, 2.0, 7.0]
    assert len(receiver.requests) == 4


def test_it_gives_up_and_says_so_without_the_address(receiver, channel):
    receiver.answers = [500] * 9
    with pytest.raises(DeliveryFailed, match="HTTP 500") as failed:
        deliver(channel, HELLO, lambda _: None)
    assert receiver.url not in str(failed.value)
    assert len(receiver.requests) == 4


def test_a_refusal_is_not_tried_again(receiver, channel):
    receiver.answers = [404]
    with pytest.raises(DeliveryFailed, match="HTTP 404"):
        deliver(channel, HELLO, lambda _: None)
    assert len(receiver.requests) == 1


def test_a_lost_answer_is_not_sent_again(receiver, channel):
    receiver.answers = ["hang up"]
    with pytest.raises(DeliveryUnknown, match="may have arrived"):
        deliver(channel, HELLO, lambda _: None)
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("kind", [SlackChannel, WebhookChannel])
def test_nobody_there_is_tried_again_then_failed(kind):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    waits = []
    with pytest.raises(DeliveryFailed, match="no connection"):
        deliver(kind(address), HELLO, waits.append)
    assert waits == [1.0, 2.0, 4.0]


def test_secrets_are_the_only_way_to_a_channel():
    assert channels({}) == []
    both = channels(
        {SLACK_ADDRESS: "https://hooks.example/x", WEBHOOK_ADDRESS: "https://x.example", WEBHOOK_TOKEN: "t"}
    )
    assert [each.name for each in both] == ["Slack", "Webhook"]
    with pytest.raises(DeliveryRefused, match="must begin with https") as refused:
        channels({SLACK_ADDRESS: "http://hooks.example/secret"})
    assert "secret/" not in str(refused.value)
    assert "hooks.example" not in str(refused.value)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
@pytest.mark.parametrize("name", ["api", "<!channel> & co", "ü" * 4000])
def test_every_rule_s_message_is_what_slack_takes(rule, name):
    incident = replace(sample(rule, 20_000, 1.0), service=name)
    told = [Cause("sku", name, 10**9, 0.5)] * 12
    blocks = incident_blocks(incident, rule, SETTINGS, "USD", told)
    assert block_problem(blocks) == ""
    assert "<!channel>" not in json.dumps([block for block in blocks if block["type"] != "header"])
    assert incident_text(incident, rule, SETTINGS, "USD", is_test=True).startswith(TEST_MARK)


GOOD = incident_blocks(sample(RULES[0], 20_000, 1.0), RULES[0], SETTINGS, "USD")


@pytest.mark.parametrize(("wrong", "what"), [
    (lambda b: b[0]["text"].update(text="x" * 151), "150"),
    (lambda b: b[0]["text"].update(type="mrkdwn"), "plain text"),
    (lambda b: b[1]["text"].update(text="x" * 3001), "3000"),
    (lambda b: b[1].pop("text"), "text"),
    (lambda b: b[2]["fields"].extend(b[2]["fields"] * 2), "10"),
    (lambda b: b[1].update(colour="red"), "unknown fields"),
    (lambda b: b[1].update(type="banner"), "unknown type"),
    (lambda b: b.extend(copy.deepcopy(b[1]) for _ in range(50)), "50"),
    (lambda b: b.extend({"type": "actions", "elements": [{"type": "button", "action_id": "a", "text": {
        "type": "plain_text", "text": "x"}}]} for _ in range(2)), "twice"),
])  # fmt: skip
def test_what_slack_would_refuse_never_leaves(receiver, wrong, what):
    blocks = copy.deepcopy(GOOD)
    wrong(blocks)
    assert what in block_problem(blocks)
    with pytest.raises(DeliveryRefused):
        deliver(SlackChannel(receiver.url), replace(HELLO, blocks=blocks))
    assert receiver.requests == []


def seen(first, last, subject=""):
    return Sighting("anomaly", "Cloud Run", subject, first, last)


def test_an_incident_is_claimed_once_also_when_late_rows_move_its_first_day(tmp_path):
    workspace = Workspace(tmp_path)
    assert watch_records.claim(workspace, "Slack", seen(100, 100), 7, 3600)
    assert not watch_records.claim(workspace, "Slack", seen(100, 101), 7, 3600), "under way in another process"
    watch_records.confirm(workspace, "Slack", seen(100, 100))
    assert not watch_records.claim(workspace, "Slack", seen(98, 104), 7, 3600)
    assert not watch_records.claim(workspace, "Slack", seen(110, 111), 7, 3600), "it went on until 104"
    assert watch_records.claim(workspace, "Slack", seen(119, 119), 7, 3600)
    assert watch_records.claim(workspace, "Webhook", seen(100, 100), 7, 3600)
    assert watch_records.claim(workspace, "Slack", replace(seen(100, 100), service="BigQuery"), 7, 3600)


def test_a_claim_that_died_is_claimed_again_and_one_given_back_at_once(tmp_path):
    workspace = Workspace(tmp_path)
    assert watch_records.claim(workspace, "Slack", seen(100, 100), 7, 3600)
    assert watch_records.claim(workspace, "Slack", seen(100, 100), 7, -1), "older than allowed"
    watch_records.release(workspace, "Slack", seen(100, 100))
    assert watch_records.claim(workspace, "Slack", seen(100, 100), 7, 3600)


def watched_bill(**extra):
    """A calm service whose last days cost more."""
    days = np.arange(120)
    dollars = np.where(days % 7 >= 5, 70.0, 100.0)
    for place, more in extra.items():
        dollars[int(place.removeprefix("day"))] += more
    columns = {
        "day": 20_000 + days, "known_day": 20_000 + days, "service": np.full(120, "Cloud Run", dtype=object),
        "cost_group": np.full(120, "usage", dtype=object), "nanos": np.rint(dollars * 1e9).astype(np.int64),
    }  # fmt: skip
    return watch_session.watch(daily_costs_of(columns, "USD", 1.0, None), WatchSettings())


def test_an_alert_goes_out_once_and_a_failed_one_again(tmp_path, receiver):
    workspace, watched = Workspace(tmp_path), watched_bill(day116=200.0)
    targets = [SlackChannel(receiver.url), WebhookChannel(receiver.url)]
    open_now = [i for i in open_incidents(watched.costs, watched.incidents) if i.is_alert]
    assert {i.rule for i in open_now} == {"spike", "spike_weekday", "anomaly"}
    receiver.answers = [404]
    first = watch_delivery.send_alerts(workspace, watched, targets, lambda _: None)
    assert sorted(each.state for each in first) == ["failed", "sent"], "one message for what three rules found"
    second = watch_delivery.send_alerts(workspace, watched, targets, lambda _: None)
    assert sorted(each.state for each in second) == ["already sent", "sent"]
    third = watch_delivery.send_alerts(workspace, watched, targets, lambda _: None)
    assert {each.state for each in third} == {"already sent"}
    assert len(receiver.requests) == 3
    assert "Also found by: Daily spike" in str(receiver.requests)
    longer = watched_bill(day116=200.0, day117=200.0, day118=200.0)
    assert {each.state for each in watch_delivery.send_alerts(workspace, longer, targets)} == {"already sent"}


def test_a_lost_answer_counts_as_sent(tmp_path, receiver):
    workspace, watched = Workspace(tmp_path), watched_bill(day116=200.0)
    receiver.answers = ["hang up"] * 3
    targets = [SlackChannel(receiver.url)]
    assert {each.state for each in watch_delivery.send_alerts(workspace, watched, targets)} == {"unknown"}
    assert {each.state for each in watch_delivery.send_alerts(workspace, watched, targets)} == {"already sent"}
    assert len(receiver.requests) == 1


def test_every_rule_s_test_message_arrives_and_says_that_it_is_one(receiver):
    targets = [SlackChannel(receiver.url), WebhookChannel(receiver.url)]
    sent = watch_delivery.send_tests(watched_bill(), targets)
    assert {each.state for each in sent} == {"sent"}
    assert len(receiver.requests) == 2 * len(RULES)
    texts = [body["text"] for _, _, body in receiver.requests if "text" in body]
    assert all(text.startswith(TEST_MARK) for text in texts)
    assert all(body["is_test"] for _, _, body in receiver.requests if "is_test" in body)


def test_the_digest_is_sent_once_a_day(tmp_path, receiver):
    workspace, watched = Workspace(tmp_path), watched_bill(day116=200.0)
    found = digest(watched.costs, watched.incidents)
    assert found.week_nanos == (5 * 100 + 2 * 70 + 200) * 10**9
    assert block_problem(digest_blocks(found, SETTINGS)) == ""
    targets = [SlackChannel(receiver.url)]
    assert [each.state for each in watch_delivery.send_digest(workspace, watched, targets)] == ["sent"]
    assert [each.state for each in watch_delivery.send_digest(workspace, watched, targets)] == ["already sent"]
