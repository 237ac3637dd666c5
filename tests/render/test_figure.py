from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import brotli
import plotly.graph_objects as go
import pytest
from babel.dates import get_month_names
from hypothesis import given
from hypothesis import strategies as st

from tests.render.world import everything, written
from ticker.market.history import unbroken
from ticker.market.instrument import Cadence
from ticker.market.observation import Observation, Series
from ticker.render import numbers
from ticker.render.figure import Trace, d3_format, figure
from ticker.render.language import Language, language

FEW = written("2026-03-12 95.7 2026-03-13 98.48 2026-03-16 93.39 2026-04-20 -36.98 2026-04-21 1000.10")
WINDOW = (date(2026, 3, 1), date(2026, 4, 21))
TAGS = ("en", "es", "pt-BR", "en-IN", "es-VE", "es-MX", "pt-PT", "en-US", "en-ZW")


def made(
    *lines: Series, cadence: Cadence = "daily", tag: str = "en", decimals: int = 2, window: tuple[date, date] = WINDOW
) -> dict[str, Any]:
    traces = [Trace(f"Line <{n}> & Co", unbroken(line, cadence), cadence, decimals) for n, line in enumerate(lines)]
    ticks = [(Decimal(n), f"{n}.00") for n in (0, 500, 1000)]
    return figure(traces, window, (Decimal(-50), Decimal("1100.5")), ticks, 54, language(tag))


@pytest.mark.parametrize("lines", [1, 3])
@pytest.mark.parametrize("cadence", ["daily", "weekly"])
def test_it_is_a_valid_figure_of_json(lines: int, cadence: Cadence) -> None:
    found = json.loads(json.dumps(made(*[FEW] * lines, cadence=cadence), allow_nan=False))
    assert set(found) == {"data", "layout", "config"}
    assert "template" not in found["layout"]
    drawn = go.Figure(data=found["data"], layout=found["layout"])  # raises on what it does not know
    assert len(drawn.data) == lines
    assert {trace.line.shape for trace in drawn.data} == {"hv" if cadence == "weekly" else "linear"}
    assert drawn.layout.hovermode == ("x" if lines == 1 else "x unified")


def test_it_has_no_colours_of_its_own() -> None:
    found = made(FEW, FEW)
    assert found["layout"].pop("paper_bgcolor") == found["layout"].pop("plot_bgcolor") == "rgba(0,0,0,0)"
    text = json.dumps(found)
    assert not any(sign in text for sign in ("color", "#", "rgb"))


@given(st.lists(st.decimals(-999_999, 999_999, places=4), min_size=1, max_size=30))
def test_values_are_those_that_were_published(values: list[Decimal]) -> None:
    line = tuple(Observation(date(2026, 1, 1) + timedelta(days=n), value) for n, value in enumerate(values))
    (trace,) = json.loads(json.dumps(made(line)), parse_float=Decimal)["data"]
    assert trace["y"] == [o.value for o in line]
    assert trace["x"] == [o.day.isoformat() for o in line]


def test_where_publication_stopped_a_row_has_no_value() -> None:
    (trace,) = made(FEW)["data"]
    rows = list(zip(trace["x"], trace["y"], strict=True))
    assert rows[2:5] == [("2026-03-16", 93.39), ("2026-03-17", None), ("2026-04-20", -36.98)]
    assert not trace["connectgaps"]
    assert trace["x"] == sorted(trace["x"])


def test_it_opens_where_it_is_told_and_goes_as_far_as_the_figures() -> None:
    layout = made(FEW, window=(date(2026, 3, 13), date(2026, 4, 1)))["layout"]
    assert layout["xaxis"]["range"] == ["2026-03-13", "2026-04-01"]
    assert (layout["xaxis"]["minallowed"], layout["xaxis"]["maxallowed"]) == ("2026-03-12", "2026-04-21")
    assert layout["yaxis"]["range"] == [-50.0, 1100.5]
    assert layout["yaxis"]["tickvals"] == [0, 500, 1000]
    assert layout["yaxis"]["ticktext"] == ["0.00", "500.00", "1000.00"]
    assert {side: layout["margin"][side] for side in "lrtb"} == {"l": 0, "r": 54, "t": 18, "b": 24}
    early = made(FEW, window=(date(2020, 1, 1), date(2026, 5, 1)))["layout"]["xaxis"]
    assert (early["minallowed"], early["maxallowed"]) == ("2020-01-01", "2026-05-01")


def test_a_name_is_text() -> None:
    assert made(FEW)["data"][0]["name"] == "Line &lt;0> &amp; Co"


def formatted(day: date, pattern: str, spoken: Language) -> str:
    """A day as d3 writes it by a pattern."""
    names = get_month_names("abbreviated", "format", spoken.locale)
    text = pattern.replace("%b", names[day.month]).replace("%-d", str(day.day)).replace("%-m", str(day.month))
    return datetime.combine(day, datetime.min.time()).strftime(text)


@pytest.mark.parametrize("tag", TAGS)
def test_a_day_has_the_languages_form(tag: str) -> None:
    spoken = language(tag)
    config = made(FEW, tag=tag)["config"]
    months = config["locales"][config["locale"]]["format"]["shortMonths"]
    assert months == [get_month_names("abbreviated", "format", spoken.locale)[n] for n in range(1, 13)]
    for month in range(1, 13):
        day = date(2026, month, 5)
        assert formatted(day, d3_format(spoken.locale, "yMMMd"), spoken) == numbers.day(day, 0, spoken.locale)
        assert formatted(day, d3_format(spoken.locale, "MMMd"), spoken) == numbers.day(day, 2026, spoken.locale)


@pytest.mark.parametrize(("tag", "separators", "grouping"), [("en", ".,", [3] * 5), ("es", ",.", [3] * 5),
                         ("en-IN", ".,", [3, 2, 2, 2, 2]), ("pt-PT", ",\u00a0", [3] * 5)])  # fmt: skip
def test_numbers_have_the_languages_signs(tag: str, separators: str, grouping: list[int]) -> None:
    found = made(FEW, tag=tag, decimals=3)
    assert found["layout"]["separators"] == separators
    assert found["config"]["locales"][tag]["format"]["grouping"] == grouping
    assert found["data"][0]["yhoverformat"] == ",.3f"


def test_forty_years_of_days_are_sixty_kilobytes_at_most() -> None:
    line = everything()["eia:RWTC"]
    if len(line) < 10_000:
        pytest.skip("the public history is not at hand")
    packed = brotli.compress(json.dumps(made(tuple(line)), separators=(",", ":")).encode(), quality=5)
    assert len(packed) <= 60_000


def test_who_draws_no_figure_loads_no_plotly() -> None:
    code = "import sys, ticker.render.figure; sys.exit('plotly' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
