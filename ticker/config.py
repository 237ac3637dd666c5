"""Settings: `TICKER_*` variables, read once at the start. A bad one stops the start with one sentence."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ticker.errors import ConfigError, discreet

PREFIX = "TICKER_"
TAG = "ticker"
"""What answers with figures are called where a cache in front is asked to forget them."""

_FOR_TESTS = ("TICKER_REQUIRE_ALL",)
_SERVERS = ("postgresql", "postgres", "postgresql+psycopg")

OURS = frozenset(
    ("builder", "chart.js", "corrections", "corrections.atom", "embed", "embed.js", "favicon.ico", "feeds", "frame.js",
     "i", "img", "livez", "mail", "metrics", "oembed", "openapi.json", "readyz", "static", "status", "ticker.css", "v1",
     "w")
)  # fmt: skip
"""How the paths of our own addresses begin; one that a prefix had too could be either."""


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
    if scheme in _SERVERS and rest.partition("/")[0].count("@") > 1:
        raise ValueError("must have an @ in its user or password written as %40")
    if scheme == "sqlite" and "?" in rest:
        raise ValueError("must end with the name of the file: there are no options")
    if scheme in _SERVERS and not _has_host(text):
        raise ValueError("must have a host and a port such as db.example.org:5432 or [2001:db8::7]:5432")
    return text


def _has_host(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:  # whose words repeat the address
        return False


def _path(text: str) -> Path | None:
    return Path(text).expanduser() if text else None


def _folder(text: str) -> Path | None:
    found = _path(text)
    if found and not (found.is_dir() and os.access(found, os.W_OK)):
        raise ValueError("must be a folder that can be written")
    return found


def _public_url(text: str) -> str:
    parts = urlsplit(text)
    bad = parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment
    named = "@" in parts.netloc or parts.port == 0  # a password would be shown to all; .port: ValueError if none such
    if text and (bad or named or not text.isprintable() or " " in text):
        raise ValueError("must be an address such as https://ticker.example.org")
    first = parts.path.strip("/").partition("/")[0]
    if first in OURS:
        raise ValueError(f"must not have a path that begins like one of ours, /{first}")
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


def _header(text: str) -> str:
    name, colon, value = (part.strip() for part in text.partition(":"))
    good = colon and value and re.fullmatch(r"[A-Za-z0-9-]+", name) and all(" " <= c <= "~" for c in value)
    if text and not good:
        raise ValueError("must be a header such as Fastly-Key: 0123456789abcdef")
    return f"{name}: {value}" if text else ""


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
        _folder,
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
    Setting(
        "TICKER_PURGE_URL",
        _webhook_url,
        "",
        "Where to POST when figures have changed, so that a cache in front forgets them. Kept secret.",
    ),
    Setting("TICKER_PURGE_HEADER", _header, "", "A header that goes with it, such as `Fastly-Key: ...`. Kept secret."),
)


_SECRET = (_key, _webhook_url, _header)


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
    purge_url: str = field(repr=False)
    purge_header: str = field(repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that are set and must never be shown."""
        found = ((s, getattr(self, s.field)) for s in SETTINGS if s.read in _SECRET)
        return tuple(value.partition(": ")[2] if s.read is _header else value for s, value in found if value)


@dataclass(frozen=True)
class Reading:
    """A setting as it was read: its value as it may be shown, whether somebody set it, and what is wrong with it."""

    setting: Setting
    value: Any = field(repr=False)
    shown: str
    is_set: bool
    wrong: str = ""


def readings(environ: Mapping[str, str]) -> tuple[Reading, ...]:
    """Every setting of an environment, good or bad."""
    return tuple(_reading(setting, environ.get(setting.name, "").strip()) for setting in SETTINGS)


def _reading(setting: Setting, said: str) -> Reading:
    text = said or setting.default
    secret = setting.read in _SECRET and bool(text)
    shown = "***" if secret else discreet(text)
    try:
        return Reading(setting, setting.read(text), shown, bool(said))
    except (ValueError, RuntimeError) as wrong:  # RuntimeError: ~user in a path, where there is no such user
        about = "***" if secret else discreet(repr(text))
        return Reading(setting, None, shown, bool(said), f"{setting.name}={about}: {str(wrong).rstrip('.')}.")


def strangers(environ: Mapping[str, str]) -> list[str]:
    """A sentence for each variable that is named like a setting and is none."""
    known = {s.name for s in SETTINGS}
    named = [n for n in environ if n.startswith(PREFIX) and n not in known and n not in _FOR_TESTS]
    return [f"{name} is not a setting; there are {', '.join(sorted(known))}." for name in named]


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings from an environment. ConfigError names the variable that is wrong or unknown."""
    found = readings(environ)
    for wrong in (*strangers(environ), *(r.wrong for r in found if r.wrong)):
        raise ConfigError(wrong)
    return Settings(**{r.setting.field: r.value for r in found})
