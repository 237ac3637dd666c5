"""The sockets that web processes listen on: they stay open while one process takes another's place."""

from __future__ import annotations

import errno
import os
import socket
import sys
from functools import partial

from ticker.errors import ConfigError

_FIRST = 3  # systemd hands sockets on from this descriptor on: sd_listen_fds(3)


def listeners(host: str, port: int, workers: int, backlog: int) -> list[socket.socket]:
    """Sockets that listen at an address: one a worker where Linux deals connections out among them, else one for all.

    `backlog` connections wait at each. ConfigError where the address cannot be had.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:  # one that may be shared would not say that it is taken
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
        many = workers if sys.platform == "linux" else 1
        open_door = partial(
            socket.create_server,
            address,
            family=family,
            backlog=backlog,
            reuse_port=many > 1,
            dualstack_ipv6=family == socket.AF_INET6 and socket.has_dualstack_ipv6(),
        )
        return [open_door() for _ in range(many)]
    except (OSError, OverflowError) as wrong:
        taken = getattr(wrong, "errno", 0) == errno.EADDRINUSE
        what = "is in use by another program" if taken else f"cannot be used: {wrong}"
        raise ConfigError(f"The address {host}:{port} {what}; choose another with --host or --port.") from wrong


def handed_on() -> list[socket.socket]:
    """The listening sockets that systemd, or whoever does as it does, holds for this process; most often none.

    They outlive the process, so that the next one answers who came meanwhile. ConfigError where they are of no use.
    """
    pid, count = (os.environ.pop(name, "") for name in ("LISTEN_PID", "LISTEN_FDS"))
    if pid != str(os.getpid()) or not count.isdecimal():
        return []  # meant for another, such as the one that started us
    try:
        found = [socket.socket(fileno=_FIRST + n) for n in range(int(count))]
        listen = all(each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) for each in found)
    except OSError as wrong:
        raise ConfigError(
            f"LISTEN_FDS={count}, but there are no {count} sockets from descriptor 3 on: {wrong}."
        ) from wrong
    if not listen or not {each.family for each in found} <= {socket.AF_INET, socket.AF_INET6}:
        raise ConfigError("A socket that is handed on is none of TCP; ListenStream= names an address and a port.")
    return found
