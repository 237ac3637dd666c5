"""Settings: read once, and one sentence for a bad one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ticker import config
from ticker.errors import ConfigError


def test_without_any_variable_everything_has_its_default() -> None:
    found = config.load({})
    assert found.database_url == "sqlite:///ticker.db"
    assert found.catalog is None
    assert (found.seed, found.public_url, found.contact) == ("", "", "")
    assert found.refresh is True
    assert found.log_level == "INFO"


def test_an_empty_variable_is_none() -> None:
    assert config.load({setting.name: " " for setting in config.SETTINGS}) == config.load({})


def test_other_variables_are_not_ours() -> None:
    assert config.load({"PATH": "/bin", "TICKERS": "x", "MY_TICKER_X": "1"}) == config.load({})


def test_what_only_tests_ask_for_is_allowed() -> None:
    assert config.load({"TICKER_REQUIRE_ALL": "1"}) == config.load({})


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("TICKER_DATABASE_URL", "sqlite:////var/lib/ticker/ticker.db", "sqlite:////var/lib/ticker/ticker.db"),
        ("TICKER_CATALOG", "/etc/ticker.toml", Path("/etc/ticker.toml")),
        ("TICKER_CATALOG", "~/ticker.toml", Path("~/ticker.toml").expanduser()),
        ("TICKER_SEED", "none", "none"),
        ("TICKER_PUBLIC_URL", "https://ticker.example.org/", "https://ticker.example.org"),
        ("TICKER_PUBLIC_URL", "http://[::1]:8000/markets", "http://[::1]:8000/markets"),
        ("TICKER_CONTACT", "web@example.org", "web@example.org"),
        ("TICKER_REFRESH", "0", False),
        ("TICKER_REFRESH", "Off", False),
        ("TICKER_REFRESH", "yes", True),
        ("TICKER_LOG_LEVEL", "warning", "WARNING"),
    ],
)
def test_a_good_value(name: str, text: str, value: object) -> None:
    assert getattr(config.load({name: text}), name.removeprefix("TICKER_").lower()) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TICKER_DATABASE_URL", "ticker.db"),
        ("TICKER_DATABASE_URL", "sqlite:///"),
        ("TICKER_DATABASE_URL", "mysql://localhost/ticker"),
        ("TICKER_DATABASE_URL", "postgresql://"),
        ("TICKER_CATALOG", "~nobody-of-that-name/ticker.toml"),
        ("TICKER_PUBLIC_URL", "ticker.example.org"),
        ("TICKER_PUBLIC_URL", "ftp://ticker.example.org"),
        ("TICKER_PUBLIC_URL", "https://"),
        ("TICKER_PUBLIC_URL", "https://user@ticker.example.org"),
        ("TICKER_DATABASE_URL", "postgresql://us@er@host/ticker"),
        ("TICKER_DATABASE_URL", "postgresql://host:port/ticker"),
        ("TICKER_DATABASE_URL", "postgresql://[::1/ticker"),
        ("TICKER_DATABASE_URL", "sqlite:///ticker.db?mode=ro"),
        ("TICKER_PUBLIC_URL", "https://ticker.example.org/?a=b"),
        ("TICKER_PUBLIC_URL", "https://ticker.example.org/#top"),
        ("TICKER_PUBLIC_URL", "https://[::1"),
        ("TICKER_PUBLIC_URL", "https://ticker.example.org/w"),
        ("TICKER_PUBLIC_URL", "https://ticker.example.org/static/markets/"),
        ("TICKER_PUBLIC_URL", "https://ticker.example.org:99999"),
        ("TICKER_PUBLIC_URL", "https://ticker example.org"),
        ("TICKER_PUBLIC_URL", "https://ticker.example.org/\x07"),
        ("TICKER_CONTACT", "me@example.org\r\nX-Bad: 1"),
        ("TICKER_CONTACT", "jos\xe9"),
        ("TICKER_CONTACT", "x" * 201),
        ("TICKER_REFRESH", "2"),
        ("TICKER_REFRESH", "maybe"),
        ("TICKER_LOG_LEVEL", "loud"),
        ("TICKER_COUNTS", "/nobody/has/this"),
        ("TICKER_COUNTS", "/etc/hostname"),
    ],
)
def test_a_bad_value_is_one_sentence_that_names_its_variable(name: str, text: str) -> None:
    with pytest.raises(ConfigError) as found:
        config.load({name: text})
    said = str(found.value)
    assert said.startswith(f"{name}={text!r}: ")
    assert said.endswith(".")
    assert not said.endswith("..")
    assert "\n" not in said


@pytest.mark.parametrize("name", ["TICKER_DATABSE_URL", "TICKER_", "TICKER_PORT", "TICKER_refresh"])
def test_a_variable_of_ours_that_is_no_setting_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=f"^{name} is not a setting; there are TICKER_CATALOG, "):
        config.load({name: "1"})


def test_every_setting_says_what_it_does() -> None:
    for setting in config.SETTINGS:
        assert setting.effect.endswith(".")
        assert setting.name == f"TICKER_{setting.field.upper()}"
