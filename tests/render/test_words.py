"""Sentences say what the figures say: recomputed here with fractions and plain loops, from the series as published."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.render.world import PUBLISHERS, everything, written
from ticker import catalog
from ticker.market import figures
from ticker.market.history import RANGES
from ticker.market.instrument import KINDS, Instrument, Link
from ticker.market.observation import Observation, Series
from ticker.render.language import FOLDER, language, languages
from ticker.render.words import about, compared, latest, over, sentence

OURS = {i.key: i for i in catalog.load().instruments}
TEN = list(OURS)[:10]
MONTHS = {"1m": 1, "3m": 3, "6m": 6, "1y": 12, "5y": 60}
Points = list[tuple[date, int]]  # as shown, in units of the last decimal

# --- the forms of six languages, written down here --------------------------------------------------------------------

_SPANISH = ("d 'de' MMMM", "d 'de' MMMM 'de' y")
DAYS = {
    "en": ("d MMMM", "d MMMM y"), "en-US": ("MMMM d", "MMMM d, y"),
    "es": _SPANISH, "es-VE": _SPANISH, "pt": _SPANISH, "pt-BR": _SPANISH,
}  # fmt: skip
_ENGLISH = {"USD": "${}", "CAD": "CA${}", "BRL": "R${}", "MXN": "MX${}", "INR": "₹{}"}
_PORTUGUESE = {"USD": "US$ {}", "CAD": "CA$ {}", "BRL": "R$ {}", "MXN": "MX$ {}", "INR": "₹ {}"}
MONEY = {
    "en": _ENGLISH, "en-US": _ENGLISH, "pt": _PORTUGUESE, "pt-BR": _PORTUGUESE,
    "es": {"USD": "{} US$"} | {code: "{} " + code for code in ("CAD", "BRL", "MXN", "INR")},
    "es-VE": {code: code + " {}" for code in ("USD", "CAD", "BRL", "MXN", "INR")},
}  # fmt: skip
PERCENT = {"en": "{}%", "en-US": "{}%", "es": "{} %", "es-VE": "{}%", "pt": "{}%", "pt-BR": "{}%"}
TAGS = list(DAYS)
WORDS = {  # up, down, unchanged; highest, lowest; rose, fell; since
    "en": ("up", "down", "unchanged", "highest", "lowest", r"rose|has risen", r"fell|has fallen", "Since"),
    "es": ("más", "menos", "sin cambios", "más alto", "más bajo", r"subió|ha subido", r"bajó|ha bajado", "Desde"),
    "pt": ("alta", "queda", "sem alteração", "mais alto", "mais baixo", "subiu", "caiu", "Desde"),
}


def plain(text: str) -> str:
    """The sentence with spaces for no-break spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


class Form:
    """Figures and days of an instrument as a language writes them."""

    def __init__(self, i: Instrument, tag: str, year: int) -> None:
        self.i, self.tag, self.year = i, tag, year

    def number(self, units: int, decimals: int) -> str:
        value = Decimal(abs(units)).scaleb(-decimals)
        locale = {"en": "en_001"}.get(self.tag, self.tag.replace("-", "_"))
        return format_decimal(value, "#,##0." + "0" * decimals, locale, numbering_system="latn")

    def money(self, units: int) -> str:
        shape = MONEY[self.tag][self.i.unit[:3]]
        return ("−" if units < 0 else "") + shape.format(self.number(units, self.i.decimals))

    def percent(self, hundredths: int) -> str:
        return PERCENT[self.tag].format(self.number(hundredths, 2))

    def day(self, of: date) -> str:
        short, long = DAYS[self.tag]
        return format_date(of, short if of.year == self.year else long, self.tag.replace("-", "_"))

    def moved(self, before: int, after: int) -> str:
        if before > 0 and after > 0 and (hundredths := round(Fraction(after - before, before) * 10000)):
            return self.percent(hundredths)
        return self.money(abs(after - before))


# --- the figures, calculated here -------------------------------------------------------------------------------------


@cache
def points(key: str) -> tuple[tuple[date, int], ...]:
    """The line as shown, from the published series: quotients as fractions, rounded half-even."""
    i = OURS[key]
    of = [{o.day: Fraction(o.value) for o in everything()[name]} for name in i.chain[0].series]
    found = []
    for day in sorted(of[0]):
        if all(day in each for each in of):
            exact = of[0][day] / of[1][day] if len(of) == 2 else of[0][day]
            units = round(exact * 10**i.decimals)
            if Fraction(i.bounds.low) <= Fraction(units, 10**i.decimals) <= Fraction(i.bounds.high):
                found.append((day, units))
    return tuple(found)


def back(day: date, months: int) -> date:
    """The same day so many months before, or the last day of that month."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    for of_month in range(day.day, 0, -1):
        try:
            return date(year, month, of_month)
        except ValueError:
            continue
    raise AssertionError


def cuts(key: str) -> Iterator[int]:
    """Lengths of line to look at: the first few, around thirty, spread over all, and around the negative price."""
    whole = points(key)
    yield from (n for n in (1, 2, 3, 4, 29, 30, 31) if n <= len(whole))
    yield from range(40, len(whole), max(1, len(whole) // 40))
    yield from (n for n, (day, _) in enumerate(whole, 1) if date(2020, 4, 17) <= day <= date(2020, 4, 23))
    yield from (n for n, (day, _) in enumerate(whole, 1) if date(2026, 3, 9) <= day <= date(2026, 3, 20))


def take(text: str, parts: list[str]) -> str:
    """What is left of the text without these parts, which must come in this order."""
    at, left = 0, ""
    for part in parts:
        found = text.find(part, at)
        assert found >= 0, (part, text)
        left += text[at:found]
        at = found + len(part)
    return left + text[at:]


def expected_record(form: Form, line: Points) -> tuple[str, str]:
    """`high` or `low` and the day that must be named; empty where nothing may be said."""
    if len(line) < 2 or line[-1][1] == line[-2][1]:
        return "", ""
    newest, falls = line[-1][1], line[-1][1] < line[-2][1]
    word = "low" if falls else "high"
    for others, (day, value) in enumerate(reversed(line[:-1])):
        if value <= newest if falls else value >= newest:
            return (word, form.day(day)) if others >= 2 else ("", "")
    return (word, form.day(line[0][0])) if len(line) >= 30 else ("", "")


def check_latest(form: Form, line: Points, text: str) -> None:
    day, value = line[-1]
    parts = [form.money(value), form.day(day)]
    change = None if len(line) < 2 else value - line[-2][1]
    if change:
        parts.append(form.moved(line[-2][1], value))
    record, since = expected_record(form, line)
    left = take(text, parts + [since] * bool(since))
    assert not re.search(r"\d", left), (text, left)
    up, down, flat, highest, lowest, *_ = WORDS[form.tag[:2]]
    moves = left.partition(",")[2]
    for record_word in (highest, lowest):
        moves = moves.replace(record_word, "")
    said = {word for word in (up, down, flat) if re.search(rf"\b{word}\b", moves)}
    assert said == (set() if change is None else {up if change > 0 else down if change < 0 else flat}), text
    assert (highest in left, lowest in left) == (record == "high", record == "low"), text


def check_over(form: Form, line: Points, span: str, text: str) -> None:
    start = back(line[-1][0], MONTHS[span]) if span in MONTHS else date.min
    part = [(day, value) for day, value in line if day >= start]
    if len(part) < 2:
        assert text == ""
        return
    *_, rose, fell, since = WORDS[form.tag[:2]]
    (first_day, first), (_, last) = part[0], part[-1]
    short = span == "max" or (first_day - start).days > 10
    assert text.startswith(since) == short, text
    high = low = part[0]
    for day, value in part:
        high = (day, value) if value >= high[1] else high
        low = (day, value) if value <= low[1] else low
    parts = [form.day(first_day)] if short else []
    if first != last:
        parts += [form.moved(first, last)]
    parts.append(form.money(first))
    if first != last and not short:
        parts.append(form.day(first_day))
    if high[1] != low[1]:
        parts += [form.money(high[1]), form.day(high[0]), form.money(low[1]), form.day(low[0])]
    left = take(text, parts)
    assert not re.search(r"\d", left), (text, left)
    assert bool(re.search(rf"\b({rose})\b", left)) == (last > first), text
    assert bool(re.search(rf"\b({fell})\b", left)) == (last < first), text


SINCE = {"en": (" since {}", " since {}"), "es": (" que el {}", " desde el {}"), "pt": (" desde {}", " desde {}")}


def without(since: date | None, mine: list[tuple[date, int]], form: Form, text: str) -> str:
    """The sentence without the day of the figure before, which it must name where it is given."""
    if since is None:
        return text
    phrase = SINCE[form.tag[:2]][mine[-1][1] == mine[-2][1]].format(form.day(since))
    assert phrase in text
    return text.replace(phrase, "", 1)


@pytest.mark.parametrize("key", TEN)
def test_every_sentence_is_what_the_published_figures_say(key: str) -> None:
    i = OURS[key]
    whole, line = points(key), figures.line(i, i.chain[0], everything())
    assert [o.day for o in line] == [day for day, _ in whole]
    for turn, length in enumerate(cuts(key)):
        mine = list(whole[:length])
        for tag in (TAGS[turn % 6], TAGS[(turn + 1) % 6]):
            form = Form(i, tag, mine[-1][0].year - turn % 2)
            since = mine[-2][0] if turn % 3 == 0 and length > 1 else None
            first = latest(i, line[:length], since, language(tag), form.year)
            check_latest(form, mine, without(since, mine, form, plain(first)))
            for span in RANGES:
                second = over(i, line[:length], span, language(tag), form.year)
                check_over(form, mine, span, plain(second))
                both = sentence(i, line[:length], since, span, language(tag), form.year)
                assert both == f"{first} {second}".strip()


# --- word for word ----------------------------------------------------------------------------------------------------

MARCH = written("2026-03-09 94.65 2026-03-10 83.71 2026-03-11 86.80 2026-03-12 95.61 2026-03-13 98.48 2026-03-16 93.39")
APRIL = written("2020-04-15 19.96 2020-04-16 19.82 2020-04-17 18.31 2020-04-20 -36.98 2020-04-21 8.91")
DAILY = tuple(
    Observation(date(2026, 1, 1) + timedelta(n), Decimal(50 + n).quantize(Decimal("0.01"))) for n in range(40)
)
POUND = written("2026-03-13 1.3226 2026-03-16 1.3290 2026-03-17 1.3340 2026-03-18 1.3311")


@pytest.mark.parametrize(
    ("key", "line", "tag", "said"),
    [
        ("wti", MARCH, "en-US", "WTI crude oil closed at $93.39 on March 16, down 5.17%, its lowest since March 11."),
        ("wti", MARCH, "en", "WTI crude oil closed at $93.39 on 16 March, down 5.17%, its lowest since 11 March."),
        (
            "wti",
            MARCH,
            "es",
            (
                "El petróleo WTI cerró en 93,39 US$ el 16 de marzo, un 5,17 % menos, "
                "su nivel más bajo desde el 11 de marzo."
            ),
        ),
        (
            "wti",
            MARCH,
            "es-VE",
            (
                "El petróleo WTI cerró en USD 93,39 el 16 de marzo, un 5,17% menos, "
                "su nivel más bajo desde el 11 de marzo."
            ),
        ),
        (
            "wti",
            MARCH,
            "pt",
            (
                "O petróleo WTI fechou em US$ 93,39 no dia 16 de março, com queda de 5,17%, "
                "no nível mais baixo desde 11 de março."
            ),
        ),
        ("wti", APRIL[:4], "en-US", "WTI crude oil closed at −$36.98 on April 20, 2020, down $55.29."),
        ("wti", APRIL, "en-US", "WTI crude oil closed at $8.91 on April 21, 2020, up $45.89."),
        (
            "wti",
            APRIL[:4],
            "pt-BR",
            ("O petróleo WTI fechou em −US$ 36,98 no dia 20 de abril de 2020, com queda de US$ 55,29."),
        ),
        (
            "wti",
            written("2026-03-13 93.39 2026-03-16 93.39"),
            "en-US",
            "WTI crude oil closed at $93.39 on March 16, unchanged.",
        ),
        ("wti", MARCH[:1], "es", "El petróleo WTI cerró en 94,65 US$ el 9 de marzo."),
        ("wti", (), "en-US", "WTI crude oil: no figure yet."),
        ("wti", (), "es", "Petróleo WTI: aún sin datos."),
        (
            "wti",
            DAILY,
            "en-US",
            ("WTI crude oil closed at $89.00 on February 9, up 1.14%, its highest in figures going back to January 1."),
        ),
        ("wti", DAILY[:29], "en-US", "WTI crude oil closed at $78.00 on January 29, up 1.30%."),
        (
            "wti",
            DAILY[:35] + written("2026-02-09 49.00"),
            "es",
            (
                "El petróleo WTI cerró en 49,00 US$ el 9 de febrero, un 41,67 % menos, "
                "su nivel más bajo en una serie de datos que arranca el 1 de enero."
            ),
        ),
        (
            "gasoline",
            written("2026-03-09 3.502 2026-03-16 3.720"),
            "en-US",
            "US regular gasoline averaged $3.720 a gallon on March 16, up 6.23%.",
        ),
        (
            "gasoline",
            written("2026-03-09 3.502 2026-03-16 3.720"),
            "pt-PT",
            (
                "A gasolina comum nos Estados Unidos custou em média 3,720 US$ por galão no dia 16 de março, "
                "com alta de 6,23%."
            ),
        ),
        (
            "natgas",
            written("2026-03-13 3.20 2026-03-16 3.03"),
            "es",
            "El gas natural Henry Hub cerró en 3,03 US$ por millón de BTU el 16 de marzo, un 5,31 % menos.",
        ),
        ("gbpusd", POUND, "en-US", "The British pound stood at $1.3311 on March 18, down 0.22%."),
        ("gbpusd", POUND, "es", "La libra esterlina se situó en 1,3311 US$ el 18 de marzo, un 0,22 % menos."),
        (
            "usdbrl",
            written("2026-03-17 5.2086 2026-03-18 5.2243"),
            "pt-BR",
            "O dólar americano ficou em R$ 5,2243 no dia 18 de março, com alta de 0,30%.",
        ),
        (
            "usdkrw",
            written("2026-03-17 1450.00 2026-03-18 1450.05"),
            "en-US",
            "The US dollar stood at ₩1,450.05 on March 18, up ₩0.05.",
        ),
    ],
)
def test_the_newest_figure_word_for_word(key: str, line: Series, tag: str, said: str) -> None:
    assert plain(latest(OURS[key], line, None, language(tag), 2026)) == said


@pytest.mark.parametrize(
    ("tag", "value", "said"),
    [
        ("en-US", "118.09", "Brent crude oil closed at $118.09 on March 18, up 16.87% since March 16."),
        ("es", "118.09", "El petróleo Brent cerró en 118,09 US$ el 18 de marzo, un 16,87 % más que el 16 de marzo."),
        ("es", "101.04", "El petróleo Brent cerró en 101,04 US$ el 18 de marzo, sin cambios desde el 16 de marzo."),
        (
            "pt-BR",
            "90",
            "O petróleo Brent fechou em US$ 90,00 no dia 18 de março, com queda de 10,93% desde 16 de março.",
        ),
    ],
)
def test_a_change_across_a_missing_publication_says_since_when(tag: str, value: str, said: str) -> None:
    line = written(f"2026-03-16 101.04 2026-03-18 {value}")
    assert plain(latest(OURS["brent"], line, line[0].day, language(tag), 2026)) == said


YEAR = written(
    "2025-03-14 60.00 2025-03-17 67.65 2025-06-02 55.44 2025-12-16 55.44 2026-03-12 98.48 2026-03-13 98.48 "
    "2026-03-16 93.39"
)
NEGATIVE = written("2020-04-20 -36.98 2021-03-05 66.08 2021-04-20 62.61")
SHORT = written("2025-06-02 50.00 2026-03-13 98.48 2026-03-16 93.39")
STEADY = written("2026-03-13 93.39 2026-03-16 93.39")


@pytest.mark.parametrize(
    ("line", "span", "tag", "said"),
    [
        (
            YEAR,
            "1y",
            "en-US",
            (
                "Over one year it rose 38.05%, from $67.65 on March 17, 2025; its highest was $98.48 on "
                "March 13 and its lowest $55.44 on December 16, 2025."
            ),
        ),
        (
            YEAR,
            "1y",
            "es",
            (
                "En un año subió un 38,05 %, desde los 67,65 US$ del 17 de marzo de 2025; su máximo fue de "
                "98,48 US$ el 13 de marzo y su mínimo, de 55,44 US$ el 16 de diciembre de 2025."
            ),
        ),
        (
            YEAR,
            "1y",
            "pt",
            (
                "Ao longo de um ano, subiu 38,05%, a partir de US$ 67,65 no dia 17 de março de 2025; "
                "o máximo foi de US$ 98,48 no dia 13 de março e o mínimo, de US$ 55,44 no dia "
                "16 de dezembro de 2025."
            ),
        ),
        (
            YEAR,
            "max",
            "en-US",
            (
                "Since March 14, 2025 it has risen 55.65%, from $60.00; its highest was $98.48 on "
                "March 13 and its lowest $55.44 on December 16, 2025."
            ),
        ),
        (
            SHORT,
            "5y",
            "en-US",
            (
                "Since June 2, 2025 it has risen 86.78%, from $50.00; its highest was $98.48 on "
                "March 13 and its lowest $50.00 on June 2, 2025."
            ),
        ),
        (
            SHORT,
            "5y",
            "es",
            (
                "Desde el 2 de junio de 2025 ha subido un 86,78 %, partiendo de 50,00 US$; su máximo fue "
                "de 98,48 US$ el 13 de marzo y su mínimo, de 50,00 US$ el 2 de junio de 2025."
            ),
        ),
        (
            NEGATIVE,
            "1y",
            "en-US",
            (
                "Over one year it rose $99.59, from −$36.98 on April 20, 2020; its highest was "
                "$66.08 on March 5, 2021 and its lowest −$36.98 on April 20, 2020."
            ),
        ),
        (STEADY, "max", "en-US", "Since March 13 it has stayed at $93.39."),
        (written("2026-02-16 9.00 2026-03-16 9.00"), "1m", "pt", "Ao longo de um mês, manteve-se em US$ 9,00."),
        (
            written("2026-02-16 9.00 2026-03-02 8.00 2026-03-16 9.00"),
            "1m",
            "en-US",
            (
                "Over one month it was unchanged on balance, at $9.00; its highest was $9.00 on March 16 "
                "and its lowest $8.00 on March 2."
            ),
        ),
        (MARCH[:1], "1y", "en", ""),
        ((), "max", "en", ""),
        (written("2025-01-02 9.00 2026-03-16 9.10"), "1y", "en", ""),
    ],
)
def test_a_range_word_for_word(line: Series, span: str, tag: str, said: str) -> None:
    assert plain(over(OURS["wti"], line, span, language(tag), 2026)) == said


@pytest.mark.parametrize(("days", "whole"), [(10, True), (11, False)])
def test_a_history_shorter_than_the_range_does_not_claim_it(days: int, whole: bool) -> None:
    line = (Observation(date(2025, 3, 16) + timedelta(days), Decimal("9.00")), *written("2026-03-16 9.10"))
    assert over(OURS["wti"], line, "1y", language("en"), 2026).startswith("Over one year" if whole else "Since")


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("en-US", "With March 17, 2025 as 100, WTI crude oil stood at 138.1 and Brent crude oil at 140.2 on March 16."),
        (
            "es",
            (
                "Con base 100 el 17 de marzo de 2025, el petróleo WTI se situó en 138,1 y el petróleo Brent en 140,2 "
                "el 16 de marzo."
            ),
        ),
        (
            "pt",
            (
                "Com base 100 em 17 de março de 2025, o petróleo WTI ficou em 138,1 e o petróleo Brent em 140,2 "
                "no dia 16 de março."
            ),
        ),
    ],
)
def test_two_lines_from_one_base_word_for_word(tag: str, said: str) -> None:
    lines = (written("2026-03-13 145.1 2026-03-16 138.1"), written("2026-03-16 140.24"))
    two = (OURS["wti"], OURS["brent"])
    assert plain(compared(two, lines, date(2025, 3, 17), language(tag), 2026)) == said


def test_lines_with_other_newest_days_each_say_their_own_and_pairs_are_told_apart() -> None:
    three = (OURS["wti"], OURS["usdcad"], OURS["usdbrl"])
    lines = (written("2026-03-16 138.1"), written("2026-03-18 101.0"), written("2026-03-18 98.2"))
    base, english = date(2025, 3, 17), language("en-US")
    assert compared(three, lines, base, english, 2026) == (
        "With March 17, 2025 as 100, WTI crude oil stood at 138.1 on March 16, the US dollar (USD/CAD) at 101.0 on "
        "March 18, and the US dollar (USD/BRL) at 98.2 on March 18."
    )
    assert compared(three, ((), *lines[1:]), base, english, 0) == (
        "With March 17, 2025 as 100, the US dollar (USD/CAD) stood at 101.0 and the US dollar (USD/BRL) at 98.2 on "
        "March 18, 2026."
    )
    assert compared(three, ((), (), ()), base, english, 2026) == ""


# --- what a figure is -------------------------------------------------------------------------------------------------


def test_trap_41_a_cross_is_explained_in_three_sentences() -> None:
    i = OURS["gbpusd"]
    assert about(i, i.chain[0], PUBLISHERS["ecb"], language("en")) == (
        "This is what one British pound buys, in US dollars: a reference rate for the day, not one at which anyone has "
        "to trade. The European Central Bank publishes its rates on working days around 16:00 Frankfurt time. "
        "We calculate it from two of the publisher’s rates of the same day, USD and GBP."
    )
    assert "cada libra esterlina, em dólares americanos" in about(i, i.chain[0], PUBLISHERS["ecb"], language("pt"))


def test_a_published_rate_is_not_called_our_calculation() -> None:
    i = OURS["eurusd"]
    assert "calcul" not in about(i, i.chain[0], PUBLISHERS["ecb"], language("en"))
    assert "calcul" not in about(i, i.chain[0], PUBLISHERS["ecb"], language("es"))


def test_what_one_publisher_does_is_not_said_of_another() -> None:
    other = replace(PUBLISHERS["eia"], key="boc", name="Bank of Canada")
    text = about(OURS["usdcad"], Link.parse("boc: FXUSDCAD"), other, language("en"))
    assert text.endswith("to trade. Publisher: Bank of Canada.")
    assert "European" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_an_instrument_of_their_own_is_explained_by_its_kind(kind: str) -> None:
    own = replace(OURS["wti"], key="tin", about="", kind=kind, unit="USD/t")  # type: ignore[arg-type]
    for tag in languages():
        text = about(own, own.chain[0], PUBLISHERS["eia"], language(tag))
        assert "USD/t" in text
        assert "{" not in text


@pytest.mark.parametrize("tag", ["en", "en-US", "es", "es-VE", "pt", "pt-BR", "pt-PT"])
@pytest.mark.parametrize("key", list(OURS))
def test_every_explanation_is_two_or_three_sentences(key: str, tag: str) -> None:
    i = OURS[key]
    text = about(i, i.chain[0], PUBLISHERS[i.chain[0].source], language(tag))
    plain_ends = text.replace("U.S. Energy", "US Energy").replace("EE.\u00a0UU.", "EEUU")
    assert 2 <= len(re.findall(r"\.(?: |$)", plain_ends)) <= 3
    assert_well_formed(text)


# --- of any line ------------------------------------------------------------------------------------------------------


def assert_well_formed(text: str) -> None:
    """No blank is left open, nothing is said of None, and it is a sentence."""
    assert not re.search(r"[{}]|None|--|-\d|  | [.,;]|\.\.", text.replace("\u00a0", " ")), text
    assert text.endswith(".")
    assert text[0].isupper()


@st.composite
def lines(draw: st.DrawFn) -> tuple[Instrument, Series]:
    i = draw(st.sampled_from(list(OURS.values())))
    steps = draw(st.lists(st.integers(1, 400), max_size=45))
    units = draw(st.lists(st.integers(-5, 5) | st.integers(-10_000, 300_000), min_size=45, max_size=45))
    day, found = date(2000, 1, 1), []
    for step, unit in zip(steps, units, strict=False):
        day += timedelta(step)
        found.append(Observation(day, Decimal(unit).scaleb(-i.decimals)))
    return i, tuple(found)


ANY_TAG = st.sampled_from(
    ["en", "en-US", "en-AU", "en-IN", "en-ZA", "es", "es-VE", "es-MX", "es-UY", "es-419", "pt", "pt-BR", "pt-PT"]
)


@settings(deadline=None)
@given(lines(), st.sampled_from(list(RANGES)), ANY_TAG, st.sampled_from([0, 2000, 2010]))
def test_of_any_line_there_is_a_sentence(drawn: tuple[Instrument, Series], span: str, tag: str, year: int) -> None:
    i, line = drawn
    text = sentence(i, line, None, span, language(tag), year)
    assert text == sentence(i, line, None, span, language(tag), year)
    assert_well_formed(text)
    both = (latest(i, line, None, language(tag), year), over(i, line, span, language(tag), year))
    assert text == " ".join(part for part in both if part)
    if line:
        assert_well_formed(compared([i, i], [line, line[:1]], date(2000, 1, 1), language(tag), year))


# --- every language ---------------------------------------------------------------------------------------------------


def patterns(table: dict[str, Any], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        found |= patterns(value, f"{before}{key}.") if isinstance(value, dict) else {before + key: value}
    return found


@pytest.mark.parametrize("name", languages())
def test_every_language_has_all_sentences_with_the_same_blanks(name: str) -> None:
    english, own = (tomllib.loads((FOLDER / f"{tag}.toml").read_text("utf-8")) for tag in ("en", name))
    for table in ("sentences", "about"):
        needed, said = patterns(english[table]), patterns(own[table])
        assert set(said) == set(needed)
        for key, pattern in said.items():
            assert sorted(re.findall(r"{\w+}", pattern)) == sorted(re.findall(r"{\w+}", needed[key])), key
    assert set(own["sentences"]["ranges"]) == {span for span, months in RANGES.items() if months}
    assert set(KINDS) <= set(own["sentences"]) & set(own["about"])
