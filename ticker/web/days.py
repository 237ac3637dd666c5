"""Days that visitors name: read strictly, and only where there can be figures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from ticker.errors import BadParameter
from ticker.market.observation import Series

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_EASTERNMOST = timedelta(hours=14)


def latest_today(now: datetime) -> date:
    """The latest day that it is anywhere on Earth: nobody's own today is refused as to come."""
    return (now + _EASTERNMOST).date()


def day_in(name: str, args: Mapping[str, str], line: Series, today: date) -> date | None:
    """The day that a parameter names, None where there is no such parameter.

    BadParameter, saying which days there are, for what is no day, a day before the line begins, and one to come.
    """
    said = args.get(name)
    if said is None:
        return None
    if not line:
        raise BadParameter(name, said, "none yet, for there is no figure")
    first = line[0].day
    allowed = f"a day from {first} to {today}"
    try:
        if not _DAY.fullmatch(said):  # the library would take a week too, 2026-W10-1
            raise ValueError(said)
        found = date.fromisoformat(said)
    except ValueError as wrong:
        raise BadParameter(name, said, f"{allowed}, such as {line[-1].day}") from wrong
    if not first <= found <= today:
        raise BadParameter(name, said, allowed)
    return found
