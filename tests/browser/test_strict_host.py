"""Every form of every widget in a page of another origin, under a policy of nothing but what the builder says it needs.

The forms that take a server or htmx are in tests/recipes.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser.conftest import Served, watch
from tests.browser.newsroom import Newsroom
from ticker.catalog import load
from ticker.render.choice import Choice, parse_choice
from ticker.render.snippet_parts import HEIGHT, Drawn, Host, Words
from ticker.render.snippets import snippet
from ticker.render.variant import WIDGETS

pytestmark = pytest.mark.browser

WIDTHS = (280, 360, 640)
LANGUAGES = ("en", "es-VE", "pt-BR")
FORMS = ("element", "frame", "ssi", "picture")
READERS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark", "reduced_motion": "reduce"},
    "forced": {"forced_colors": "active"},
}
BOTH = [(form, widget) for form in FORMS for widget in WIDGETS if widget != "inline" or form == "element"]
OWN = "'self' data:"  # the site's own files


def pasted(home: Served, choice: Choice) -> tuple[str, list[str]]:
    """What an editor of a strict host pastes, without inline style, and the directives that it needs."""
    variant = choice.variant
    query = f"{variant.query()}&size=300"
    pictures = []
    if choice.form == "picture":
        drawn = home.site.get(f"/v1/pictures/{variant.widget}?{query}").json or {}
        size = (drawn["title"], drawn["width"], drawn["height"])
        pictures.append(Drawn(f"/img/{variant.widget}.png?{query}", "/", *size))
    made = snippet(choice, Host(home.url), Words("Markets", {}, "$93.39", pictures))
    text = re.sub(r'\s+style="[^"]*"', "", made.text).replace(HEIGHT, "400")
    text = re.sub("<link.*?>\n", "", text)  # it belongs into the head
    for include in re.findall(r'<!--#include virtual="(.*?)" -->', text):
        text = re.sub("<link.*?>\n", "", text).replace(
            f'<!--#include virtual="{include}" -->', home.site.get(include).text
        )
    return text, made.policy[0][1].split("; ") if made.policy else []


def policy_of(directives: set[str]) -> str:
    own = {"script-src": OWN, "style-src": OWN, "img-src": OWN}
    for directive in directives:
        name, _, value = directive.partition(" ")
        own[name] = f"{own.get(name, '')} {value}"
    return "default-src 'none'; " + "; ".join(f"{name} {value}" for name, value in own.items())


def heights(page: Page) -> list[int]:
    found: list[int] = page.locator(".place").evaluate_all("all => all.map(e => Math.ceil(e.scrollHeight))")
    return found


@pytest.mark.parametrize(("form", "widget"), BOTH)
def test_it_is_shown_and_nothing_else_happens(
    browser: Browser, home: Served, news: Newsroom, form: str, widget: str
) -> None:
    ours = load()
    places, needed = [], set[str]()
    for n, (width, lang) in enumerate((width, lang) for width in WIDTHS for lang in LANGUAGES):
        style = {"style": "0"} if form == "ssi" else {}
        choice = parse_choice({"widget": widget, "form": form, "lang": lang, **style}, ours)
        text, directives = pasted(home, choice)
        needed |= set(directives)
        places.append(f'<div class="place w{width}" id=p{n}>{text}</div>')
    news.policy = policy_of(needed)
    news.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    news.sheet = "iframe { border: 0; display: block; } .place { overflow: hidden; }"
    news.sheet += "".join(f".w{width} {{ width: {width}px; }}" for width in WIDTHS)
    head = '<link rel=stylesheet href="TICKER/ticker.css">' if form == "ssi" else ""
    address = news.page("".join(places), head)
    page = browser.new_page(viewport={"width": 700, "height": 9000})
    page.goto(address)
    page.wait_for_load_state("networkidle")
    # What an editor reads off the builder, and puts into the page: then nothing moves.
    news.sheet += "".join(f"#p{n} {{ height: {height}px; }}" for n, height in enumerate(heights(page)))
    page.close()
    for reader in READERS.values():
        context = browser.new_context(viewport={"width": 700, "height": 9000}, **reader)
        page, asked = context.new_page(), set[str]()
        said = watch(page)
        page.on("request", partial(noting, asked))
        page.goto(address)
        page.wait_for_load_state("networkidle")
        expect_shown(page, form, widget, len(places))
        assert said == []
        assert page.evaluate("noted") == []
        # The parser may pause in the midst of a row of a long page, and the row is laid out anew when the rest is here.
        assert page.evaluate(f"shifts > {0.002 if form == 'ssi' else 0} && moved") is False
        assert asked <= {home.url[7:], news.url[7:]}
        assert context.cookies() == []
        for frame in page.frames:
            assert frame.evaluate("localStorage.length + sessionStorage.length") == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 700
        context.close()


def noting(hosts: set[str], request: Request) -> None:
    hosts.add(request.url.split("/")[2])


def expect_shown(page: Page, form: str, widget: str, count: int) -> None:
    """Every place shows what it should; a number in a sentence is the editor's own until somebody asks."""
    shown = {"element": "market-ticker .tkr", "frame": "iframe", "ssi": ".tkr", "picture": "img"}[form]
    expect(page.locator("market-ticker" if (form, widget) == ("element", "inline") else shown)).to_have_count(count)
    if form == "frame":
        for n in range(count):
            expect(page.frame_locator("iframe").nth(n).locator(".tkr")).to_be_visible()
    if form == "picture":
        assert page.locator("img").evaluate_all("all => all.every(e => e.complete && e.naturalWidth)")
