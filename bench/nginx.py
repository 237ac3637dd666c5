"""nginx on one core: it serves a folder of files, and whatever a recipe says."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.cores import SERVER, on
from bench.program import Served, free_port, served

OPEN_FILES = "open_file_cache max=1000 inactive=60s;"
"""As in our recipe, `nginx-front.conf`; nginx by itself has none."""

_MAIN = """{user} daemon off; worker_processes 1; pid {folder}/pid; error_log stderr error;
events {{}}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    {recipe}
    server {{ listen 127.0.0.1:{plain}; root {folder}/www; default_type text/html; }}
    server {{ listen 127.0.0.1:{opened}; root {folder}/www; default_type text/html; {open_files} }}
}}
"""


def program() -> str | None:
    """Where nginx is; None where there is none."""
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


@contextmanager
def nginx_served(nginx: str, folder: Path, body: bytes, recipe: str = "") -> Iterator[tuple[Served, Served]]:
    """One worker process that serves `/w/list` from a file: as nginx does by itself, and with `open_file_cache`."""
    (folder / "www" / "w").mkdir(parents=True, exist_ok=True)
    (folder / "www" / "w" / "list").write_bytes(body)
    plain, opened = free_port(), free_port()
    user = "user root;" if os.geteuid() == 0 else ""  # else its worker could not read the folder
    conf = folder / "nginx.conf"
    said = {"user": user, "folder": folder, "recipe": recipe, "open_files": OPEN_FILES}
    conf.write_text(_MAIN.format(plain=plain, opened=opened, **said), "utf-8")
    command = on(SERVER, [nginx, "-e", "stderr", "-p", str(folder), "-c", str(conf)])
    with served(command, plain, os.environ) as found:
        yield found, Served(opened, found.parent, found.first)
