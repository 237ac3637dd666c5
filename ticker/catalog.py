"""Read the catalog: ours, and an operator's own laid over it. A bad stanza is one sentence: file, stanza, field."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ticker.errors import ConfigError
from ticker.market.instrument import CADENCES, KINDS, Bounds, Catalog, Group, Instrument, Link

OURS = Path(__file__).with_name("catalog.toml")
_KEY = re.compile(r"[a-z][a-z0-9]{0,31}")
_TRANSLATED = ("name", "label", "detail", "subject", "about")


def load(own: Path | None = None) -> Catalog:
    """The catalog in `ticker/catalog.toml`, with the stanzas of `own` added to it or replacing ours.

    A stanza of the same key replaces the whole stanza; `[instruments.wti]` with only `hide = true` takes it away.
    """
    stanzas = _read(OURS)
    origin = {("instruments", key): OURS for key in stanzas["instruments"]}
    origin |= {("groups", key): OURS for key in stanzas["groups"]}
    origin |= {(source, code): OURS for source, codes in stanzas["series"].items() for code in codes}
    if own is not None:
        theirs = _read(own)
        for key, fields in theirs["instruments"].items():
            if "hide" in fields and (fields != {"hide": True} or key not in stanzas["instruments"]):
                raise _Stanza(own, "instruments", key, fields).wrong(
                    "hide", "must be true, and all that stands in the stanza of an instrument of ours"
                )
        for table in ("groups", "instruments"):
            origin |= {(table, key): own for key in theirs[table]}
            stanzas[table] = stanzas[table] | theirs[table]
        origin |= {(source, code): own for source, codes in theirs["series"].items() for code in codes}
        stanzas["series"] = {
            source: stanzas["series"].get(source, {}) | theirs["series"].get(source, {})
            for source in stanzas["series"] | theirs["series"]
        }
    return _catalog(stanzas, origin, own or OURS)


def _read(file: Path) -> dict[str, dict[str, Any]]:
    try:
        raw = tomllib.loads(file.read_text("utf-8"))
    except OSError as wrong:
        raise ConfigError(f"{file}: the catalog cannot be read: {wrong.strerror or wrong}.") from wrong
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise ConfigError(f"{file}: the catalog is not TOML: {wrong}.") from wrong
    for table in raw:
        if table not in ("groups", "instruments", "series"):
            raise ConfigError(f"{file}: [{table}] is not a table of the catalog: groups, instruments, series.")
    tables = {table: raw.get(table, {}) for table in ("groups", "instruments", "series")}
    for table, content in tables.items():
        if not isinstance(content, dict) or not all(isinstance(entry, dict) for entry in content.values()):
            raise ConfigError(f"{file}: [{table}] must hold stanzas, such as [{table}.key].")
    return tables


def _catalog(stanzas: dict[str, dict[str, Any]], origin: Mapping[tuple[str, str], Path], file: Path) -> Catalog:
    instruments = [
        _instrument(_Stanza(origin["instruments", key], "instruments", key, fields))
        for key, fields in stanzas["instruments"].items()
        if fields != {"hide": True}
    ]
    groups = [
        _group(_Stanza(origin["groups", key], "groups", key, fields), instruments)
        for key, fields in stanzas["groups"].items()
    ]
    known = {group.key for group in groups}
    for i in instruments:
        if i.group not in known or i.key in known:
            stanza = _Stanza(origin["instruments", i.key], "instruments", i.key, {})
            if i.key in known:
                raise stanza.wrong("key", "is the key of a group too")
            raise stanza.wrong("group", f"is {i.group!r}; there are {', '.join(sorted(known))}")
    if not instruments:
        raise ConfigError(f"{file}: the catalog has no instruments.")
    bounds = {
        f"{source}:{code}": _Stanza(origin[source, code], "series", source, fields).bounds(code)
        for source, fields in stanzas["series"].items()
        for code in fields
    }
    return Catalog(tuple(groups), bounds)


class _Stanza:
    """One stanza's fields, each read with a check; what is wrong is said with file, stanza and field."""

    def __init__(self, file: Path, table: str, key: str, fields: Mapping[str, Any]) -> None:
        self.file, self.table, self.key, self.fields = file, table, key, fields

    def wrong(self, field: str, what: str) -> ConfigError:
        return ConfigError(f"{self.file}: [{self.table}.{self.key}]: {field} {what}.")

    def only(self, *allowed: str) -> None:
        if not _KEY.fullmatch(self.key):
            raise self.wrong("key", "must be lower-case letters and digits, at most 32, a letter first")
        for field, value in self.fields.items():
            translation = re.fullmatch(r"[a-z]{2,3}", field) and isinstance(value, dict)
            if field not in allowed and not translation:
                fields = ", ".join((*allowed, "hide") if self.table == "instruments" else allowed)
                raise self.wrong(field, f"is not a field; there are {fields}, and languages such as es")

    def text(self, field: str, most: int = 80) -> str:
        value = self.fields.get(field)
        if value is None:
            raise self.wrong(field, "is missing")
        if not isinstance(value, str) or not value.strip() or len(value) > most:
            raise self.wrong(field, f"must be a text of 1 to {most} characters, not {value!r}")
        return value

    def one_of(self, field: str, allowed: tuple[str, ...]) -> Any:
        value = self.fields.get(field)
        if value not in allowed:
            raise self.wrong(field, f"must be one of {', '.join(allowed)}, not {value!r}")
        return value

    def decimals(self, field: str) -> int:
        value = self.fields.get(field)
        if type(value) is not int or not 0 <= value <= 8:
            raise self.wrong(field, f"must be a whole number from 0 to 8, not {value!r}")
        return value

    def flag(self, field: str, default: bool) -> bool:
        value = self.fields.get(field, default)
        if not isinstance(value, bool):
            raise self.wrong(field, f"must be true or false, not {value!r}")
        return value

    def bounds(self, field: str) -> Bounds:
        value = self.fields.get(field)
        try:
            low, high = map(
                Decimal, value if isinstance(value, list) and all(isinstance(e, str) for e in value) else ()
            )
            if low.is_finite() and high.is_finite() and low < high:
                return Bounds(low, high)
        except (InvalidOperation, ValueError, TypeError):
            pass
        raise self.wrong(field, f'must be two numbers in quotes, lower first, such as ["0.5", "2"], not {value!r}')

    def chain(self, field: str) -> tuple[Link, ...]:
        value = self.fields.get(field)
        if not isinstance(value, list) or not value or not all(isinstance(entry, str) for entry in value):
            raise self.wrong(field, 'must be a list of texts, such as ["ecb: USD / GBP"]')
        try:
            return tuple(Link.parse(entry) for entry in value)
        except ValueError as wrong:
            raise self.wrong(field, str(wrong)) from wrong

    def translations(self) -> dict[str, dict[str, str]]:
        found = {lang: words for lang, words in self.fields.items() if isinstance(words, dict)}
        for lang, words in found.items():
            for field, text in words.items():
                if field not in _TRANSLATED or not isinstance(text, str) or not text.strip():
                    raise self.wrong(f"{lang}.{field}", f"must be a text, and one of {', '.join(_TRANSLATED)}")
        return found


_INSTRUMENT = (
    "group", "name", "label", "detail", "kind", "unit", "decimals", "cadence", "range", "chain", "subject", "about",
)  # fmt: skip


def _instrument(stanza: _Stanza) -> Instrument:
    stanza.only(*_INSTRUMENT)
    return Instrument(
        key=stanza.key,
        group=stanza.text("group"),
        name=stanza.text("name"),
        label=stanza.text("label", most=40),
        detail=stanza.text("detail", most=40),
        kind=stanza.one_of("kind", KINDS),
        unit=stanza.text("unit", most=16),
        decimals=stanza.decimals("decimals"),
        cadence=stanza.one_of("cadence", CADENCES),
        bounds=stanza.bounds("range"),
        chain=stanza.chain("chain"),
        translations=stanza.translations(),
        subject=stanza.text("subject") if "subject" in stanza.fields else "",
        about=stanza.text("about", most=600) if "about" in stanza.fields else "",
    )


def _group(stanza: _Stanza, instruments: list[Instrument]) -> Group:
    stanza.only("label", "default")
    members = tuple(i for i in instruments if i.group == stanza.key)
    label = stanza.text("label", most=40)
    return Group(stanza.key, label, stanza.flag("default", True), members, stanza.translations())
