"""The closed set of errors. Each has a short plain label for people and keeps its cause for the log."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote, quote_plus


class TickerError(Exception):
    """Anything Ticker raises on purpose; `str()` is one plain sentence."""


class ConfigError(TickerError):
    """A setting or the catalog is wrong: the program must not start."""


class StoreError(TickerError):
    """The database cannot be opened, read or written."""


class StoreBusy(StoreError):
    """Another writes to the database, or too many read it, and did for longer than we wait."""


class PublishError(TickerError):
    """What was to be published cannot be made, or the place cannot be read or written."""


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

_NAMES = r"(?:[a-z_-]{0,20}api[_-]?key|access[_-]?token|auth|token|key|secret|signature|sig|password|passwd|pwd)"
_SAYS = r"""["']?\s*(?:=|%3D|:(?=\s*["']))\s*["']?"""
_NAMED = re.compile(rf"""(?<![a-z0-9])({_NAMES}{_SAYS})[^\s&;,"'<>)\]}}]+""", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"""(?<=://)([^\s/@:"']*):[^\s"']+@""")


def discreet(text: str, secrets: Iterable[str] = ()) -> str:
    """The text with `***` for every secret: for all that came from outside and goes into a log, an error or the store.

    A secret is each of `secrets`, however an address quotes it; what is named like one (`api_key=`, `"token": "`); and
    the password in an address.
    """
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        for form in {secret, quote(secret, safe=""), quote_plus(secret), quote(secret)}:
            text = re.sub(re.escape(form), "***", text, flags=re.IGNORECASE)
    return _IN_ADDRESS.sub(r"\1:***@", _NAMED.sub(r"\1***", text))
