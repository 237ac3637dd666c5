"""Addresses of frames, and which of our pages an address is: it is read, letter by letter, and nothing is fetched."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from ticker.errors import BadParameter
from ticker.market.snapshot import Snapshot
from ticker.render.choice import parse_choice
from ticker.render.variant import PICTURED, Variant, parse_variant
from ticker.web.instruments import chart_of

_FRAGMENTS = ("embed", "w")
_PATHS = "/, /i/<instrument>, /embed/<widget>, /w/<widget>"


def frame_of(variant: Variant, public_url: str) -> str:
    """The address of the widget in a page of its own; empty for one that stands in a sentence, not in a frame."""
    if variant.widget not in PICTURED:
        return ""
    return f"{public_url}/embed/{variant.widget}?{replace(variant, style=True).query()}"


def variant_at(address: str, public_url: str, snapshot: Snapshot) -> Variant:
    """The widget to show for one of our addresses; of the home page it is what its builder shows.

    BadParameter, named `address`, for one that is not ours or that we would not answer.
    """
    after = address.removeprefix(public_url)
    # What follows our own address is a path or a query, or it was another host, port or user that began like ours.
    if after == address or after[:1] not in ("", "/", "?", "#"):
        raise BadParameter("address", address, f"addresses that begin with {public_url}/")
    path, _, query = after.partition("#")[0].partition("?")
    args = MultiDict(parse_qsl(query, keep_blank_values=True))
    first, *rest = path.removeprefix("/").split("/")
    found = None
    try:
        if not first and not rest:
            found = parse_choice(args, snapshot.catalog).variant
        elif len(rest) == 1 and first == "i":
            found = chart_of(rest[0], args, snapshot)
        elif len(rest) == 1 and first in _FRAGMENTS:
            found = parse_variant(rest[0], args, snapshot.catalog)
    except BadParameter as wrong:
        raise BadParameter("address", address, str(wrong)) from wrong
    if found is None or found.widget not in PICTURED:
        raise BadParameter("address", address, f"{_PATHS} under {public_url}; <widget> is {', '.join(PICTURED)}")
    return found
