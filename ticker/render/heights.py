"""How high a widget will be, in the letters of a reader's system; where it matters, a browser measures it."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from ticker.market.instrument import Catalog
from ticker.render.variant import Variant

_LIST = {300: (92, 60), 360: (88, 57), 640: (88, 53)}  # pixels of a group's title and notes, and of a row
_STRIP = {300: (30, 36), 360: (30, 31), 640: (26, 16)}
_CHART = {300: 556, 360: 506, 640: 513}
_CARD, _GAP = 258, 16


def estimate(variant: Variant, width: int, catalog: Catalog) -> int:
    """The height in pixels at one of the builder's widths, from the number of rows; 0 for what stands in a sentence.

    The figures were measured in Chromium with Liberation Sans. Names that wrap make it a tenth or two wrong.
    """
    rows = len(variant.instruments)
    if variant.widget in ("list", "strip"):
        sizes: Mapping[int, tuple[int, int]] = _LIST if variant.widget == "list" else _STRIP
        groups = len({i.group for i in catalog.instruments if i.key in variant.instruments})
        group, row = sizes[width]
        return group * groups + row * rows
    if variant.widget == "card":
        lines = ceil(rows / 2) if width == 640 else rows
        return _CARD * lines + _GAP * (lines - 1)
    return _CHART[width] if variant.widget == "chart" else 0
