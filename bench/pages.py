"""Pages to hold beside each other: the same headline and text, and in it what is measured."""

from __future__ import annotations

import json
from dataclasses import dataclass

import brotli

from bench.bare import Answer
from bench.program import ROOT

_PAGE = "<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><link rel=icon href=data:,>{body}"
_LIGHTWEIGHT = ROOT / "node_modules" / "lightweight-charts"


@dataclass(frozen=True)
class Site:
    """A page: whose it is, where, and when what it shows is in it (JavaScript)."""

    name: str
    url: str
    seen: str


@dataclass(frozen=True)
class Sites:
    """The pages that there are, Ticker's first; what is missing, and how many figures each of them shows."""

    sites: tuple[Site, ...]
    missing: tuple[str, ...]
    figures: int


def page(title: str, text: list[str], body: str) -> Answer:
    """A page with a headline, some text, and then that."""
    paragraphs = "".join(f"<p>{one}</p>" for one in text)
    return _packed(_PAGE.format(title=title, body=f"<h1>{title}</h1>{paragraphs}{body}"), "text/html")


def lightweight() -> tuple[str, Answer] | None:
    """The name of lightweight-charts with its version, and its script; None where it is not installed."""
    if not _LIGHTWEIGHT.is_dir():
        return None
    version = json.loads((_LIGHTWEIGHT / "package.json").read_text("utf-8"))["version"]
    source = (_LIGHTWEIGHT / "dist" / "lightweight-charts.standalone.production.js").read_text("utf-8")
    return f"lightweight-charts {version}", _packed(source, "text/javascript")


NO_LIGHTWEIGHT = "lightweight-charts is not in node_modules (`npm ci --ignore-scripts`)"
"""What the table says of that."""


def _packed(text: str, kind: str) -> Answer:
    heads = [("Content-Type", f"{kind}; charset=utf-8"), ("Content-Encoding", "br")]
    return Answer(heads, brotli.compress(text.encode(), quality=11))
