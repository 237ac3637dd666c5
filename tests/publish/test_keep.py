"""A place that is kept current: by figures, by time, and after a failure that is told once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.publish.conftest import Press
from tests.recipes.conftest import eventually
from ticker.ingest.trouble import Trouble
from ticker.publish.folder import Folder
from ticker.publish.keep import Publisher


class Hasty(Trouble):
    """Tries again at once."""

    def met(self, wrong: Exception) -> float:
        super().met(wrong)
        return 0.01


@contextmanager
def kept(press: Press, *, mine: bool = True) -> Iterator[None]:
    publisher = Publisher(press.site.parts, press.site.live, press.place, ("/v1/quotes",))
    stop = threading.Event()
    thread = threading.Thread(target=publisher.run, args=(stop, Hasty("publishing"), lambda: mine))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=60)
    assert not thread.is_alive()


def shown(press: Press, figure: str) -> Callable[[], bool]:
    file = press.folder / "v1/quotes.json"
    return lambda: file.is_file() and figure in file.read_text("utf-8")


def test_a_new_figure_and_time_alone_are_published(press: Press) -> None:
    with kept(press):
        eventually(shown(press, "98.34"), "the seed is published")
        press.site.publish("eia:RWTC", date(2026, 4, 10), "97.77")
        eventually(shown(press, "97.77"), "a new figure is published")
        assert not shown(press, '"stale"')()
        press.site.now += timedelta(days=30)
        eventually(shown(press, '"stale"'), "the place says that a source is silent")


def test_a_failure_is_told_once_and_tried_again(press: Press, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    (tmp_path / "out").write_text("in the way")
    with kept(press):
        eventually(lambda: "publishing: " in caplog.text, "the failure is told")
        (tmp_path / "out").unlink()
        eventually(shown(press, "98.34"), "it is published")
        eventually(lambda: "publishing: works again" in caplog.text, "its end is told")
    assert caplog.text.count(f"publishing: {tmp_path}/out is a file; name a folder") == 1


def test_a_place_that_is_anothers_to_keep_is_left_alone(press: Press) -> None:
    with kept(press, mine=False):
        pass
    assert not press.folder.exists()


def test_the_folder_is_free_again_after_a_publish(press: Press) -> None:
    press.publish(("/v1/quotes",))
    with Folder(press.folder).alone():
        pass
