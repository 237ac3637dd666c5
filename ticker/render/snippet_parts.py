"""What the makers of snippets share: the host, the words, the snippet itself, and tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from ticker.render.choice import Choice

HEIGHT = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Stands in a snippet where the widget's height in pixels belongs: a browser knows it better than we do."""


@dataclass(frozen=True)
class Host:
    """Where Ticker is: its address, and the path of its script that names the script's content, with its digest."""

    url: str
    script: str = ""
    integrity: str = ""

    @property
    def origin(self) -> str:
        """What a Content-Security-Policy calls it."""
        found = urlsplit(self.url)
        return f"{found.scheme}://{found.netloc}"

    @property
    def base(self) -> str:
        """What stands before all its paths on its origin: `/markets`, or nothing."""
        return urlsplit(self.url).path


@dataclass(frozen=True)
class Drawn:
    """A picture of the widget: its path, the address it links to, its title, and its size in pixels."""

    path: str
    page: str
    title: str
    width: int
    height: int


@dataclass(frozen=True)
class Words:
    """What stands in a snippet in the reader's language: a title, each instrument's name, the figure as money."""

    title: str
    names: Mapping[str, str]
    money: str
    pictures: Sequence[Drawn] = ()


@dataclass(frozen=True)
class Snippet:
    """What is pasted, and what it asks of the host.

    `policy` has what a strict host adds, each line after the case that it is for. `rule` is a style rule in place of
    the `style` attribute. `carried` are the paths whose answers become part of the host's page, `loaded` those that a
    reader's browser asks for; `opens` is one to look at. `pinned` is the script under an address that never changes.
    """

    text: str
    policy: tuple[tuple[str, str], ...] = ()
    rule: str = ""
    carried: tuple[str, ...] = ()
    loaded: tuple[str, ...] = ()
    opens: str = ""
    pinned: str = ""


def tag(name: str, content: str | None = None, /, **attributes: str) -> str:
    """An element with these attributes, which are escaped, and this content, which is not; None has no end tag.

    An underscore in an attribute's name is a hyphen, and one at its end is dropped.
    """
    names = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    said = "".join(f' {key}="{escape(value)}"' for key, value in names)
    return f"<{name}{said}>" + ("" if content is None else f"{content}</{name}>")


def path(choice: Choice, room: str) -> str:
    """Where the widget is in a room of ours: `/w/list?i=energy`."""
    return f"/{room}/{choice.variant.widget}?{choice.widget_query()}"
