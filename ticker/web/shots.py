"""Shots that a query asks for: what a picture shows, and how long an answer that shows it may be kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Literal

from flask import Response, request

from ticker.errors import BadParameter
from ticker.market.snapshot import Snapshot
from ticker.render.fragment import Lines
from ticker.render.studio import Shot
from ticker.render.variant import PICTURED, parse_variant
from ticker.web.days import day_in, latest_today
from ticker.web.headers import keep

_SETTLED = timedelta(days=60)  # a figure so old hardly changes any more


def shot_asked(widget: str, snapshot: Snapshot, lines: Lines, now: datetime, sizes: tuple[int, ...]) -> Shot:
    """The shot that this request's parameters ask for; BadParameter, saying what is allowed, for a wrong one."""
    if widget not in PICTURED:
        raise BadParameter("widget", widget, ", ".join(PICTURED))
    variant = replace(parse_variant(widget, request.args, snapshot.catalog), style=True, spark=True, link=False)
    if widget == "card" and len(variant.instruments) > 1:
        raise BadParameter("i", request.args["i"], "one instrument: a picture is of one card")
    shortest = max(
        (lines(snapshot, key) for key in variant.instruments), key=lambda line: line[0].day if line else date.min
    )
    day = day_in("on", request.args, shortest, latest_today(now))
    return Shot(variant, int(one_of("size", tuple(map(str, sizes)), "600")), day)


def kept(response: Response, shot: Shot, now: datetime) -> Response:
    """Let an answer be kept: for a year where its day is settled, an hour where it is not, else as of now."""
    if shot.day is None:
        return keep(response)
    until: Literal["settled", "day"] = "settled" if now.date() - shot.day > _SETTLED else "day"
    return keep(response, until)


def one_of(name: str, allowed: tuple[str, ...], default: str) -> str:
    """The value of a parameter that has a few; BadParameter for any other."""
    said = request.args.get(name, default)
    if said not in allowed:
        raise BadParameter(name, said, ", ".join(allowed))
    return said
