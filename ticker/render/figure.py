"""Figures for Plotly: whole lines with their days and values, for a reader who wants to look closer at a chart.

A figure has no colours: the page's own are put in by `static/chart.js`. What it shows of a day and a value when it
is pointed at is what we write ourselves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.dates import get_month_names
from babel.numbers import get_decimal_symbol, get_group_symbol, parse_pattern

from ticker.market.instrument import Cadence
from ticker.market.observation import Series
from ticker.render.language import Language

TOP, BOTTOM = 18, 24
"""Pixels above and below the plot; they are those of the chart as SVG, so that nothing jumps."""

_LEAST = {"daily": 7, "weekly": 49}  # days that can be looked at, at the least: a handful of figures
_DAY = 86_400_000  # milliseconds
_DECIMALS = 6  # of a value on the axis there are fewer, however near one looks
_FIELD = re.compile(r"'((?:[^']|'')*)'|([a-zA-Z])\2*|[^a-zA-Z']+")
_D3 = {"d": "%-d", "dd": "%d", "M": "%-m", "MM": "%m", "MMM": "%b", "MMMM": "%B", "LLL": "%b", "LLLL": "%B"} | {
    "y": "%Y",
    "yy": "%y",
    "yyyy": "%Y",
}


@dataclass(frozen=True)
class Trace:
    """One line: what it is called, its parts between which publication had stopped, and its figures' decimals."""

    name: str
    segments: tuple[Series, ...]
    cadence: Cadence
    decimals: int


def figure(
    traces: Sequence[Trace],
    window: tuple[date, date],
    scale: tuple[Decimal, Decimal],
    ticks: Sequence[tuple[Decimal, str]],
    gutter: int,
    language: Language,
) -> dict[str, Any]:
    """The figure as `{"data", "layout", "config"}`, ready for JSON.

    It opens on a window of days, on a scale from its lowest to its highest value, with these ticks; `gutter` is the
    space for them at the right, in pixels. Lines are given whole: what is outside the window can be looked at.
    """
    import plotly.graph_objects as go  # here: a worker that is never asked for one need not pay for it

    found = go.Figure(
        data=[_scatter(trace, alone=len(traces) == 1, language=language) for trace in traces],
        layout={
            "template": "none",
            "separators": get_decimal_symbol(language.locale) + get_group_symbol(language.locale),
            "margin": {"l": 0, "r": gutter, "t": TOP, "b": BOTTOM, "pad": 0, "autoexpand": False},
            "xaxis": _days(traces, window, language.locale),
            "yaxis": _values(scale, ticks),
            "showlegend": False,
            "hovermode": "x" if len(traces) == 1 else "x unified",
            "hoverdistance": -1,
            "spikedistance": -1,
            "dragmode": "zoom",
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "meta": {"least": max(_LEAST[trace.cadence] for trace in traces)},
        },
    )
    made = found.to_dict()
    del made["layout"]["template"]  # plotly.js has none of its own, and this one says as much
    for drawn, trace in zip(made["data"], traces, strict=True):
        drawn |= _points(trace)  # last: plotly would copy and look at each of twenty thousand, three times
    return {"data": made["data"], "layout": made["layout"], "config": _config(language)}


def _points(trace: Trace) -> dict[str, list[Any]]:
    """A line's days and values. A row without a value stands where publication stopped: nothing is drawn there."""
    days: list[str] = []
    values: list[float | None] = []
    for part in trace.segments:
        if days:
            days.append((date.fromisoformat(days[-1]) + timedelta(days=1)).isoformat())
            values.append(None)
        days += [o.day.isoformat() for o in part]
        values += [float(o.value) for o in part]
    return {"x": days, "y": values}


def _scatter(trace: Trace, *, alone: bool, language: Language) -> dict[str, Any]:
    """How a line is drawn, and what it says of a day and a value."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": _plain(trace.name),
        "connectgaps": False,
        "line": {"shape": "hv" if trace.cadence == "weekly" else "linear", "simplify": True},
        "hoverinfo": "y",  # no label of the day on the axis: it is in the line's own
        # By these formats and not in the template: there, a minus would be a hyphen.
        "xhoverformat": d3_format(language.locale, "yMMMd"),
        "yhoverformat": f",.{trace.decimals}f",
        "hovertemplate": "%{x}: %{y}<extra></extra>" if alone else "%{fullData.name}: %{y}<extra></extra>",
    }


def _days(traces: Sequence[Trace], window: tuple[date, date], locale: Locale) -> dict[str, Any]:
    ends = [day for trace in traces for part in trace.segments for day in (part[0].day, part[-1].day)]
    month, day = d3_format(locale, "yMMM"), d3_format(locale, "MMMd")
    return {
        "type": "date",
        "range": [day.isoformat() for day in window],
        "minallowed": min([window[0], *ends]).isoformat(),
        "maxallowed": max([window[1], *ends]).isoformat(),
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "tickangle": 0,
        "ticklabelstandoff": 3,
        "tickformatstops": [
            {"dtickrange": [None, 27 * _DAY], "value": day},
            {"dtickrange": ["M1", "M11"], "value": month},
            {"dtickrange": ["M12", None], "value": "%Y"},
        ],
        "hoverformat": d3_format(locale, "yMMMd"),
        "showspikes": True,
        "spikemode": "across",
        "spikesnap": "hovered data",
        "spikedash": "solid",
        "spikethickness": 1,
    }


def _values(scale: tuple[Decimal, Decimal], ticks: Sequence[tuple[Decimal, str]]) -> dict[str, Any]:
    return {
        "type": "linear",
        "side": "right",
        "range": [float(value) for value in scale],
        "tickvals": [float(value) for value, _ in ticks],
        "ticktext": [_plain(text) for _, text in ticks],
        "fixedrange": True,
        "showgrid": True,
        "gridwidth": 1,
        "zeroline": False,
        "ticks": "",
        "ticklabelstandoff": 5,
        "nticks": 6,
        # As many decimals on each as their distance asks for, also on one that needs none: 3.0 beside 3.1.
        "tickformatstops": [{"dtickrange": [0.9 * 10**-n, None], "value": f",.{n}f"} for n in range(_DECIMALS)],
        "exponentformat": "none",
        "separatethousands": True,
    }


def _config(language: Language) -> dict[str, Any]:
    locale = language.locale
    grouping = [size for size in parse_pattern(locale.decimal_formats[None].pattern).grouping if size < 10]
    first, *rest = grouping or [3]
    return {
        "displayModeBar": False,
        "displaylogo": False,
        "scrollZoom": False,
        "responsive": False,
        "doubleClick": "reset",
        "showTips": False,
        "locale": language.tag,
        "locales": {
            language.tag: {
                "format": {
                    "months": _months("wide", locale),
                    "shortMonths": _months("abbreviated", locale),
                    "grouping": [first, *(rest or [first]) * 4],
                    "year": "%Y",
                    "month": d3_format(locale, "yMMM"),
                    "dayMonth": d3_format(locale, "MMMd"),
                    "dayMonthYear": d3_format(locale, "yMMMd"),
                }
            }
        },
    }


def d3_format(locale: Locale, skeleton: str) -> str:
    """CLDR's pattern of a skeleton in a locale, as d3 writes one: `%-d de %b de %Y` for `yMMMd` in Brazil."""
    pattern = str(locale.datetime_skeletons[skeleton].pattern)
    return "".join(_field(found) for found in _FIELD.finditer(pattern))


def _field(found: re.Match[str]) -> str:
    text, quoted, letter = found.group(0), found.group(1), found.group(2)
    if letter:
        return _D3[text]
    return ("'" if text == "''" else text if quoted is None else quoted.replace("''", "'")).replace("%", "%%")


def _months(width: str, locale: Locale) -> list[str]:
    names = get_month_names("wide" if width == "wide" else "abbreviated", "format", locale)
    return [names[month] for month in range(1, 13)]


def _plain(text: str) -> str:
    """Text that is nothing but text: Plotly reads a few HTML tags and entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;")
