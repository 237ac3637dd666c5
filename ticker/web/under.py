"""Under a prefix: the application answers there, whether what stands in front of it takes the prefix away or not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def base_of(public_url: str) -> str:
    """What stands before all our paths on their host: `/markets`, or nothing."""
    return urlsplit(public_url).path


def under(base: str, app: WSGIApplication) -> WSGIApplication:
    """The application with the prefix `base` (`/markets`) taken off paths that have it; others it gets as they are."""

    def strip(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith(base) and path[len(base) : len(base) + 1] in ("/", ""):
            environ["PATH_INFO"] = path[len(base) :] or "/"
        return app(environ, start_response)

    return strip
