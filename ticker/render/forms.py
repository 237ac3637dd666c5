"""Forms: the ways in which a widget gets into a page, a message or a program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ticker.render.variant import WIDGETS


@dataclass(frozen=True)
class Form:
    """A way: what it is called, what to do with it and where, which widget parameters it has no use for.

    One that is `whole` shows a widget in a place of its own. A figure inside a sentence has none, and must not be
    replaced there by a newer one behind its editor's back.
    """

    title: str
    head: str
    hint: str
    ignores: frozenset[str]
    whole: bool = False


_HERE = "Paste this where the widget should stand"
_FIRST = "The first line belongs into its head, before htmx itself."
_LOOK = frozenset(("theme", "up", "spark", "link", "style"))
_DRAWN = frozenset(("spark", "link", "style"))
FORMS: Mapping[str, Form] = {
    "element": Form(
        "Web component",
        _HERE,
        "For any page that takes HTML. What stands between the tags shows until Ticker answers, or if it never does.",
        frozenset(("link", "style")),
    ),
    "frame": Form(
        "Frame",
        _HERE,
        "For a CMS that strips what it does not know. The second line fits the height; it is enough once on a page.",
        frozenset(("style",)),
        whole=True,
    ),
    "oembed": Form(
        "Address",
        "Paste this address on a line of its own",
        "For WordPress, Ghost, Discourse and others that know oEmbed.",
        frozenset(("style",)),
        whole=True,
    ),
    "ssi": Form("SSI", _HERE, "For nginx or Apache, with Ticker proxied under your own host.", frozenset(), whole=True),
    "esi": Form(
        "ESI", _HERE, "For Varnish or Fastly, with Ticker proxied under your own host.", frozenset(), whole=True
    ),
    "htmx2": Form("htmx 2", _HERE, f"For a page with htmx 2. {_FIRST}", frozenset(), whole=True),
    "htmx4": Form("htmx 4", _HERE, f"For a page with htmx 4. {_FIRST}", frozenset(), whole=True),
    "mail": Form(
        "E-mail",
        "Open this address, and copy what it shows",
        "For a newsletter: tables and a picture that mail programs show. With &view=code it is HTML to paste.",
        _DRAWN,
        whole=True,
    ),
    "picture": Form(
        "Picture",
        _HERE,
        "Shows the newest figures. For a picture that stays as it is, add on= and a day to its address.",
        _DRAWN,
        whole=True,
    ),
    "feed": Form(
        "Feed",
        "Paste this into the head of a page, or subscribe to it",
        "Atom: one entry for each publication, corrections as updates.",
        _LOOK | {"range"},
    ),
    "json": Form("JSON", "Fetch this", "For programs of your own, from any origin, without a key.", _LOOK | {"lang"}),
}
"""Every form, by its name in the builder's address."""


def forms_of(widget: str) -> tuple[str, ...]:
    """The forms in which a widget comes."""
    return tuple(name for name, form in FORMS.items() if WIDGETS[widget].pictured or not form.whole)
