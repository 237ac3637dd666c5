"""The command that publishes the application's answers as files, and what keeps them current beside a worker."""

from __future__ import annotations

import os
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ticker.logs import log_to_stderr
from ticker.start import Parts, clock, start
from ticker.store import lease

if TYPE_CHECKING:
    from ticker.ingest.refresher import Refresher
    from ticker.publish.keep import Publisher

VARIANTS = click.option(
    "--variants",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file that lists what to publish, a line each: an address, such as /w/list?i=wti&lang=es, or everything.",
)


@click.command()
@click.argument("dest")
@VARIANTS
@click.option("--adopt", is_flag=True, help="Write over files not known as ours, where the list of them was lost.")
def publish(dest: str, variants: Path | None, adopt: bool) -> None:
    """Write the widgets, data, pictures and scripts as files to DEST: a folder, or s3://bucket/prefix."""
    parts = start(os.environ, clock())
    log_to_stderr("ERROR", secrets=parts.settings.secrets)
    publisher = publisher_of(parts, dest, variants)
    done = publisher.once(adopt=adopt)
    click.echo(f"{publisher.place}: {done.files:,} files, {done.written:,} written, {done.removed:,} removed")


def publisher_of(parts: Parts, dest: str, variants: Path | None) -> Publisher:
    """What publishes there; ConfigError where it cannot, for want of an address, a place or a list."""
    from ticker.publish.keep import Publisher
    from ticker.publish.place import place_at
    from ticker.publish.site import require_address
    from ticker.publish.wanted import EVERYTHING, listed
    from ticker.web.live import Live

    require_address(parts.settings)
    live = Live(parts.revision, parts.holding, parts.snapshot_of, clock, parts.writing)
    return Publisher(parts, live, place_at(dest, os.environ), listed(variants) if variants else (EVERYTHING,))


def keep_published(publisher: Publisher, refresher: Refresher, stop: threading.Event) -> threading.Thread:
    """Publish beside the refresher. A bucket, which all share, is left to the process that is in charge."""
    from ticker.ingest.trouble import Trouble

    def mine() -> bool:
        if not publisher.place.shared:
            return True
        return lease.holder_of(refresher.store, lease.REFRESHER, refresher.store.clock()) == refresher.holder

    work = partial(publisher.run, stop, Trouble("publishing"), mine)
    thread = threading.Thread(target=work, name="publish", daemon=True)
    thread.start()
    return thread


COMMANDS = (publish,)
