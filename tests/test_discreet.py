"""No secret gets into a log, an error, the store, a page or an address: the canary is never heard."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Replay, at
from tests.web.conftest import Site, app_of, site_at
from ticker import config
from ticker.errors import ConfigError, discreet
from ticker.ingest.client import Client, Limits
from ticker.logs import log_to_stderr
from ticker.start import Parts, secrets_of
from ticker.store.engine import Store
from ticker.web.live import Live

CANARY = "CANARY4f9z0d"  # as keys are: letters and digits
ODD = "CANARY+4f/9=z"
FORMS = (ODD, quote(ODD, safe=""), quote_plus(ODD), quote(ODD), quote(ODD, safe="").lower())
NOW = at("2026-03-18T22:00")


@given(st.text(), st.sampled_from(FORMS), st.text())
def test_a_secret_goes_from_any_text_in_any_form(before: str, form: str, after: str) -> None:
    said = discreet(f"{before}{form}{after}", [ODD])
    assert "canary" not in said.replace(before, "").replace(after, "").lower()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://x/v2?api_key=abc&length=5", "https://x/v2?api_key=***&length=5"),
        ("https://x/v2?length=5&API-KEY=abc def", "https://x/v2?length=5&API-KEY=*** def"),
        ("https%3A%2F%2Fx%3Fapi_key%3Dabc", "https%3A%2F%2Fx%3Fapi_key%3D***"),
        ('{"params": {"api_key": "abc", "x": 1}}', '{"params": {"api_key": "***", "x": 1}}'),
        ("{'token': 'abc'}", "{'token': '***'}"),
        ("password=hunter2", "password=***"),
        ("postgresql://ticker:hunter2@db/ticker", "postgresql://ticker:***@db/ticker"),
        ("postgresql://db/ticker", "postgresql://db/ticker"),
        ("monkey=1, turkey=2", "monkey=1, turkey=2"),
        ("https://x/series?id=RWTC", "https://x/series?id=RWTC"),
    ],
)
def test_what_is_named_like_a_secret_goes_too(text: str, said: str) -> None:
    assert discreet(text) == said
    assert discreet(said) == said


def test_settings_that_are_wrong_are_told_without_their_secrets() -> None:
    for name in ("TICKER_EIA_API_KEY", "TICKER_FRED_API_KEY", "TICKER_WEBHOOK_URL"):
        with pytest.raises(ConfigError) as wrong:
            config.load({name: f"{CANARY} with blanks"})
        assert "CANARY" not in str(wrong.value)
    with pytest.raises(ConfigError) as wrong:
        config.load({"TICKER_DATABASE_URL": f"mysql://ticker:{CANARY}@db/ticker"})
    assert "CANARY" not in str(wrong.value)


def test_settings_know_which_of_them_are_secret() -> None:
    settings = config.load({"TICKER_EIA_API_KEY": CANARY, "TICKER_WEBHOOK_URL": "https://hooks.example/T0"})
    assert set(settings.secrets) == {CANARY, "https://hooks.example/T0"}
    assert "CANARY" not in repr(settings)
    assert "hooks" not in repr(settings)


@contextmanager
def no_log_yet() -> Iterator[None]:
    """As a program finds it at its start; afterwards all is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    root.handlers = []
    try:
        yield
    finally:
        root.handlers = handlers
        root.setLevel(level)


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_log_writes_no_secret_even_in_a_trace(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    with no_log_yet():
        log_to_stderr("INFO", form, [CANARY])
        try:
            raise ValueError(f"https://x/?api_key={CANARY}&x=1")
        except ValueError:
            logging.getLogger("ticker.x").exception("a mistake with %s", CANARY, extra={"event": "x", "seen": CANARY})
        said = capsys.readouterr().err
    assert "a mistake with ***" in said
    assert "ValueError" in said
    assert "CANARY" not in said
    if form == "json":
        assert json.loads(said)["seen"] == "***"


def _faults() -> list[dict[str, Any]]:
    echo = f"<html><p>Your api_key={CANARY} is blocked. Key: {quote(CANARY, safe='')}</p></html>"
    return [
        {"kind": "status", "status": 403, "body": echo, "headers": {"X-Key": CANARY}},
        {"kind": "status", "status": 429, "body": echo, "headers": {"Retry-After": CANARY}},
        {"kind": "status", "status": 200, "body": echo, "headers": {"ETag": f'"{CANARY}"', "Content-Encoding": CANARY}},
        {"kind": "status", "status": 200, "body": json.dumps({"response": CANARY, "api_key": CANARY})},
        {"kind": "status", "status": 200, "body": json.dumps({"response": {"frequency": "daily", "data": [CANARY]}})},
        {"kind": "status", "status": 302, "headers": {"Location": f"https://{CANARY}.example/?api_key={CANARY}"}},
        {"kind": "status", "status": 302, "headers": {"Location": f"/v2/?api_key={quote(CANARY)}"}},
        {"kind": "refuse"},
        {"kind": "badtls"},
        {"kind": "truncated"},
        {"kind": "html200"},
    ]


@pytest.mark.replay
def test_trap_37_a_source_that_echoes_its_key_makes_us_repeat_it_nowhere(
    replay: Replay, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In body, error page, redirect and headers; looked for in the log, the database file and every answer of ours."""
    replay.now = NOW
    keys = {"TICKER_EIA_API_KEY": CANARY, "TICKER_FRED_API_KEY": CANARY}
    site = site_at(tmp_path, NOW, TICKER_SEED="none", **keys)
    with no_log_yet():
        log_to_stderr("DEBUG", secrets=site.parts.settings.secrets)
        for fault in _faults():
            _look(site.parts, replay, fault)
            assert not _heard(_stored(site.parts.store)), fault
            for answer in _answers(site):
                assert not _heard(answer), fault
        said = capsys.readouterr()
    assert "eiaapi" in said.err
    assert not _heard(said.err + said.out)
    site.parts.store.close()
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert not _heard(file.read_bytes().decode("latin-1")), file
    assert any("api_key" in json.dumps(seen) for seen in replay.log)  # it was sent, or this test shows nothing


def _look(parts: Parts, replay: Replay, fault: dict[str, Any]) -> None:
    from ticker.ingest.refresher import Refresher

    replay.clear()
    replay.fault(match="api.", **fault)

    def connect() -> Client:
        return Client("", Limits(connect=2, read=2, total=5), secrets_of(parts.settings))

    wanted = [parts.sources[key] for key in ("eiaapi", "fredapi")]
    refresher = Refresher(parts.store, parts.catalog, list(parts.sources.values()), connect, lambda: replay.now)
    for source in wanted:
        refresher.once(everything=True, only=source.key)


def _stored(store: Store) -> str:
    """What is remembered of what a source sent, beside figures."""
    with store.read() as connection:
        rows = [connection.exec_driver_sql(f"SELECT * FROM {table}").all() for table in ("feed", "validator", "held")]
        return str(rows)


def _answers(site: Site) -> list[str]:
    live = Live(site.parts.revision, site.parts.holding, site.parts.snapshot_of, lambda: site.now)
    fresh = Site(site.parts, app_of("https://ticker.example", live, site.parts), live, site.now)
    addresses = ("/status", "/v1/sources", "/readyz", "/metrics", "/", "/v1/quotes", "/w/list", "/corrections")
    found = [fresh.get(address) for address in addresses]
    return [f"{answer.headers} {answer.text}" for answer in found]


def _heard(text: str) -> bool:
    return "canary" in text.lower()
