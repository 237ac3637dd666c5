"""What a look at a feed says in the log: only what is otherwise than before."""

from __future__ import annotations

import logging

from ticker.errors import SourceError
from ticker.store.commit import Outcome

log = logging.getLogger(__name__)


def about(event: str, name: str, **fields: object) -> dict[str, object]:
    """The fields of an event of a feed, which is named as `eia:RWTC`."""
    source, _, feed = name.partition(":")
    return {"event": event, "source": source, "feed": feed, **fields}


def failing(name: str, wrong: SourceError, failures: int) -> None:
    """The first failure after so many in a row."""
    if not failures:
        log.warning("%s: %s: %s", name, wrong.label, wrong, extra=about("source.failing", name, label=wrong.label))


def answering(name: str, failures: int) -> None:
    """A good answer, after so many failures in a row."""
    if failures:
        log.info("%s: answers again", name, extra=about("source.answering", name, failures=failures))


def incomplete(name: str, lack: str | None, before: str | None) -> None:
    """Series that a document should have and has not."""
    if lack and lack != before:
        log.warning("%s: %s", name, lack, extra=about("source.incomplete", name))


def changed(name: str, outcome: Outcome) -> None:
    """Figures that a reader can see the difference of."""
    if outcome.changed:
        counts = {"new": outcome.added, "revised": outcome.revised, "withdrawn": outcome.withdrawn}
        said = ", ".join(f"{n} {what}" for what, n in counts.items())
        fields = about("figures.changed", name, **counts, revision=outcome.revision)
        log.info("%s: %s; revision %d", name, said, outcome.revision, extra=fields)


def held(name: str, before: int, after: int) -> None:
    """Figures that are held back, where there are more or fewer of them."""
    what = "figure" if after == 1 else "figures"
    if after > before:
        log.warning("%s: %d %s held back", name, after, what, extra=about("figures.held", name, held=after))
    elif after < before:
        log.info("%s: %d %s still held back", name, after, what, extra=about("figures.released", name, held=after))
