"""The widgets in a real browser: what a host's page gives them, and what they make of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.render.world import NOW, figures, fragment, snapshot

HOSTS = {
    "light": "background: #fff; color: #16181d",
    "dark": "background: #16181d; color: #f1f2f4; color-scheme: dark",
    "dark without saying so": "background: #16181d; color: #f1f2f4",
    "grey ink": "background: #fff; color: #444",
}
pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    yield opened
    opened.close()
    assert not said


def show(page: Page, *fragments: str, width: int = 300, host: str = "light", css: str = "") -> None:
    style = f"body {{ margin: 16px; font-family: sans-serif; {HOSTS[host]} }} .host {{ width: {width}px }} {css}"
    body = "".join(f'<div class="host">{f}</div>' for f in fragments)
    page.set_content(
        f'<!doctype html><html lang="en"><title>x</title><style>{style}</style><main><h1>x</h1>{body}</main>'
    )


def measured(page: Page, selector: str, expression: str) -> list[Any]:
    found: list[Any] = page.eval_on_selector_all(selector, f"all => all.map(e => {expression})")
    return found


@pytest.mark.parametrize("host", HOSTS)
def test_axe_finds_nothing_on_any_host(page: Page, axe: str, host: str) -> None:
    stale = snapshot(NOW.replace(month=5), figures())
    every = [fragment(widget, lang=lang) for widget in ("list", "strip", "card") for lang in ("en", "es-VE", "pt")]
    show(page, *every, fragment("list", stale), fragment("card", stale), fragment("list", snapshot(held={})), host=host)
    page.evaluate(axe)
    found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
    assert found == []


@pytest.mark.parametrize(("width", "change", "spark"), [(240, False, False), (300, False, True), (360, True, True)])
def test_space_decides_what_is_shown(page: Page, width: int, change: bool, spark: bool) -> None:
    show(page, fragment("list"), width=width)
    shown = "getComputedStyle(e).display != 'none'"
    assert set(measured(page, ".tkr-a", shown)) == {change}
    assert set(measured(page, ".tkr-l svg", shown)) == {spark}
    assert measured(page, ".host", "e.scrollWidth <= e.clientWidth") == [True]


@pytest.mark.parametrize("lang", ["en", "es", "pt"])
def test_a_finger_can_hit_a_row_and_columns_line_up_across_groups(page: Page, lang: str) -> None:
    show(page, fragment("list", lang=lang))
    assert min(measured(page, ".tkr-l li", "e.getBoundingClientRect().height")) >= 44
    assert len(set(measured(page, ".tkr-l svg", "e.getBoundingClientRect().left"))) == 1
    assert len(set(measured(page, ".tkr-l data", "e.getBoundingClientRect().right"))) == 1


def test_fragments_do_not_disturb_each_other_and_a_hosts_lists_do_not_disturb_them(page: Page) -> None:
    def heights() -> list[Any]:
        return measured(page, ".tkr", "e.getBoundingClientRect().height")

    three = [fragment(widget) for widget in ("list", "strip", "card")]
    show(page, *three)
    alone = heights()
    show(page, *three[::-1])
    assert heights()[::-1] == alone
    show(
        page, *three, css=".host ul { margin: 1em 0; padding-left: 2em } .host ul li { list-style: disc; margin: 4px }"
    )
    assert heights() == alone


def test_a_host_that_shrinks_to_fit_does_not_make_them_vanish(page: Page) -> None:
    show(page, fragment("list"), css=".host { width: auto; float: left }")
    assert measured(page, ".tkr", "e.getBoundingClientRect().width") == [300]


def test_a_host_speaks_with_its_own_voice(page: Page) -> None:
    css = ".tkr { --tkr-ink: #102030; --tkr-up: #123456; --tkr-ground: #fafafa; --tkr-font: monospace }"
    show(page, fragment("list", i="wti,usdbrl"), css=css)
    assert measured(page, ".tkr-u", "getComputedStyle(e).color")[0] == "rgb(18, 52, 86)"
    style = "getComputedStyle(e)"
    assert measured(page, ".tkr", f"[{style}.color, {style}.backgroundColor, {style}.fontFamily]") == [
        ["rgb(16, 32, 48)", "rgb(250, 250, 250)", "monospace"]
    ]


def test_up_red_changes_the_two_colours_over(page: Page) -> None:
    color = "getComputedStyle(e).color"
    show(page, fragment("list"), fragment("list", up="red"))
    rising, falling = measured(page, ".tkr-c.tkr-u", color), measured(page, ".tkr-c.tkr-d", color)
    assert rising[0] == falling[-1]
    assert rising[-1] == falling[0]
    assert rising[0] != falling[0]
