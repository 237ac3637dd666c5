"""A news site of another origin that embeds us, under a policy as strict as it gets; and what can go wrong with us."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from tests.browser.conftest import Served

SHEET = """body { margin: 16px; font: 16px/1.5 "Liberation Sans", Arial, sans-serif; }
h1 { font-size: 20px; }
"""
KEPT = "market-ticker:not([widget=inline]) { display: block; min-height: 830px; }"
NOTE = """window.noted = []; window.shifts = 0; window.moved = [];
addEventListener("securitypolicyviolation", (e) => noted.push(`policy: ${e.violatedDirective} ${e.blockedURI}`));
addEventListener("unhandledrejection", (e) => noted.push(`rejected: ${e.reason}`));
addEventListener("error", (e) => noted.push(`error: ${e.message}`), true);
new PerformanceObserver((list) => { for (const e of list.getEntries().filter((e) => !e.hadRecentInput)) {
  shifts += e.value;
  const where = (s) => `${s.node?.nodeName}.${s.node?.className} ${JSON.stringify([s.previousRect, s.currentRect])}`;
  moved.push(...e.sources.map(where));
} })
  .observe({type: "layout-shift", buffered: true});"""


@dataclass
class Newsroom:
    """Pages under `policy`, in which TICKER stands for our address, by path; `sheet` is added to the site's style."""

    ticker: str
    policy: str = "default-src 'none'; script-src TICKER 'self'; connect-src TICKER; style-src 'self'; img-src data:"
    pages: dict[str, str] = field(default_factory=dict)
    sheet: str = KEPT
    headers: dict[str, str] = field(default_factory=dict)
    url: str = ""

    def page(self, body: str, head: str = "", path: str = "/") -> str:
        """Put a page at a path, with a head and a body, and say its address."""
        top = "<!doctype html><html lang=en><meta charset=utf-8><title>News</title><link rel=icon href=data:>"
        top += '<meta name=viewport content="width=device-width, initial-scale=1"><link rel=stylesheet href=/site.css>'
        self.pages[path] = (
            f"{top}<script src=/note.js></script>{head}<main><h1>News</h1>{body}<p class=below>Below.</p></main>"
        )
        return self.url + path

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        path = Request(environ).path
        if path == "/site.css":
            made = Response(SHEET + self.sheet, mimetype="text/css")
        elif path == "/note.js":
            made = Response(NOTE, mimetype="text/javascript")
        elif path in self.pages:
            made = Response(self.pages[path].replace("TICKER", self.ticker), mimetype="text/html")
            made.headers["Content-Security-Policy"] = self.policy.replace("TICKER", self.ticker)
            made.headers.update(self.headers)
        else:
            made = Response("no such page", 404)
        return made(environ, start_response)


@contextmanager
def newsroom(ticker: str) -> Iterator[Newsroom]:
    """A news site on a port of its own, for as long as it lasts."""
    site = Newsroom(ticker)
    server: BaseWSGIServer = make_server("127.0.0.1", 0, site, threaded=True)
    site.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield site
    server.shutdown()
    server.server_close()


BLOCKED = "<!doctype html><html><title>Blocked</title><section><h1>This site is blocked</h1></section></html>"
FAULTS: dict[str, Callable[[bytes], Response]] = {
    "500": lambda body: Response("Internal Server Error", 500),
    "404": lambda body: Response("Not Found", 404),
    "html": lambda body: Response(BLOCKED, 200, mimetype="text/html"),
    "half": lambda body: Response(body[: len(body) // 2], 200, mimetype="text/html"),
    "half and marked": lambda body: Response(
        body[: len(body) // 2], 200, {"ETag": '"whole"', "Cache-Control": "max-age=60"}
    ),
    "empty": lambda body: Response("", 200, mimetype="text/html"),
}
"""What may come instead of an answer."""


def spoil(served: Served, fault: str | None, prefix: str = "/w/") -> None:
    """Let what is at addresses with a prefix answer with a fault, from now on; None ends it."""
    app = served.site.app.wsgi_app.__dict__.get("around") or served.site.app.wsgi_app

    def faulty(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if fault is None or not environ["PATH_INFO"].startswith(prefix):
            return app(environ, start_response)
        whole = Response.from_app(app, environ | {"HTTP_ACCEPT_ENCODING": ""})
        made = FAULTS[fault](whole.get_data())
        made.headers["Access-Control-Allow-Origin"] = "*"
        return made(environ, start_response)

    faulty.around = app  # type: ignore[attr-defined]  # so that the next fault replaces this one
    served.site.app.wsgi_app = faulty  # type: ignore[method-assign]  # how Flask is wrapped
