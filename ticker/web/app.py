"""The Flask factory."""

from __future__ import annotations

import threading
from pathlib import Path

from flask import Flask
from flask_htmx import HTMX

import ticker
from ticker.render.fragment import Renderer
from ticker.render.studio import Studio
from ticker.web.api import api
from ticker.web.assets import Assets
from ticker.web.board import Board
from ticker.web.builder import Builder, builder, host_of
from ticker.web.cache import ResponseCache
from ticker.web.canonical import canonical
from ticker.web.corrections import Read, corrections, remembered
from ticker.web.feeds import feeds
from ticker.web.files import init_files, wrapping
from ticker.web.headers import init_headers
from ticker.web.history import history
from ticker.web.instruments import instruments
from ticker.web.lines import Line, whole_lines
from ticker.web.live import Live
from ticker.web.mail import mails
from ticker.web.metrics import Metrics, Watch
from ticker.web.oembed import oembed
from ticker.web.openapi import openapi
from ticker.web.operators import operators
from ticker.web.pages import pages
from ticker.web.patience import WAITING, Patience
from ticker.web.pictures import pictures
from ticker.web.problems import init_problems
from ticker.web.status import statuses
from ticker.web.tally import Tally
from ticker.web.under import base_of, under
from ticker.web.weight import scales
from ticker.web.widgets import widgets


def folder(name: str) -> Path:
    """Where `templates` or `static` is: inside the package when installed, beside it in a checkout."""
    package = Path(ticker.__file__).parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name


def cache_of(app: Flask) -> ResponseCache:
    """The response cache that stands in front of the application."""
    found: ResponseCache = app.extensions["answers"]
    return found


def create_app(
    public_url: str,
    live: Live,
    line: Line,
    watch: Watch,
    tally: Tally,
    corrected: Read,
    *,
    patience: Patience | None = None,
    files: bool = False,
) -> Flask:
    """The application, behind its response cache.

    `public_url` is where readers find it, without a slash at the end; `line` reads an instrument's whole line, `watch`
    how the store and its feeds stand; `tally` counts answers, `corrected` reads corrections. Readers wait for the store
    with `patience`. With `files` it is made to be published: its answers are for a host that knows no query.
    """
    app = Flask("ticker", static_folder=None, template_folder=str(folder("templates")))
    app.url_map.merge_slashes = False  # `/v1//quotes` is no address; else a reader is led to the host that he named
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    lines = app.extensions["lines"] = whole_lines(line, live.clock, patience)
    renderer = Renderer(folder("templates"), folder("static"), lines)
    base = base_of(public_url)
    assets = Assets.read(folder("static"), base, wrapping(folder("static")) if files else None)
    app.jinja_env.globals |= {"asset": assets.address, "base": base}
    htmx = HTMX(app)
    init_headers(app)
    init_problems(app, htmx)
    init_files(app, files=files)
    app.register_blueprint(widgets(live, renderer, assets, public_url))
    studio = Studio(folder("static") / "vendor", lines)
    desk = Builder(renderer, studio, host_of(public_url, assets), scales(app, public_url))
    app.register_blueprint(pages(live, renderer, assets, public_url, desk))
    app.register_blueprint(builder(live, desk, htmx))
    app.register_blueprint(instruments(live, renderer, lines, public_url))
    app.register_blueprint(api(live))
    app.register_blueprint(openapi(live, public_url))
    app.register_blueprint(history(live, lines))
    app.register_blueprint(feeds(live, lines, public_url))
    app.register_blueprint(oembed(live, studio, lines, public_url))
    app.register_blueprint(pictures(live, studio, lines, public_url))
    app.register_blueprint(mails(live, studio, lines, public_url))
    app.register_blueprint(corrections(live, remembered(corrected, patience), public_url))
    app.register_blueprint(statuses(Board(live, watch)))
    app.register_blueprint(operators(live, Metrics(live, watch, tally)))
    waiting = patience.waiting if patience else threading.Semaphore(WAITING)
    app.extensions["answers"] = cached = ResponseCache(app.wsgi_app, live, tally, canonical, waiting)
    app.wsgi_app = under(base, cached) if base else cached  # type: ignore[assignment, method-assign]  # how Flask is wrapped
    return app
