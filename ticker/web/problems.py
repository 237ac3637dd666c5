"""Errors as answers: RFC 9457 for the API, plain text for widgets, a page for people, a fragment for htmx."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus

from flask import Flask, Response, make_response, render_template, request
from flask_htmx import HTMX
from flask_htmx import make_response as htmx_response
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from ticker.errors import BadParameter, StoreBusy, StoreError
from ticker.web.headers import EMBEDDABLE, for_page

log = logging.getLogger(__name__)


def init_problems(app: Flask, htmx: HTMX) -> None:
    """Answer errors in the form that the asker can read."""

    def answer(status: int, title: str, detail: str) -> Response:
        if request.path.startswith(("/v1/", "/openapi.json")):
            body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
            return make_response(json.dumps(body), status, {"Content-Type": "application/problem+json"})
        if htmx:  # keep what is shown
            kept = htmx_response(detail, status, reswap="none")
            kept.mimetype = "text/plain"  # it repeats what was sent
            return kept
        if not request.path.startswith(EMBEDDABLE):
            page = render_template("pages/problem.html", status=status, title=title, detail=detail)
            return for_page(make_response(page, status))
        return make_response(detail + "\n", status, {"Content-Type": "text/plain; charset=utf-8"})

    @app.errorhandler(BadParameter)
    def bad_parameter(wrong: BadParameter) -> Response:
        nowhere = wrong.name in ("widget", "instrument", "address") and wrong.name not in request.args
        return answer(404 if nowhere else 400, "Not allowed", str(wrong))

    @app.errorhandler(StoreError)
    def no_store(wrong: StoreError) -> Response:
        busy = isinstance(wrong, StoreBusy)
        why = "Too many ask for such figures at once" if busy else "These figures cannot be read just now"
        response = answer(503, "No figures", f"{why}. Please try again in {'a moment' if busy else 'a minute'}.")
        response.headers["Retry-After"] = "2" if busy else "60"
        return response

    @app.errorhandler(HTTPException)
    def http(wrong: HTTPException) -> Response:
        response = answer(wrong.code or 500, wrong.name, wrong.description or wrong.name)
        if isinstance(wrong, MethodNotAllowed):
            response.headers["Allow"] = ", ".join(sorted(wrong.valid_methods or ()))
        return response

    @app.errorhandler(Exception)
    def mistake(wrong: Exception) -> Response:
        log.error("%s: a mistake of ours", request.path, exc_info=wrong, extra={"event": "web.mistake"})
        return answer(500, "Internal Server Error", "Something went wrong here. It has been written to the log.")
