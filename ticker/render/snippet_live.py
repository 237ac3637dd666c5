"""Snippets of widgets that live in a page of another host: the element, the frame, the address for oEmbed."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from ticker.render.choice import Choice
from ticker.render.snippet_parts import HEIGHT, Host, Snippet, Words, path, tag

_ATTRIBUTE = "style-src-attr 'unsafe-inline'"


def element(choice: Choice, host: Host, words: Words) -> Snippet:
    """The custom element and its script. Between the tags stands what is shown if Ticker does not answer."""
    widget = choice.variant.widget
    said = {"widget": widget, **choice.parameters()}
    if widget == "inline":
        shown, rule = tag("market-ticker", escape(words.money), **said), ""
    else:
        link = tag("a", escape(words.title), href=host.url + path(choice, "embed"))
        look = f'\n  style="display:block;min-height:{HEIGHT}px">'
        shown = tag("market-ticker", **said).removesuffix(">") + f"{look}\n  {link}\n</market-ticker>"
        rule = f'market-ticker[widget="{widget}"] {{ display: block; min-height: {HEIGHT}px }}'
    script = f'<script async src="{host.url}/embed.js"></script>'
    return Snippet(
        f"{script}\n{shown}",
        policy=(
            ("", f"script-src {host.origin}; connect-src {host.origin}"),
            *([("for the style attribute, unless you leave it out as below", _ATTRIBUTE)] if rule else []),
            ("and where it has require-trusted-types-for 'script'", f"trusted-types {_trusted(widget)}"),
        ),
        rule=rule,
        loaded=_loaded(choice),
        pinned=_pinned(host) if host.script else "",
    )


def _trusted(widget: str) -> str:
    return "market-ticker" + (" market-ticker-chart" if widget == "chart" else "")


def _loaded(choice: Choice) -> tuple[str, ...]:
    """What the element asks for: its style does the work of theme and up; a sentence waits until a reader asks."""
    if choice.variant.widget == "inline":
        return ("/embed.js",)
    asked = {name: value for name, value in choice.parameters().items() if name not in ("theme", "up")}
    fragment = f"/w/{choice.variant.widget}?{urlencode(asked | {'link': '1'}, safe=',')}"
    return "/embed.js", fragment, *(["/chart.js"] if choice.variant.widget == "chart" else [])


def _pinned(host: Host) -> str:
    return f'<script async src="{host.url}{host.script}" integrity="{host.integrity}" crossorigin="anonymous"></script>'


def frame(choice: Choice, host: Host, words: Words) -> Snippet:
    """A frame, and the script that makes it as high as what it shows; without the script the height stays."""
    address = path(choice, "embed")
    shown = tag(
        "iframe",
        "",
        src=host.url + address,
        title=words.title,
        width="100%",
        height=HEIGHT,
        style="border:0",
        loading="lazy",
    )
    return Snippet(
        f'{shown}\n<script async src="{host.url}/frame.js"></script>',
        policy=(
            ("", f"frame-src {host.origin}; script-src {host.origin}"),
            ("for the style attribute, unless you leave it out as below", _ATTRIBUTE),
            ("without the script", f"frame-src {host.origin}"),
        ),
        rule="iframe { border: 0 }",
        loaded=(address, "/frame.js"),
        opens=address,
    )


def oembed(choice: Choice, host: Host, words: Words) -> Snippet:
    """The address that an editor's system turns into a frame by itself."""
    address = path(choice, "embed")
    return Snippet(host.url + address, (("", f"frame-src {host.origin}"),), loaded=(address,), opens=address)
