"""The log as JSON: an object a line, whatever is in it."""

from __future__ import annotations

import json
import logging
import sys

from hypothesis import given
from hypothesis import strategies as st

from ticker.logs import Lines


def line(message: str, *args: object, **extra: object) -> dict[str, object]:
    record = logging.makeLogRecord({"name": "ticker.x", "levelname": "WARNING", "msg": message, "args": args} | extra)
    text = Lines().format(record)
    assert "\n" not in text
    found: dict[str, object] = json.loads(text)
    return found


def test_an_event_has_its_name_and_its_fields() -> None:
    found = line("%s fails", "ecb:rates", event="source.failing", source="ecb", feed="rates", created=0.0)
    assert found == {
        "at": "1970-01-01T00:00:00.000Z",
        "level": "warning",
        "event": "source.failing",
        "message": "ecb:rates fails",
        "logger": "ticker.x",
        "source": "ecb",
        "feed": "rates",
    }


def test_what_has_no_name_is_a_line_too() -> None:
    assert line("started")["event"] == "log"


def test_a_mistake_has_its_trace_on_the_same_line() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        found = line("a mistake", exc_info=sys.exc_info())
    assert "Traceback" in str(found["trace"])


@given(st.text())
def test_any_text_stays_on_its_line(text: str) -> None:
    assert line("%s", text)["message"] == text
