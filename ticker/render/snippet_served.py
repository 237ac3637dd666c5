"""Snippets of fragments that become part of the host's own page: included by its server, or fetched by htmx."""

from __future__ import annotations

from html import escape

from ticker.render.choice import Choice
from ticker.render.snippet_parts import HEIGHT, Host, Snippet, Words, path, tag

_HTMX_2 = '{"selfRequestsOnly":false,"includeIndicatorStyles":false}'
_HTMX_4 = '{"mode":"cors","noSwap":[204,304,"4xx","5xx"],"includeIndicatorCSS":false}'


def ssi(choice: Choice, host: Host, words: Words) -> Snippet:
    """An include of nginx or Apache: the address is on the host's own server, where Ticker is proxied."""
    address = path(choice, "w")
    text = f'<!--#include virtual="{address}" -->'
    return Snippet(text, _policy(choice), carried=(address,), opens=address)


def esi(choice: Choice, host: Host, words: Words) -> Snippet:
    """An include of Varnish or Fastly."""
    address = path(choice, "w")
    return Snippet(f'<esi:include src="{address}"/>', _policy(choice), carried=(address,), opens=address)


def htmx2(choice: Choice, host: Host, words: Words) -> Snippet:
    """For a page with htmx 2, and the settings without which it refuses other hosts."""
    return _htmx(choice, host, words, _HTMX_2)


def htmx4(choice: Choice, host: Host, words: Words) -> Snippet:
    """For a page with htmx 4, and the settings without which it refuses other hosts and shows error answers."""
    return _htmx(choice, host, words, _HTMX_4)


def _htmx(choice: Choice, host: Host, words: Words, config: str) -> Snippet:
    address = path(choice, "w")
    call = {"hx_get": host.url + address, "hx_trigger": "load"}
    if choice.variant.widget == "inline":
        place, rule = tag("span", escape(words.money), **call), ""
    else:
        link = tag("a", escape(words.title), href=host.url + path(choice, "embed"))
        place = tag("div", link, **call, class_="market-ticker", style=f"min-height:{HEIGHT}px")
        rule = f".market-ticker {{ min-height: {HEIGHT}px }}"
    meta = f"<meta name=\"htmx-config\" content='{config}'>"
    return Snippet(
        f"{meta}\n{place}", _policy(choice, f"connect-src {host.origin}"), rule, loaded=(address,), opens=address
    )


def _policy(choice: Choice, first: str = "") -> tuple[tuple[str, str], ...]:
    """A fragment's style element needs leave; without it the page's own rules are the style."""
    own = "; ".join(filter(None, (first, "style-src 'self'")))
    without = ("with style=0, and rules of your own", own)
    if not choice.variant.style:
        return (without,)
    return ("", "; ".join(filter(None, (first, "style-src 'unsafe-inline'")))), without
