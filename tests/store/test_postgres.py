"""What PostgreSQL adds: one plain sentence for each thing that can be wrong, and connections in bounds."""

from __future__ import annotations

import itertools
import socket
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import psycopg
import pytest

from bench.postgres import PASSWORD, Server
from tests.conftest import free_port
from ticker.errors import StoreError
from ticker.store.engine import open_store, store_at
from ticker.store.figures import read_revision
from ticker.store.postgres import MOST


@pytest.fixture
def url(postgres: Server, _template: str) -> Iterator[str]:
    """The address of an empty store."""
    yield (url := postgres.create(_template))
    postgres.drop(url)


@pytest.fixture
def other(url: str) -> Iterator[psycopg.Connection]:
    """Another program, connected to the same database."""
    with psycopg.connect(url) as connection:
        yield connection


OURS = "pg_stat_activity WHERE datname = current_database() AND application_name = 'ticker'"


def ended(other: psycopg.Connection) -> None:
    """End every connection of ours to this database."""
    other.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM {OURS}")
    other.commit()


def refused(url: str, wait: float = 1.0) -> str:
    with pytest.raises(StoreError) as said:
        open_store(url, wait)
    assert PASSWORD not in str(said.value)
    return str(said.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_usual_address_is_one(url: str, scheme: str) -> None:
    store = open_store(url.replace("postgresql", scheme, 1))
    assert read_revision(store) == 0
    assert PASSWORD not in store.url
    store.close()


def test_of_several_hosts_the_one_that_may_be_written_is_found(url: str) -> None:
    at, _, name = url.rpartition("@")[2].partition("/")
    both = (
        f"postgresql://ticker:{PASSWORD}@/{name}?host=127.0.0.1:{free_port()}&host={at}&target_session_attrs=read-write"
    )
    store = open_store(both)
    assert read_revision(store) == 0
    assert str(store.name).endswith(f",{at}/{name}")
    store.close()


def test_nobody_answers(url: str) -> None:
    port = free_port()
    there = f"127.0.0.1:{port}"
    said = refused(f"postgresql://ticker:{PASSWORD}@{there}/ticker")
    assert said.startswith(f"The database postgresql://{there}/ticker cannot be reached: ")
    assert said.endswith("Connection refused.")


def test_no_such_host() -> None:
    assert "cannot be reached" in refused(f"postgresql://ticker:{PASSWORD}@ticker.invalid/ticker")


def test_a_host_that_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        said = refused(f"postgresql://ticker:{PASSWORD}@127.0.0.1:{silent.getsockname()[1]}/ticker")
    assert "cannot be reached: connection timeout expired" in said


def test_a_server_that_stops_answering_is_given_up(url: str, postgres: Server) -> None:
    store = store_at(url, 0, silence=0.5)

    def unanswered() -> None:
        with store.read() as connection, postgres.silent():
            connection.exec_driver_sql("SELECT 1")

    with pytest.raises(StoreError, match=r"cannot be reached: it has said nothing for 0\.5 seconds\.$"):
        unanswered()
    with postgres.silent(), pytest.raises(StoreError, match="cannot be reached"):
        read_revision(store)
    assert read_revision(store) == 0  # it was let go on
    store.close()


def test_an_answer_that_comes_slowly_is_waited_for(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock on which a silence lasts fifty of its steps, and the answer two hundred."""
    monkeypatch.setattr("ticker.store.driver.time", SimpleNamespace(monotonic=itertools.count().__next__))
    store = store_at(url, 0, silence=50)
    with store.read() as connection:
        answer = "SELECT repeat(n::text, 10000), pg_sleep(0.005) FROM generate_series(100, 300) n"
        assert len(connection.exec_driver_sql(answer).all()) == 201
    store.close()


def test_a_password_a_user_and_a_database_that_are_wrong(url: str) -> None:
    assert "refuses the user or the password" in refused(url.replace(PASSWORD, "guess"))
    assert "refuses the user or the password" in refused(url.replace("ticker:", "nobody:"))
    assert "/none does not exist." in refused(url.rpartition("/")[0] + "/none")


def test_a_database_that_may_only_be_read_is_read(url: str, other: psycopg.Connection) -> None:
    other.execute(f"ALTER DATABASE {url.rpartition('/')[2]} SET default_transaction_read_only = on")
    other.commit()
    store = open_store(url)
    assert read_revision(store) == 0
    with pytest.raises(StoreError, match="cannot be written: it is a standby, or read-only"), store.write() as writing:
        writing.exec_driver_sql("INSERT INTO revision VALUES (1, 1, now())")
    store.close()


def test_tables_that_are_not_ours_to_use(url: str, other: psycopg.Connection) -> None:
    other.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    other.commit()
    said = refused(url.replace(f"ticker:{PASSWORD}", "guest:guest"))
    other.execute("DROP ROLE guest")
    other.commit()
    assert said.endswith("may not be used in this way by this user.")


def test_a_writer_that_does_not_end_is_waited_for_and_then_named(url: str) -> None:
    first, second = open_store(url), open_store(url, wait=0.05)
    with first.write():
        with pytest.raises(StoreError, match="is locked by another program"), second.write():
            pass
        assert read_revision(second) == 0  # readers are not disturbed
    with second.write():
        pass
    first.close()
    second.close()


def test_a_reader_cannot_write(url: str) -> None:
    store = open_store(url)
    with pytest.raises(StoreError, match="read-only"), store.read() as reading:
        reading.exec_driver_sql("INSERT INTO revision VALUES (1, 1, now())")
    store.close()


def test_without_the_driver_it_says_what_to_install(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert refused(url) == "PostgreSQL needs the driver psycopg: pip install 'ticker-widgets[postgres]'."


def test_connections_are_bounded_however_many_threads_read(url: str, other: psycopg.Connection) -> None:
    store, here = open_store(url), threading.Barrier(MOST)

    def read(_: int) -> int:
        with store.read() as connection:
            here.wait(30)
            found = connection.exec_driver_sql(f"SELECT count(*) FROM {OURS}").scalar()
            here.wait(30)
            return int(found or 0)

    with ThreadPoolExecutor(3 * MOST) as pool:
        assert set(pool.map(read, range(3 * MOST))) == {MOST}
    store.close()


def test_whose_connection_was_ended_goes_on_with_another(url: str, other: psycopg.Connection) -> None:
    store = open_store(url)
    for _ in range(2):
        assert read_revision(store) == 0
        ended(other)
    assert read_revision(store) == 0

    def interrupted() -> None:
        with store.read() as connection:
            ended(other)
            connection.exec_driver_sql("SELECT 1")

    with pytest.raises(StoreError, match="has ended our connection"):
        interrupted()
    assert read_revision(store) == 0
    store.close()
