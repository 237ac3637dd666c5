"""Connections that report their sockets, so that an answer that trickles can be ended from outside."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class OpenSockets:
    """The sockets that are open, so that another thread can shut them. `cut` says that one did."""

    def __init__(self) -> None:
        self.cut = False
        self._sockets: list[socket.socket] = []

    def add(self, opened: socket.socket) -> None:
        """Remember one; those that were closed are forgotten."""
        self._sockets = [s for s in self._sockets if s.fileno() >= 0] + [opened]

    def shut(self) -> None:
        """Shut them all: whoever waits on one wakes at once."""
        self.cut = True
        for opened in self._sockets:
            with suppress(OSError):  # closed already
                opened.shutdown(socket.SHUT_RDWR)


class Adapter(HTTPAdapter):
    """Makes connections that report their sockets."""

    def __init__(self, sockets: OpenSockets) -> None:
        self._sockets = sockets
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """The manager of direct connections, with ours."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._sockets)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """The manager of connections through a proxy, with ours."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        if "socks" not in proxy:
            manager.pool_classes_by_scheme = _pools(self._sockets)
        return manager


def _pools(sockets: OpenSockets) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            opened = super()._new_conn()
            sockets.add(opened)
            return opened

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            opened = super()._new_conn()
            sockets.add(opened)
            return opened

        def connect(self) -> None:
            super().connect()
            if isinstance(self.sock, socket.socket):
                sockets.add(self.sock)  # TLS wraps the socket in a new one

    plain = type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": Plain})
    secure = type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": Secure})
    return {"http": plain, "https": secure}
