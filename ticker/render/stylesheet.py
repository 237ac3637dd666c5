"""The widgets' style sheet, cut to what one widget needs and made small: it travels inside a fragment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_PART = re.compile(r"/\* part: (\w+) \*/")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_AROUND = re.compile(r"\s*([{};,>])\s*|(?<=:)\s+")


@dataclass(frozen=True)
class Stylesheet:
    """What all widgets share, and what is a part of it: a widget's own: it starts at its `/* part: list */`."""

    common: str
    own: Mapping[str, str]

    @classmethod
    def read(cls, file: Path) -> Stylesheet:
        """Read and shorten a style sheet."""
        common, *parts = _PART.split(file.read_text("utf-8"))
        own = zip(parts[::2], parts[1::2], strict=True)
        return cls(minified(common), {name: minified(text) for name, text in own})

    def of(self, widget: str, *, link: bool) -> str:
        """The style of one widget, and of its links, where names are links."""
        return self.common + (self.own["link"] if link else "") + self.own.get(widget, "")


def minified(css: str) -> str:
    """The same rules without comments and needless space. Made for our own file: it has no strings with `;` or `{`."""
    tight = _AROUND.sub(lambda found: found[1] or "", _COMMENT.sub("", css))
    return " ".join(tight.split()).replace(";}", "}").strip()
