"""Every form of every widget: it parses, says what was chosen, and lets nothing through unescaped."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import pytest

from ticker import catalog
from ticker.render.choice import Choice, parse_choice
from ticker.render.forms import FORMS, forms_of
from ticker.render.snippet_parts import HEIGHT, Drawn, Host, Snippet, Words
from ticker.render.snippets import snippet
from ticker.render.variant import WIDGETS

OURS = catalog.load()
HOST = Host("https://ticker.example/m", "/static/embed.1234.js", "sha384-abc")
EVIL = """</a><script>alert("1")</script>&amp;'"""
NAMES = {i.key: EVIL for i in OURS.instruments}
PICTURE = Drawn("/img/list.png?i=wti&size=300", "https://ticker.example/m/i/wti", EVIL, 300, 200)
WORDS = Words(EVIL, NAMES, EVIL, (PICTURE,))
ALL = [(widget, form) for widget in WIDGETS for form in forms_of(widget)]


class Tags(HTMLParser):
    """Start tags with their attributes, and the text between."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def made(**args: str) -> tuple[Choice, Snippet]:
    choice = parse_choice({"i": "wti", "lang": "es", **args}, OURS)
    return choice, snippet(choice, HOST, WORDS)


@pytest.mark.parametrize(("widget", "form"), ALL)
def test_words_are_escaped_in_every_form(widget: str, form: str) -> None:
    _, found = made(widget=widget, form=form)
    assert "alert(" not in [name for name, _ in Tags(found.text).found]
    scripts = [attributes for name, attributes in Tags(found.text).found if name == "script"]
    assert all(attributes["src"] for attributes in scripts)
    assert "<script>" not in found.text


def test_every_form_has_a_maker_and_words_for_it() -> None:
    for name, form in FORMS.items():
        assert made(form=name)[1].text
        assert form.title
        assert form.hint


def test_the_element_has_the_parameters_as_attributes_and_a_fallback() -> None:
    _, found = made(widget="chart", theme="dark", range="5y", up="red")
    (script, where), (name, said), (link, to) = Tags(found.text).found
    assert (script, where["src"]) == ("script", "https://ticker.example/m/embed.js")
    assert name == "market-ticker"
    look = {"style": f"display:block;min-height:{HEIGHT}px"}
    assert said == {"widget": "chart", "i": "wti", "lang": "es", "theme": "dark", "up": "red", "range": "5y"} | look
    assert (link, to["href"]) == (
        "a",
        "https://ticker.example/m/embed/chart?i=wti&lang=es&theme=dark&up=red&range=5y",
    )
    assert Tags(found.text).text.strip() == EVIL
    assert 'src="https://ticker.example/m/static/embed.1234.js" integrity="sha384-abc"' in found.pinned
    assert HEIGHT in found.rule


def test_a_script_that_is_not_there_is_not_pinned() -> None:
    choice = parse_choice({}, OURS)
    assert snippet(choice, replace(HOST, script=""), WORDS).pinned == ""


def test_a_figure_in_a_sentence_stands_there_as_it_was_written() -> None:
    _, found = made(widget="inline")
    assert Tags(found.text).found[1] == ("market-ticker", {"widget": "inline", "i": "wti", "lang": "es"})
    assert Tags(found.text).text.strip() == EVIL
    assert HEIGHT not in found.text


@pytest.mark.parametrize("form", ["frame", "oembed", "ssi", "esi", "htmx2", "htmx4", "mail"])
def test_an_address_in_a_snippet_asks_for_what_was_chosen(form: str) -> None:
    choice, found = made(widget="list", form=form, i="energy,gbpusd", up="red")
    said = [v for _, attributes in Tags(found.text).found for v in attributes.values() if v and "?" in v]
    address = urlsplit(said[-1] if form in ("frame", "htmx2", "htmx4") else found.opens)
    if form in ("htmx2", "htmx4"):
        address = urlsplit(next(v for v in said if "/w/" in v))
    assert address.path.endswith("/list")
    assert dict(parse_qsl(address.query)) == choice.parameters()
    assert found.opens in found.text.replace("&amp;", "&")


def test_includes_are_on_the_hosts_own_server() -> None:
    assert made(form="ssi")[1].text == '<!--#include virtual="/m/w/list?i=wti&lang=es" -->'
    assert made(form="esi")[1].text == '<esi:include src="/m/w/list?i=wti&lang=es"/>'


def test_the_policy_names_the_host_without_its_path_and_nothing_more() -> None:
    def lines(**args: str) -> list[str]:
        return [line for _, line in made(**args)[1].policy]

    host, attribute = "https://ticker.example", "style-src-attr 'unsafe-inline'"
    assert lines() == [f"script-src {host}; connect-src {host}", attribute, "trusted-types market-ticker"]
    assert lines(form="frame") == [f"frame-src {host}; script-src {host}", attribute, f"frame-src {host}"]
    assert lines(form="oembed") == [f"frame-src {host}"]
    assert lines(form="ssi") == ["style-src 'unsafe-inline'", f"style-src {host}"]
    assert lines(form="ssi", style="0") == [f"style-src {host}"]
    assert lines(form="htmx4")[0] == f"connect-src {host}; style-src 'unsafe-inline'"
    assert lines(form="picture") == [f"img-src {host}"]
    assert lines(form="mail") == lines(form="feed") == []


def test_feeds_and_data_are_for_each_instrument() -> None:
    _, found = made(form="feed", i="wti,brent")
    links = [attributes for _, attributes in Tags(found.text).found]
    assert [link["href"] for link in links] == [
        "https://ticker.example/m/feeds/wti.atom?lang=es",
        "https://ticker.example/m/feeds/brent.atom?lang=es",
    ]
    assert made(form="json", i="energy")[1].text == "https://ticker.example/m/v1/quotes?i=energy"
    data = made(form="json", widget="chart", i="wti,brent", range="5y")[1].text.splitlines()
    assert data[1] == "https://ticker.example/m/v1/history/brent?range=5y"
