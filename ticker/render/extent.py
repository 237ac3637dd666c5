"""How much room a widget takes, before a browser has laid it out: what to reserve for a frame."""

from __future__ import annotations

from ticker.render.variant import Variant

_WIDE = 640  # a wider one is no easier to read
_CARD = 300
_BESIDE = 270  # how wide a card is, at least, where another stands beside it
_ITEM = 210  # how wide an item of a strip is, in most languages


def width(variant: Variant, most: int) -> int:
    """The width to show the widget in, in pixels; `most` where there is no more."""
    usual = min(_WIDE, _CARD * len(variant.instruments)) if variant.widget == "card" else _WIDE
    return min(usual, most)


def height(variant: Variant, groups: int, width: int) -> int:
    """About how tall the widget is at that width, in pixels; `groups` is how many blocks a list or strip has.

    A guess, right to a tenth or two: a reader's letters decide, and the frame says its own height once it is there.
    """
    n = len(variant.instruments)
    if variant.widget == "list":
        return 80 * groups + 60 * n
    if variant.widget == "strip":
        return 38 * _rows(n, width // _ITEM) + 20 * groups * _rows(320, width) + 20
    if variant.widget == "card":
        return 258 * _rows(n, width // _BESIDE)
    return 520


def _rows(of: int, each: int) -> int:
    return -(-of // max(1, each))
