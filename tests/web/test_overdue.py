"""The page of an instrument whose figure is overdue says since when, in each language."""

from __future__ import annotations

import re

import pytest

from tests.conftest import at
from tests.web.conftest import Site


def plain(text: str) -> str:
    return re.sub(r"<[^>]+>", "", text)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "Late since 14 Apr: a newer figure is overdue."),
        ("es", "Con retraso desde el 14 abr: falta una cifra más reciente."),
        ("pt", "Atrasado desde 14 de abr.: falta um valor mais recente."),
    ],
)
def test_a_page_says_since_when_its_figure_is_late(site: Site, lang: str, said: str) -> None:
    assert said[:14] not in plain(site.get(f"/i/gbpusd?lang={lang}").text)
    for moment in ("2026-04-14T15:30", "2026-04-20T12:00"):  # late, then stale: since the first that is missing
        site.now = at(moment)
        site.look_again()
        assert said in plain(site.get(f"/i/gbpusd?lang={lang}").text)


def test_the_second_before_it_is_not(site: Site) -> None:
    site.now = at("2026-04-14T15:29:59")
    site.look_again()
    assert "Late since" not in plain(site.get("/i/gbpusd").text)
