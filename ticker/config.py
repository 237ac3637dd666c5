"""Settings: `TICKER_*` variables, read once at the start. A bad one stops the start with one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ticker.errors import ConfigError, discreet

PREFIX = "TICKER_"
_FOR_TESTS = ("TICKER_REQUIRE_ALL",)
_SERVERS = ("postgresql", "postgres", "postgresql+psycopg")


@dataclass(frozen=True)
class Setting:
    """One row of the settings table: how to read it, what it is by default, what it does."""

    name: str
    read: Callable[[str], Any]
    default: str
    effect: str

    @property
    def field(self) -> str:
        """Its name in `Settings`."""
        return self.name.removeprefix(PREFIX).lower()


def _database_url(text: str) -> str:
    scheme, _, rest = text.partition("://")
    if not rest.strip("/") or (scheme not in _SERVERS and (scheme, rest[0]) != ("sqlite", "/")):
        raise ValueError(
            "must be a database address such as sqlite:////var/lib/ticker/ticker.db or postgresql://user@host/ticker"
        )
    return text


def _path(text: str) -> Path | None:
    return Path(text).expanduser() if text else None


def _public_url(text: str) -> str:
    parts = urlsplit(text)
    bad = parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment
    if text and (bad or parts.port == 0 or not text.isprintable() or " " in text):  # .port: ValueError if none such
        raise ValueError("must be an address such as https://ticker.example.org")
    return text.rstrip("/")


def _contact(text: str) -> str:
    if not all(" " <= c <= "~" for c in text) or len(text) > 200:
        raise ValueError("must be plain ASCII, such as an e-mail address, at most 200 characters")
    return text


def _webhook_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not parts.fragment
    except ValueError:  # whose words repeat the address
        good = False
    if text and not (good and all("!" <= c <= "~" for c in text)):
        raise ValueError("must be an address such as https://hooks.example.org/T01/B02")
    return text


def _form(text: str) -> str:
    if text.lower() not in ("text", "json"):
        raise ValueError("must be text or json")
    return text.lower()


def _key(text: str) -> str:
    if not all("!" <= c <= "~" for c in text) or len(text) > 100:
        raise ValueError("must be a key of at most 100 letters and digits")
    return text


def _switch(text: str) -> bool:
    if text.lower() not in ("0", "1", "true", "false", "yes", "no", "on", "off"):
        raise ValueError("must be 1 or 0")
    return text.lower() in ("1", "true", "yes", "on")


def _level(text: str) -> str:
    if text.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("must be debug, info, warning or error")
    return text.upper()


SETTINGS = (
    Setting(
        "TICKER_DATABASE_URL",
        _database_url,
        "sqlite:///ticker.db",
        "The database: a path after three slashes, or `postgresql://user:password@host/name`.",
    ),
    Setting("TICKER_CATALOG", _path, "", "A catalog file of your own that adds to ours or replaces stanzas of it."),
    Setting(
        "TICKER_SEED",
        str,
        "",
        "What an empty database starts from: a seed file, or `none`. Default: the release's.",
    ),
    Setting("TICKER_PUBLIC_URL", _public_url, "", "The address readers use; absolute addresses are made from it."),
    Setting("TICKER_CONTACT", _contact, "", "Who to write to; sent to the sources in the User-Agent."),
    Setting("TICKER_EIA_API_KEY", _key, "", "A free key of EIA's: its API becomes the second source of energy prices."),
    Setting("TICKER_FRED_API_KEY", _key, "", "A free key of FRED's: its API stands before the file that needs no key."),
    Setting("TICKER_REFRESH", _switch, "1", "0: `ticker serve` does not refresh; run `ticker worker` beside it."),
    Setting(
        "TICKER_COUNTS",
        _path,
        "",
        "A folder in which web processes count together for `/metrics`; `ticker serve` makes one of its own.",
    ),
    Setting("TICKER_LOG_LEVEL", _level, "info", "debug, info, warning or error."),
    Setting("TICKER_LOG_FORMAT", _form, "text", "text, or json: an object a line."),
    Setting(
        "TICKER_WEBHOOK_URL",
        _webhook_url,
        "",
        "Where to POST when an instrument goes late, stale or recovers, or a source fails for hours. Kept secret.",
    ),
)


_SECRET = (_key, _webhook_url)


@dataclass(frozen=True)
class Settings:
    """Every setting, read and checked. One field for each row of `SETTINGS`; keys are not in its `repr()`."""

    database_url: str = field(repr=False)  # it may hold a password
    catalog: Path | None
    seed: str
    public_url: str
    contact: str
    eia_api_key: str = field(repr=False)
    fred_api_key: str = field(repr=False)
    refresh: bool
    counts: Path | None
    log_level: str
    log_format: str
    webhook_url: str = field(repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that are set and must never be shown."""
        return tuple(value for s in SETTINGS if s.read in _SECRET and (value := getattr(self, s.field)))


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings from an environment. ConfigError names the variable that is wrong or unknown."""
    known = {s.name for s in SETTINGS}
    for name in environ:
        if name.startswith(PREFIX) and name not in known and name not in _FOR_TESTS:
            raise ConfigError(f"{name} is not a setting; there are {', '.join(sorted(known))}.")
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        text = environ.get(setting.name, "").strip() or setting.default
        try:
            values[setting.field] = setting.read(text)
        except (ValueError, RuntimeError) as wrong:  # RuntimeError: ~user in a path, where there is no such user
            shown = "***" if setting.read in _SECRET else discreet(repr(text))
            raise ConfigError(f"{setting.name}={shown}: {str(wrong).rstrip('.')}.") from wrong
    return Settings(**values)
