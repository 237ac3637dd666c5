"""Headers that every answer carries, and those of answers that are made to be embedded."""

from __future__ import annotations

from typing import Literal

from flask import Flask, Request, Response, abort, make_response, request

from ticker.config import TAG
from ticker.web.assets import STABLE
from ticker.web.cache import KEEP, LONGEST_QUERY

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
_FRAMED = PAGE_POLICY.replace("; frame-ancestors 'self'", "")  # a star would leave out pages that are files
_MAIL = (
    "default-src 'none'; style-src-attr 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_NOTHING = "default-src 'none'"
_DRAWN = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:"
"""What data and pictures may load where somebody opens them as if they were pages: nothing but what is in them."""
_READ = ("application/json", "application/problem+json", "application/atom+xml", "text/xml", "text/csv", "text/plain")
_POLICIES = {"image/svg+xml": _DRAWN, **dict.fromkeys(_READ, _NOTHING)}
FRAGMENTS = ("/w/", "/embed/", "/mail/")
_DATA = ("/v1/", "/openapi.json", "/feeds/", "/corrections.atom", "/static/", "/img/", "/oembed")
EMBEDDABLE = (*FRAGMENTS, *_DATA, *(f"/{name}" for name in STABLE))
"""How the addresses begin whose answers other sites may fetch."""
_LOOKED_FOR = "HX-Location, HX-Push, HX-Push-Url, HX-Redirect, HX-Refresh, HX-Replace-Url, HX-Reselect, HX-Reswap, "
_LOOKED_FOR += "HX-Retarget, HX-Trigger, HX-Trigger-After-Settle, HX-Trigger-After-Swap"
"""What htmx 2 looks for in every answer: browsers complain in the console of each that is not allowed by name."""


_WITH_FIGURES = ("phase", "stream", "day", "settled")


def keep(response: Response, until: Literal["phase", "stream", "day", "settled", "hour", "ever"] = "phase") -> Response:
    """Let this answer be kept: until the snapshot changes; if it has no figures, by others for an hour or for ever.

    What is fixed to a day is kept by readers for an hour, or a year if it is settled, and by shared caches for no
    longer than any figure.
    One that is streamed is kept by others only, until the snapshot changes.
    """
    request.environ[KEEP] = until
    return response


def for_page(response: Response) -> Response:
    """A page of our own: nothing but our own files, and no inline script or style."""
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def for_embedding(response: Response) -> Response:
    """A page of our own that any site may frame."""
    response.headers["Content-Security-Policy"] = _FRAMED
    response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"  # so that pages that ask for it may frame ours
    return response


def for_mail(response: Response, pictures: str) -> Response:
    """A message to copy: nothing but its own style attributes, which mail programs need, and pictures from an address.

    There is no script in it, and no style sheet or script could be put there.
    """
    response.headers["Content-Security-Policy"] = f"{_MAIL}; img-src 'self' {pictures}/"
    return response


def init_headers(app: Flask) -> None:
    """Set them on everything; answer a browser's OPTIONS about what is embeddable.

    With `TAGGED` in the application's configuration, answers with figures say what a cache may be asked to forget.
    """

    @app.before_request
    def bounded() -> None:
        if len(request.query_string) > LONGEST_QUERY:
            abort(414, f"The query is longer than {LONGEST_QUERY} characters.")

    @app.before_request
    def preflight() -> Response | None:
        if request.method != "OPTIONS" or not _embeddable(request):
            return None
        response = make_response("", 204)
        del response.headers["Content-Type"]
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = "*"
        response.headers["Access-Control-Max-Age"] = "86400"
        response.headers["Cache-Control"] = "public, max-age=86400"
        return response

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        if response.mimetype in _POLICIES:
            response.headers.setdefault("Content-Security-Policy", _POLICIES[response.mimetype])
        if _embeddable(request):
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if request.path.startswith(FRAGMENTS):
            response.headers["X-Robots-Tag"] = "noindex"
            response.headers["Access-Control-Expose-Headers"] = _LOOKED_FOR
        if app.config.get("TAGGED") and request.environ.get(KEEP) in _WITH_FIGURES:
            response.headers["Surrogate-Key"] = response.headers["Cache-Tag"] = TAG
        if response.status_code >= 400 or (request.method != "OPTIONS" and KEEP not in request.environ):
            response.headers["Cache-Control"] = "no-store"
        return response


def _embeddable(asked: Request) -> bool:
    return asked.path.startswith(EMBEDDABLE)
