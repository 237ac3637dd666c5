"""How the threads of a process share a core."""

from __future__ import annotations

import os
import sys
from contextlib import suppress


def take_turns() -> None:
    """Have this process and those it starts let a thread end its turn before one that it wakes begins (on Linux).

    Granian reads requests in one thread and Python answers them in another. As a rule Linux interrupts the one as soon
    as it wakes the other, twice a request. In turns, all that has come is read, then all of it answered, then all sent.
    """
    if sys.platform == "linux" and os.sched_getscheduler(0) == os.SCHED_OTHER:  # an operator's own choice stays
        with suppress(OSError):  # a sandbox may forbid it: then a request costs half as much again
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
