"""What a reader's browser needs to explore a chart: Plotly's figure of it, and words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ticker.market.history import unbroken
from ticker.market.observation import Series
from ticker.market.quote import Quote
from ticker.render.chart import chart
from ticker.render.figure import Trace, figure
from ticker.render.language import Language
from ticker.render.panel import shown

_GUTTER = 60  # pixels, until the browser has measured its own
_WORDS = ("zoom_in", "zoom_out", "reset", "keys")


def exploration(quotes: Sequence[Quote], whole: Sequence[Series], named: str, language: Language) -> dict[str, Any]:
    """The exploration of a chart as a document; one without a figure, where there is nothing to draw.

    It opens on its range. A single line can be looked at beyond that, as a whole; a comparison cannot: in another range
    its lines have other figures.
    """
    words = {key: language.chart(key) for key in _WORDS}
    found = shown(quotes, whole, named)
    drawn = chart([q.instrument for q in found.quotes], found.lines, found.days, language) if found else None
    if found is None or drawn is None:
        return {"figure": None, "words": words}
    lines, scale = (found.lines if found.base else whole), drawn.plot.scale
    traces = [
        Trace(language.name(q.instrument), unbroken(line, q.instrument.cadence), q.instrument.cadence, found.decimals)
        for q, line in zip(found.quotes, lines, strict=True)
    ]
    ticks = [(value, language.number(value, scale.decimals)) for value in scale.ticks]
    return {"figure": figure(traces, found.days, (scale.low, scale.high), ticks, _GUTTER, language), "words": words}
