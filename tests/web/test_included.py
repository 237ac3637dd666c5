"""What caches and browsers of other sites are told."""

from __future__ import annotations

from tests.web.conftest import Site


def test_caches_are_told_how_long_a_widget_is_true_and_to_keep_no_error(site: Site) -> None:
    widget = site.get("/w/list?i=energy")
    said = "public, max-age=60, s-maxage=300, stale-while-revalidate=600, stale-if-error=604800"
    assert widget.headers["Cache-Control"] == said
    assert widget.headers["X-Robots-Tag"] == "noindex"  # by which varnish-esi.vcl knows a widget
    left = site.live.snapshot().valid_until - site.now
    site.pass_time(seconds=left.total_seconds() - 100)
    assert "s-maxage=100," in site.get("/w/list?i=energy").headers["Cache-Control"]
    assert site.get("/w/list?i=nothing").headers["Cache-Control"] == "no-store"


def test_a_browser_that_asks_first_is_answered_for_a_day(site: Site) -> None:
    asked = {"Origin": "https://news.example", "Access-Control-Request-Method": "GET"}
    asked["Access-Control-Request-Headers"] = "hx-current-url,hx-request,hx-target"
    answer = site.get("/w/list", "OPTIONS", **asked)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == answer.headers["Access-Control-Allow-Headers"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=86400"


def test_the_style_sheet_has_an_address_that_stays(site: Site) -> None:
    answer = site.get("/ticker.css")
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "max-age=3600," in answer.headers["Cache-Control"]
    assert ".tkr" in answer.text
