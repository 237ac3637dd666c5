"""Snippets: what an editor pastes, in every form."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ticker.render.choice import Choice
from ticker.render.snippet_live import element, frame, oembed
from ticker.render.snippet_parts import Host, Snippet, Words
from ticker.render.snippet_served import esi, htmx2, htmx4, ssi
from ticker.render.snippet_taken import feed, json, mail, picture

_MADE: Mapping[str, Callable[[Choice, Host, Words], Snippet]] = {
    "element": element,
    "frame": frame,
    "oembed": oembed,
    "ssi": ssi,
    "esi": esi,
    "htmx2": htmx2,
    "htmx4": htmx4,
    "mail": mail,
    "picture": picture,
    "feed": feed,
    "json": json,
}


def snippet(choice: Choice, host: Host, words: Words) -> Snippet:
    """The snippet of a choice in its form."""
    return _MADE[choice.form](choice, host, words)
