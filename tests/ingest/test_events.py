"""What is said of a refresh, word for word."""

from __future__ import annotations

import logging

import pytest

from ticker.ingest import events


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (0, 1, ["eia:RWTC: 1 figure held back"]),
        (1, 3, ["eia:RWTC: 3 figures held back"]),
        (3, 1, ["eia:RWTC: 1 figure still held back"]),
        (2, 2, []),
    ],
)
def test_figures_that_are_held_back_are_counted(
    caplog: pytest.LogCaptureFixture, before: int, after: int, said: list[str]
) -> None:
    caplog.set_level(logging.INFO, logger="ticker.ingest")
    events.held("eia:RWTC", before, after)
    assert [record.getMessage() for record in caplog.records] == said
