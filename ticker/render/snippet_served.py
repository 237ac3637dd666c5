"""Snippets of fragments that become part of the host's own page: included by its server, or fetched by htmx."""

from __future__ import annotations

import json
from html import escape

from ticker.render.choice import Choice
from ticker.render.snippet_parts import HEIGHT, Host, Snippet, Words, path, tag

# As in docs/recipes/htmx2.html and htmx4.html, which our tests run.
_HTMX_2 = {
    "selfRequestsOnly": False,
    "includeIndicatorStyles": False,
    "timeout": 10000,
    "responseHandling": [{"code": "200", "swap": True}, {"code": "...", "swap": False}],
}
_HTMX_4 = {"mode": "cors", "noSwap": [204, 304, "3xx", "4xx", "5xx"], "defaultTimeout": 10000}


def ssi(choice: Choice, host: Host, words: Words) -> Snippet:
    """An include of nginx or Apache: the address is on the host's own server, where Ticker is proxied."""
    address = path(choice, "w")
    text = f'{_sheet(choice, host)}<!--#include virtual="{host.base}{address}" -->'
    return Snippet(text, _policy(choice, host), carried=(address,), opens=address)


def esi(choice: Choice, host: Host, words: Words) -> Snippet:
    """An include of Varnish or Fastly."""
    address = path(choice, "w")
    text = f'{_sheet(choice, host)}<esi:include src="{host.base}{address}"/>'
    return Snippet(text, _policy(choice, host), carried=(address,), opens=address)


def htmx2(choice: Choice, host: Host, words: Words) -> Snippet:
    """For a page with htmx 2, and the settings without which it refuses other hosts."""
    return _htmx(choice, host, words, _HTMX_2, hx_request='{"noHeaders": true}')


def htmx4(choice: Choice, host: Host, words: Words) -> Snippet:
    """For a page with htmx 4, and the settings without which it refuses other hosts and shows error answers."""
    own = {"hx_config": '{"cache": "no-cache"}', "hx_headers": '{"HX-Current-URL": ""}'}
    return _htmx(choice, host, words, _HTMX_4, **own)


def _htmx(choice: Choice, host: Host, words: Words, config: dict[str, object], **own: str) -> Snippet:
    address = path(choice, "w")
    call = {"hx_get": host.url + address, "hx_trigger": "load, every 5m", **own}
    if choice.variant.widget == "inline":
        place, rule = tag("span", escape(words.money), **call), ""
    else:
        link = tag("a", escape(words.title), href=host.url + path(choice, "embed"))
        place = tag("div", link, **call, class_="market-ticker", style=f"min-height:{HEIGHT}px")
        rule = f".market-ticker {{ min-height: {HEIGHT}px }}"
    meta = f"<meta name=\"htmx-config\" content='{json.dumps(config)}'>"
    policy = _policy(choice, host, f"connect-src {host.origin}")
    return Snippet(f"{meta}\n{_sheet(choice, host)}{place}", policy, rule, loaded=(address,), opens=address)


def _sheet(choice: Choice, host: Host) -> str:
    """The link to our style sheet, for a fragment that comes without its style."""
    return "" if choice.variant.style else f'<link rel="stylesheet" href="{host.url}/ticker.css">\n'


def _policy(choice: Choice, host: Host, first: str = "") -> tuple[tuple[str, str], ...]:
    """A fragment's style element needs leave; without it, our style sheet under its own address does."""
    own = "; ".join(filter(None, (first, f"style-src {host.origin}")))
    if not choice.variant.style:
        return (("", own),)
    inline = "; ".join(filter(None, (first, "style-src 'unsafe-inline'")))
    return ("", inline), (f"with style=0, and a link to {host.url}/ticker.css", own)
