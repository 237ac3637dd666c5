"""Which of our pages an address is. Nothing is asked for it: it is read, letter by letter."""

from __future__ import annotations

from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from ticker.errors import BadParameter
from ticker.market.snapshot import Snapshot
from ticker.render.variant import Variant, parse_variant
from ticker.web.instruments import chart_of

_FRAGMENTS = ("embed", "w")
_PATHS = "/, /i/<instrument>, /embed/<widget>, /w/<widget>"


def variant_at(address: str, public_url: str, snapshot: Snapshot) -> Variant:
    """The widget to show for one of our addresses; of the home page it is the list.

    BadParameter, named `address`, for one that is not ours or that we would not answer.
    """
    after = address.removeprefix(public_url)
    # What follows our own address is a path or a query, or it was another host, port or user that began like ours.
    if after == address or after[:1] not in ("", "/", "?", "#"):
        raise BadParameter("address", address, f"addresses that begin with {public_url}/")
    path, _, query = after.partition("#")[0].partition("?")
    args = MultiDict(parse_qsl(query, keep_blank_values=True))
    first, *rest = path.removeprefix("/").split("/")
    try:
        if not first and not rest:
            given = {name: args[name] for name in ("lang", "theme", "up") if name in args}
            return parse_variant("list", given, snapshot.catalog)
        if len(rest) == 1 and first == "i":
            return chart_of(rest[0], args, snapshot)
        if len(rest) == 1 and first in _FRAGMENTS:
            return parse_variant(rest[0], args, snapshot.catalog)
    except BadParameter as wrong:
        raise BadParameter("address", address, str(wrong)) from wrong
    raise BadParameter("address", address, f"{_PATHS} under {public_url}")
