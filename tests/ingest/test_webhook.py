"""The webhook, against a real server: well, dead, slow, failing; told once, and its address never shown."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.conftest import Replay, at, free_port
from tests.ingest.listener import Listener, listening
from tests.ingest.watching import watching
from ticker import config
from ticker.errors import ConfigError
from ticker.ingest.client import Limits
from ticker.ingest.delivery import Undelivered
from ticker.ingest.refresher import Refresher
from ticker.ingest.webhook import Webhook, wanted

NOW = at("2026-03-18T17:00")
CANARY = "canary-secret"


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with listening(f"/services/{CANARY}?token={CANARY}") as found:
        yield found


def one(**more: str | None) -> dict[str, str | None]:
    return {"event": "instrument.late", "instrument": "gbpusd", "text": "UK Pound is late.", **more}


def test_it_posts_a_sentence_and_the_changes(hook: Listener) -> None:
    Webhook(hook.url).tell([one(), one(text="So is another.")], NOW)
    assert hook.taken == [
        {
            "text": "UK Pound is late.\nSo is another.",
            "at": "2026-03-18T17:00:00Z",
            "changes": [{"event": "instrument.late", "instrument": "gbpusd"}] * 2,
        }
    ]


@pytest.mark.parametrize("status", [300, 301, 304, 400, 404, 429, 500, 503])
def test_any_other_answer_than_a_good_one_is_none(hook: Listener, status: int) -> None:
    hook.status = status
    with pytest.raises(Undelivered, match=f"answered {status}"):
        Webhook(hook.url).tell([one()], NOW)


def test_it_goes_nowhere_else(hook: Listener) -> None:
    hook.status, hook.headers = 307, {"Location": hook.url}
    with pytest.raises(Undelivered):
        Webhook(hook.url).tell([one()], NOW)
    assert len(hook.taken) == 1


@pytest.mark.parametrize("how", ["dead", "silent", "trickles"])
def test_one_that_does_not_answer_is_left_in_time(hook: Listener, how: str) -> None:
    limits = Limits(connect=1, read=0.5 if how == "silent" else 5, total=1)
    hook.silent, hook.trickles = how == "silent", how == "trickles"
    url = f"http://127.0.0.1:{free_port()}/{CANARY}" if how == "dead" else hook.url
    with pytest.raises(Undelivered) as caught:
        Webhook(url, limits).tell([one()], NOW)
    assert CANARY not in str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


@pytest.mark.replay
def test_what_was_told_is_not_told_again_by_whoever_starts_next(
    filled: Refresher, replay: Replay, hook: Listener
) -> None:
    replay.fault(match="ecb", kind="refuse")
    replay.now = NOW
    for _ in range(3):
        watching(filled, "webhook", Webhook(hook.url).tell, wanted=wanted).once(everything=False)
    assert len(hook.taken) == 1
    late = hook.taken[0]["changes"]
    assert {c["event"] for c in late} == {"instrument.late"}
    assert next(c for c in late if c["instrument"] == "gbpusd")["as_of"] == "2026-03-17"
    replay.clear()
    replay.now += timedelta(hours=1)
    for _ in range(3):
        watching(filled, "webhook", Webhook(hook.url).tell, wanted=wanted).once(everything=False)
    assert len(hook.taken) == 2
    assert {c["event"] for c in hook.taken[1]["changes"]} == {"instrument.recovered"}


@pytest.mark.replay
def test_what_did_not_arrive_is_told_when_it_answers_and_no_log_has_its_address(
    filled: Refresher, replay: Replay, hook: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="ticker")
    replay.fault(match="ecb", kind="refuse")
    replay.now, hook.status = NOW, 500
    refresher = watching(filled, "webhook", Webhook(hook.url).tell, wanted=wanted)
    refresher.once(everything=False)  # it fails, and refreshing goes on
    refresher.once(everything=False)
    assert len(hook.taken) == 1  # the second time it rests
    hook.status = 204
    replay.now += timedelta(minutes=1)
    refresher.once(everything=False)
    assert hook.taken[1]["changes"] == hook.taken[0]["changes"]
    assert "The webhook answered 500" in caplog.text
    assert CANARY not in caplog.text


def test_its_address_is_not_shown_where_settings_are() -> None:
    url = f"https://hooks.example.org/{CANARY}"
    settings = config.load({"TICKER_WEBHOOK_URL": url})
    assert settings.webhook_url == url
    assert CANARY not in repr(settings)
    assert CANARY not in repr(Webhook(url))


@pytest.mark.parametrize("url", ["ftp://{}", "https://x:{}/", "https://[{}/", "https:///{}", "https://x/{} y"])
def test_a_wrong_address_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ConfigError, match="TICKER_WEBHOOK_URL") as caught:
        config.load({"TICKER_WEBHOOK_URL": url.format(CANARY)})
    assert CANARY not in str(caught.value)
