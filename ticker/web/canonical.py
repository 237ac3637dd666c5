"""Canonical addresses: the one query under which all queries of the same meaning share an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import MultiDict

from ticker.errors import BadParameter
from ticker.market.snapshot import Snapshot
from ticker.render.choice import parse_choice
from ticker.render.language import canonical as canonical_tag
from ticker.render.variant import chosen_instruments, parse_variant
from ticker.web.assets import STABLE
from ticker.web.cache import LONGEST_QUERY
from ticker.web.instruments import chart_of

_Args = MultiDict[str, str]
_Form = Callable[[str, _Args, Snapshot], str | None]


def canonical(path: str, query: str, snapshot: Snapshot) -> str | None:
    """The canonical query; the application answers it as it would answer this one.

    Parameters stand in one order, without those that the address has no use for and those that say the default. None
    where the query is wrong, or nobody but the application can tell.
    """
    first, _, rest = path[1:].partition("/")
    form = _FORMS.get(first)
    if form is None or not path.startswith("/") or not query.isascii():
        return None
    try:
        args = MultiDict(parse_qsl(query, keep_blank_values=True, errors="strict"))
        found = form(rest, args, snapshot)
    except (BadParameter, ValueError):
        return None
    return found if found is not None and len(found) <= LONGEST_QUERY else None


def _nothing(rest: str, args: _Args, snapshot: Snapshot) -> str:
    return ""


def _fragment(rest: str, args: _Args, snapshot: Snapshot) -> str:
    return parse_variant(rest.removesuffix(".json"), args, snapshot.catalog).query()


def _frame(rest: str, args: _Args, snapshot: Snapshot) -> str:
    return replace(parse_variant(rest, args, snapshot.catalog), style=True).query()


def _picture(rest: str, args: _Args, snapshot: Snapshot) -> str:
    return _shot(rest.rpartition(".")[0], args, snapshot, {"size": "600", "scale": "1"})


def _mail(rest: str, args: _Args, snapshot: Snapshot) -> str:
    return _shot(rest, args, snapshot, {"size": "600", "show": "both", "view": "mail"})


def _shot(widget: str, args: _Args, snapshot: Snapshot, usual: Mapping[str, str]) -> str:
    variant = replace(parse_variant(widget, args, snapshot.catalog), style=True, spark=True, link=False)
    return _joined(variant.query(), _said(args, ("on", *usual), usual))


def _page(rest: str, args: _Args, snapshot: Snapshot) -> str:
    variant = chart_of(rest, args, snapshot)
    said = dict(parse_qsl(variant.query()))
    beside = {"vs": ",".join(variant.instruments[1:])} if variant.instruments[1:] else {}
    return urlencode(beside | {name: value for name, value in said.items() if name != "i"}, safe=",")


def _home(rest: str, args: _Args, snapshot: Snapshot) -> str | None:
    if rest:
        return None
    find = args.get("find", "")[:40]
    return _joined(parse_choice(args, snapshot.catalog).query(), urlencode({"find": find}) if find else "")


def _oembed(rest: str, args: _Args, snapshot: Snapshot) -> str:
    return _said(args, ("url", "format", "maxwidth", "maxheight"), {"format": "json"})


def _corrections(rest: str, args: _Args, snapshot: Snapshot) -> str:
    return _said(args, ("i", "lang", "page"), {"i": "", "lang": "en", "page": "1"})


def _strict(*names: str, **usual: str) -> _Form:
    """The form of an address that refuses all other parameters, and one that is given twice."""

    def form(rest: str, args: _Args, snapshot: Snapshot) -> str | None:
        if any(name not in names or len(values) > 1 for name, values in args.lists()):
            return None
        return _said(args, names, usual)

    return form


def _data(rest: str, args: _Args, snapshot: Snapshot) -> str | None:
    kind, _, key = rest.partition("/")
    if rest == "quotes" and "i" in args and len(args.getlist("i")) == 1 == len(args):
        wanted = chosen_instruments(args["i"], snapshot.catalog)
        return urlencode({"i": ",".join(i.key for i in snapshot.catalog.instruments if i.key in wanted)}, safe=",")
    return _DATA.get(kind, _strict())(key, args, snapshot)


def _said(args: Mapping[str, str], names: tuple[str, ...], usual: Mapping[str, str]) -> str:
    """What is said of these names, in their order, but for what says the usual."""
    given = {name: args[name] for name in names if name in args}
    if "lang" in given and "lang" in usual:
        given["lang"] = canonical_tag(given["lang"])
    return urlencode({name: value for name, value in given.items() if value != usual.get(name)}, safe=",:/")


def _joined(*parts: str) -> str:
    return "&".join(filter(None, parts))


_DATA: Mapping[str, _Form] = {
    "history": _strict("from", "range", "to"),
    "pictures": _strict("i", "lang", "theme", "up", "range", "size", "scale", "on"),
}
_FORMS: Mapping[str, _Form] = {
    "": _home,
    "w": _fragment,
    "embed": _frame,
    "i": _page,
    "img": _picture,
    "mail": _mail,
    "v1": _data,
    "feeds": _strict("above", "below", "lang", lang="en"),
    "oembed": _oembed,
    "corrections": _corrections,
    "corrections.atom": _strict("i", "lang", i="", lang="en"),
    "openapi.json": _strict(),
    "static": _nothing,
    "favicon.ico": _nothing,
    **dict.fromkeys(STABLE, _nothing),
}
