"""When it is worked out anew which entry of its chain each instrument is drawn from."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.conftest import FILLED_AT
from ticker.ingest.refresher import Refresher
from ticker.ingest.turns import keep_turns
from ticker.store import decide


@pytest.mark.replay
def test_turns_are_read_again_as_soon_as_a_figure_has_changed_and_not_before(filled: Refresher) -> None:
    last = keep_turns(filled.store, filled.catalog, filled.sources, FILLED_AT, None)
    soon = FILLED_AT + timedelta(seconds=1)
    assert soon < last.valid_until
    assert keep_turns(filled.store, filled.catalog, filled.sources, soon, last) is last
    newest = last.by_key["wti"].latest
    assert newest is not None
    decide.take_back(filled.store, decide.Span("eia:RWTC", newest.day, newest.day), soon)
    then = keep_turns(filled.store, filled.catalog, filled.sources, soon, last)
    latest = then.by_key["wti"].latest
    assert latest is not None
    assert date.min < latest.day < newest.day
