"""The closed set of errors. Each has a short plain label for people and keeps its cause for the log."""

from __future__ import annotations

from datetime import datetime


class TickerError(Exception):
    """Anything Ticker raises on purpose; `str()` is one plain sentence."""


class ConfigError(TickerError):
    """A setting or the catalog is wrong: the program must not start."""


class StoreError(TickerError):
    """The database cannot be opened, read or written."""


class Undecidable(TickerError):
    """An operator decides about a figure that is not there, or in a way that needs to be said more plainly."""


class BadParameter(TickerError):
    """A visitor's parameter has a value that is not allowed; the sentence names what is."""

    def __init__(self, name: str, said: str, allowed: str) -> None:
        shown = said if len(said) <= 60 else said[:57] + "..."
        super().__init__(f"{name}={shown!r} is not allowed. Allowed: {allowed}.")
        self.name = name


class SourceError(TickerError):
    """A source did not give us a document we can use. `label` is for people, `str()` says the cause."""

    label = "source failed"

    def __init__(self, cause: str, retry_at: datetime | None = None) -> None:
        super().__init__(cause)
        self.retry_at = retry_at


class Unreachable(SourceError):
    """No answer: refused, timed out, bad certificate, cut off."""

    label = "source not answering"


class Refused(SourceError):
    """The source answered with an error status, or sent us elsewhere. `retry_at` if it said when."""

    label = "source refused the request"


class TooLarge(SourceError):
    """The answer is larger than any true answer could be."""

    label = "source sent too much"


class Malformed(SourceError):
    """The answer is not the document it should be: another format, a missing column, cut short."""

    label = "source sent something else"


LABELS = frozenset(kind.label for kind in (SourceError, Unreachable, Refused, TooLarge, Malformed))
"""Every label there is. What people are told of a source is one of these and nothing that the source sent."""
