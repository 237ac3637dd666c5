"""Publishing to a bucket of an S3 server, over real HTTP."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import free_port
from tests.publish.conftest import FEW, FIGURES, KEYS, URL, Objects, Press
from tests.test_commands import Shell
from tests.web.conftest import FRESH, site_at
from ticker.errors import ConfigError, PublishError
from ticker.publish.bucket import Bucket, bucket_at
from ticker.publish.folder import Folder
from ticker.publish.place import place_at

pytestmark = pytest.mark.slow
PREFIXES = (f"site{n}" for n in itertools.count())


@pytest.fixture
def prefix() -> str:
    return next(PREFIXES)


@pytest.fixture
def bucket(press: Press, objects: Objects, prefix: str) -> Iterator[Press]:
    """The site with a prefix of its own."""
    press.place = place_at(f"s3://{objects.bucket}/{prefix}", objects.environment)
    yield press
    objects.ask_for_keys(on=False)


def test_objects_have_their_type_and_how_long_they_may_be_kept(bucket: Press, objects: Objects, prefix: str) -> None:
    bucket.publish()

    def head(name: str) -> tuple[str, str]:
        found = objects.client.head_object(Bucket=objects.bucket, Key=f"{prefix}/{name}")
        return found["ContentType"], found["CacheControl"]

    kind, cache = head("w/list_i=energy_lang=es.html")
    assert kind == "text/html; charset=utf-8"
    assert cache.startswith("public, max-age=60, s-maxage=300,")
    assert head("embed/list")[0].startswith("text/html")
    assert head("v1/quotes.json")[0] == "application/json"
    assert head("v1/history/wti.csv")[0] == "text/csv; charset=utf-8"
    assert head("img/list.png")[0] == "image/png"
    assert head("feeds/wti.atom")[0] == "application/atom+xml; charset=utf-8"
    assert head("embed.js") == ("text/javascript; charset=utf-8", "public, max-age=3600, stale-if-error=604800")
    hashed = next(name for name in objects.found(prefix) if "/static/chart." in name).removeprefix(f"{prefix}/")
    assert head(hashed)[1] == "public, max-age=31536000, immutable"
    body = objects.client.get_object(Bucket=objects.bucket, Key=f"{prefix}/v1/quotes.json")["Body"].read()
    assert body == bucket.told("/v1/quotes").data


def test_what_is_kept_is_never_kept_longer_than_it_is_true(bucket: Press, objects: Objects, prefix: str) -> None:
    until = bucket.site.live.snapshot().valid_until - bucket.site.now
    bucket.site.pass_time(seconds=until.total_seconds() - 40)
    bucket.publish(FIGURES)
    found = objects.client.head_object(Bucket=objects.bucket, Key=f"{prefix}/v1/quotes.json")
    assert ", s-maxage=40," in found["CacheControl"]


def test_a_second_publish_writes_nothing_and_a_new_figure_little(bucket: Press, objects: Objects, prefix: str) -> None:
    bucket.publish(FIGURES)
    before = objects.when(prefix)
    assert bucket.publish(FIGURES).written == 0
    assert objects.when(prefix) == before
    bucket.site.publish("eia:RWTC", date(2026, 4, 10), "97.77")
    bucket.publish(FIGURES)
    after = objects.when(prefix)
    assert {name for name in after if after[name] == before[name]} >= {name for name in after if "/static/" in name}
    body = objects.client.get_object(Bucket=objects.bucket, Key=f"{prefix}/v1/quotes.json")["Body"].read()
    assert b"97.77" in body


def test_what_is_gone_is_removed_and_what_is_not_ours_stays(bucket: Press, objects: Objects, prefix: str) -> None:
    bucket.publish(FIGURES)
    for name in (f"{prefix}/robots.txt", f"{prefix}more/w/list.html"):
        objects.client.put_object(Bucket=objects.bucket, Key=name, Body=b"mine")
    bucket.publish(("/v1/quotes",))
    found = objects.found(prefix)
    assert f"{prefix}/w/list_i=energy_lang=es.html" not in found
    assert {f"{prefix}/robots.txt", f"{prefix}/v1/quotes.json", f"{prefix}more/w/list.html"} <= set(found)


def test_an_object_that_is_not_ours_is_never_written_over(bucket: Press, objects: Objects, prefix: str) -> None:
    objects.client.put_object(Bucket=objects.bucket, Key=f"{prefix}/embed.js", Body=b"mine")
    with pytest.raises(PublishError, match=r"the file embed\.js there is not ours"):
        bucket.publish(FIGURES)
    assert set(objects.found(prefix)) == {f"{prefix}/embed.js"}


def test_a_publish_that_was_cut_off_is_made_good(
    bucket: Press, objects: Objects, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.publish(FIGURES)
    bucket.site.publish("eia:RWTC", date(2026, 4, 10), "97.77")
    write, calls = Bucket.write, itertools.count()

    def dying(self: Bucket, files: list[Any]) -> None:
        if next(calls) == 2:
            write(self, files[: len(files) // 2])
            raise KeyboardInterrupt
        write(self, files)

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "write", dying)
        with pytest.raises(KeyboardInterrupt):
            bucket.publish(FIGURES)
    bucket.publish(FIGURES)
    name = f"{prefix}/w/list_i=energy_lang=es.html"
    body = objects.client.get_object(Bucket=objects.bucket, Key=name)["Body"].read()
    assert body == bucket.told("/w/list?i=energy&lang=es").data
    assert bucket.publish(FIGURES).written == 0


def test_wrong_keys_are_one_sentence_and_nothing_is_written(bucket: Press, objects: Objects, prefix: str) -> None:
    objects.ask_for_keys(on=True)
    with pytest.raises(PublishError) as caught:
        bucket.publish(FIGURES)
    objects.ask_for_keys(on=False)
    said = "The AWS Access Key Id you provided does not exist in our records (InvalidAccessKeyId)."
    assert str(caught.value) == f"s3://{objects.bucket}/{prefix} cannot be read: {said}"
    assert not objects.found(prefix)


def test_a_bucket_that_is_not_there_and_a_store_that_does_not_answer(bucket: Press, objects: Objects) -> None:
    bucket.place = place_at("s3://nowhere", objects.environment)
    with pytest.raises(PublishError, match=r"^s3://nowhere cannot be read: .*\(NoSuchBucket\)\.$"):
        bucket.publish(FIGURES)
    bucket.place = place_at(f"s3://figures?endpoint=http://127.0.0.1:{free_port()}", KEYS)
    with pytest.raises(PublishError, match=r"^s3://figures cannot be read: the store does not answer\.$"):
        bucket.publish(FIGURES)


class Refusing(BaseHTTPRequestHandler):
    """Something in front of a store that refuses in words of its own."""

    def do_GET(self) -> None:
        self.send_error(403)

    def log_message(self, *_: object) -> None:
        pass


def test_a_refusal_that_is_not_the_stores_own_is_one_sentence(bucket: Press) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server, ThreadPoolExecutor(1) as pool:
        pool.submit(server.serve_forever)
        bucket.place = place_at(f"s3://figures?endpoint=http://127.0.0.1:{server.server_port}", KEYS)
        with pytest.raises(PublishError, match=r"^s3://figures cannot be read: the store answers 403 Forbidden\.$"):
            bucket.publish(FIGURES)
        server.shutdown()


@pytest.mark.parametrize(
    ("text", "environment", "said"),
    [
        ("s3://", KEYS, "is no bucket"),
        ("s3:///x", KEYS, "is no bucket"),
        ("s3://key:secret@bucket/x", KEYS, "is no bucket"),
        ("s3://bucket?acl=public", KEYS, "is no bucket"),
        ("s3://bucket?endpoint=localhost:9000", KEYS, "is no address of a store"),
        ("s3://bucket?endpoint=http://user:secret@127.0.0.1:9000", KEYS, "is no address of a store"),
        ("s3://bucket?endpoint=https://s3.example", {}, "there are no credentials"),
        ("gs://bucket", KEYS, "it is a folder, or s3://bucket/prefix"),
    ],
)
def test_an_address_that_is_no_bucket_is_one_sentence(text: str, environment: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        place_at(text, environment)
    assert "secret" not in str(caught.value)


def test_what_a_bucket_is_called_never_holds_the_settings() -> None:
    assert str(bucket_at("s3://bucket/x/?endpoint=https://s3.example&region=eu-central-1", KEYS)) == "s3://bucket/x"


def test_the_command_publishes_to_a_bucket(objects: Objects, prefix: str, tmp_path: Path) -> None:
    (tmp_path / "variants.txt").write_text("/w/list\n")
    ticker = Shell(tmp_path, {"TICKER_PUBLIC_URL": URL, "TICKER_SEED": "", **objects.environment})
    done = ticker("publish", f"s3://{objects.bucket}/{prefix}", "--variants", "variants.txt")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{prefix}/w/list_link=1.html" in objects.found(prefix)


def test_a_worker_in_charge_publishes_to_a_bucket(objects: Objects, prefix: str, tmp_path: Path) -> None:
    (tmp_path / "variants.txt").write_text("/w/list\n")
    dest = f"s3://{objects.bucket}/{prefix}"
    command = [sys.executable, "-m", "ticker.cli", "worker", "--publish", dest, "--variants", "variants.txt"]
    env = {
        "PATH": "/usr/bin:/bin",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "TICKER_PUBLIC_URL": URL,
        **objects.environment,
    }
    with subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True) as worker:
        assert worker.stderr is not None
        assert any("published: " in line for line in worker.stderr)
        assert f"{prefix}/w/list.html" in objects.found(prefix)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=30) == 0


def test_a_folder_and_a_bucket_hold_the_same_files(
    bucket: Press, objects: Objects, prefix: str, tmp_path: Path
) -> None:
    bucket.publish(FEW)
    other = site_at(tmp_path, FRESH, URL, TICKER_PUBLIC_URL=URL)
    folder = Press(other, Folder(tmp_path / "same"), tmp_path / "same")
    folder.publish(FEW)
    in_folder = {name.removesuffix("/index.html") for name in folder.seen() if not name.endswith((".br", ".gz"))}
    assert {name.removeprefix(f"{prefix}/") for name in objects.found(prefix)} - {".ticker.json"} == in_folder
    other.parts.store.close()
