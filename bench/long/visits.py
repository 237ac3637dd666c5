"""Bad visitors: requests over every route, drawn with a seed, that no honest reader would send; and what is wrong
with an answer to one."""  # noqa: D205, D209

from __future__ import annotations

import io
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

from defusedxml.ElementTree import ParseError, fromstring
from flask import Flask

CANARY = "canary7"
LARGEST = 3 << 20
"""Bytes: no answer is larger. Plotly has 1.2 MB, the longest history in CSV less."""

MARKUP = (
    f"<{CANARY}>", f"\"><{CANARY} x=\"", f"' on{CANARY}=1 '", f"</script><script>{CANARY}()</script>",
    f"]]><{CANARY}/>",
    f"javascript:{CANARY}()", f"<!--{CANARY}-->", f"&lt;{CANARY}&gt;", f"{{{{{CANARY}}}}}", f"<svg/onload={CANARY}()>",
)  # fmt: skip
_BREAKS = (f"\r\nX-{CANARY}: 1", f"\nSet-Cookie: {CANARY}=1", f"%0d%0aX-{CANARY}:%201", f"\r\n\r\n<{CANARY}>")
_ODD = (
    "", " ", "\0", "%00", "%", "%zz", "%ff", "\xff\xfe", "\xc3\x28", "../../etc/passwd", "..%2f..%2f", "//", ";", "\\",
    "٣", "\u202e", "\U0001d518", "ﬁ", "é", "9" * 400, "-1", "1e999", "NaN", "0x10", "1_000", "9999-99-99", "0001-01-01",
    "2026-02-30", "2026-W10-1", "null", "None", "true", "[]", "{}", "{0.__class__}", "${7*7}", "' OR 1=1 --", "x" * 900,
    "x" * 9000, ",".join(["wti"] * 200), "wti,,brent", "WTI", "en-" + "x" * 50, "es_VE", "*", "(" * 500, "a.b.c.svg",
)  # fmt: skip
_VALUES = {
    "widget": ("list", "strip", "card", "chart", "inline", "list.svg", "chart.png"),
    "name": ("list.svg", "card.png", "wti.atom", "gbpusd.atom", "embed.js", "ticker.css"),
    "instrument": ("wti", "gbpusd", "gasoline", "usdjpy", "wti.csv"),
    "address": ("vendor/htmx.min.js", "ticker.css", "pages.css"),
    "i": ("wti", "energy", "wti,gbpusd", "world", "currencies"),
    "lang": ("en", "es-VE", "pt-BR", "es", "en-GB"),
    "theme": ("auto", "dark"), "up": ("red",), "range": ("1m", "5y", "max"), "spark": ("0",), "style": ("0",),
    "link": ("1",), "on": ("2026-03-17",), "from": ("2026-01-02",), "to": ("2026-03-02",), "size": ("300", "1200"),
    "scale": ("2",), "above": ("100",), "below": ("1.5",), "vs": ("brent",), "page": ("2", "200"), "view": ("code",),
    "show": ("text",), "format": ("xml", "json"), "maxwidth": ("300",), "maxheight": ("10",), "find": ("oil",),
    "url": ("https://ticker.example/i/wti", "https://ticker.example/embed/list?i=wti", "https://evil.example/"),
    "form": ("picture", "frame", "element", "mail"), "utm_source": ("x",), "callback": (CANARY,),
}  # fmt: skip
_HEADERS = (
    "Host", "Accept-Encoding", "Accept", "Accept-Language", "If-None-Match", "If-Modified-Since", "Range", "Cookie",
    "Origin", "Referer", "User-Agent", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-For", "Forwarded",
    "HX-Request", "HX-Target", "HX-Current-URL", "HX-Boosted", "X-Original-URL", "X-HTTP-Method-Override",
    "Content-Type", "Transfer-Encoding", "Access-Control-Request-Method", "Access-Control-Request-Headers", "Upgrade",
)  # fmt: skip
_METHODS = ("GET",) * 12 + ("HEAD", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "G\xcbT")


@dataclass(frozen=True)
class Visit:
    """One request as a server hands it on: the path decoded, everything else as it came."""

    method: str
    path: str
    query: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def environ(self) -> dict[str, Any]:
        """The WSGI environment, with every header in it."""
        named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()}
        for name in ("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"):
            if name in named:
                named[name.removeprefix("HTTP_")] = named.pop(name)
        about = {
            "REQUEST_METHOD": self.method, "SCRIPT_NAME": "", "PATH_INFO": _wire(self.path), "QUERY_STRING": self.query,
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(self.body), "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False, "HTTP_HOST": "ticker.example",
            "CONTENT_LENGTH": str(len(self.body)),
        }  # fmt: skip
        return about | {name: _wire(value) for name, value in named.items()}


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    def of(self, name: str) -> str:
        """A header, empty where there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")


def visits(app: Flask, seed: int) -> Iterator[Visit]:
    """Requests without end: every route in turn, with values of which some are good and most are not."""
    chance = random.Random(seed)  # noqa: S311 - a draw that can be repeated
    rules = [str(rule) for rule in app.url_map.iter_rules()]
    while True:
        for rule in rules:
            path = re.sub(r"<(?:[^:>]+:)?(\w+)>", lambda found: _value(chance, found[1]), rule)
            if chance.random() < 0.1:
                path = chance.choice((path + _bad(chance), "/" + _bad(chance), path.upper(), "/" + path, path + "/"))
            names = chance.sample(sorted(_VALUES), chance.choice((0, 0, 1, 1, 2, 5)))
            if chance.random() < 0.1:
                names += [_bad(chance)]
            pairs = [f"{_said(chance, name)}={_said(chance, _value(chance, name))}" for name in names]
            headers = {name: _header(chance) for name in chance.sample(_HEADERS, chance.choice((0, 1, 3)))}
            body = _bad(chance).encode("utf-8", "replace") if chance.random() < 0.1 else b""
            yield Visit(chance.choice(_METHODS), path, chance.choice("&&;").join(pairs), headers, body)


def ask(app: Flask, visit: Visit) -> Answered:
    """The answer to a visit, read to its end."""
    said: list[tuple[str, list[tuple[str, str]]]] = []

    def listen(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        said.append((status, headers))

    chunks = app.wsgi_app(visit.environ(), listen)
    try:
        body = b"".join(chunks)
    finally:
        getattr(chunks, "close", lambda: None)()
    return Answered(int(said[-1][0][:3]), said[-1][1], body)


def wrong(visit: Visit, answered: Answered) -> list[str]:
    """What must not be in the answer to any visitor."""
    found = []
    if answered.status >= 500 and answered.status != 501:
        found.append(f"status {answered.status}")
    if len(answered.body) > LARGEST:
        found.append(f"{len(answered.body)} bytes")
    for name, value in answered.headers:
        if re.search(r"[\x00-\x1f\x7f]", name + value) or CANARY in name.lower() or name.lower() == "set-cookie":
            found.append(f"header {name}: {value[:80]!r}")
    if answered.of("x-content-type-options") != "nosniff":
        found.append("no nosniff")
    if answered.status >= 400 and answered.of("cache-control") != "no-store":
        found.append(f"a mistake that may be kept: {answered.of('cache-control')!r}")
    if not answered.of("content-encoding") and visit.method != "HEAD":
        found += _marked(answered.of("content-type"), answered.body)
    return found


def _marked(kind: str, body: bytes) -> list[str]:
    """Markup of the visitor's in an answer that a browser reads as markup."""
    if CANARY.encode() not in body:
        return []
    if "html" in kind:
        reader = _Reader()
        reader.feed(body.decode("utf-8", "replace"))
        return reader.found
    if "xml" in kind or "svg" in kind:
        try:
            names = [str(at) for e in fromstring(body).iter() for at in (e.tag, *e.attrib)]
        except ParseError:
            return ["not well-formed"]
        return [f"markup {name}" for name in names if CANARY in name]
    return []


class _Reader(HTMLParser):
    """Finds elements and attributes that the visitor named, scripts of theirs, and addresses that run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag if tag in ("script", "style") else ""
        names = [name for name, _ in attrs]
        if CANARY in tag or any(CANARY in name for name in names):
            self.found.append(f"markup <{tag} {names}>")
        runs = [
            v for name, v in attrs if name in ("href", "src", "action") and v and v.strip().startswith("javascript:")
        ]
        self.found += [f"address {v[:60]}" for v in runs]

    def handle_data(self, data: str) -> None:
        if self._inside and CANARY in data:
            self.found.append(f"text in <{self._inside}>")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


def _wire(text: str) -> str:
    """Text as WSGI has it: bytes as Latin-1."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def _bad(chance: random.Random) -> str:
    return chance.choice(chance.choice((MARKUP, _BREAKS, _ODD)))


def _value(chance: random.Random, name: str) -> str:
    good = chance.random() < 0.6 and name in _VALUES
    return chance.choice(_VALUES[name]) if good else _bad(chance)


def _said(chance: random.Random, text: str) -> str:
    """In a query: encoded as it should be, or as it came."""
    return quote(text, safe="") if chance.random() < 0.7 else _wire(text)


def _header(chance: random.Random) -> str:
    good = (
        "gzip",
        "br",
        "identity;q=0, *;q=0",
        "true",
        "*",
        'W/"x"',
        "bytes=0-",
        "application/json",
        "2026",
        "http://x/",
    )
    return (
        chance.choice(good) if chance.random() < 0.5 else re.sub(r"[\r\n\0]", " ", _bad(chance))
    )  # no server lets them by
