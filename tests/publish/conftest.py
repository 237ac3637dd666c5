"""A site that is published, and what stands in the place then."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from werkzeug.test import TestResponse

from tests.conftest import free_port
from tests.recipes.conftest import running
from tests.web.conftest import FRESH, Site, app_of, site_at
from ticker.publish.file import Place
from ticker.publish.folder import Folder
from ticker.publish.keep import Publisher
from ticker.publish.publish import Published
from ticker.web.live import Live

URL = "https://figures.example"
FEW = ("/w/list?i=energy&lang=es", "/i/wti", "/v1/quotes", "/img/list.png")
"""A few addresses, which bring with them what they need."""
FIGURES = ("/w/list?i=energy&lang=es", "/v1/quotes")
"""Fewer, of which each has the newest figures."""


@dataclass
class Press:
    """A site and the place to which it is published."""

    site: Site
    place: Place
    folder: Path

    def publish(self, addresses: Sequence[str] = FEW) -> Published:
        return self.publisher(addresses).once()

    def publisher(self, addresses: Sequence[str] = FEW) -> Publisher:
        self.site.look_again()
        return Publisher(self.site.parts, self.site.live, self.place, addresses)

    def told(self, address: str) -> TestResponse:
        """What a running Ticker answers, were it to say every day with its year."""
        parts, snapshot = self.site.parts, replace(self.site.live.snapshot(), year=0)
        live = Live(lambda: snapshot.revision, parts.holding, lambda *_: snapshot, lambda: self.site.now)
        return app_of(URL, live, parts).test_client().get(address)

    def text(self, name: str) -> str:
        return (self.folder / name).read_text("utf-8")

    def seen(self) -> dict[str, tuple[int, int]]:
        """Every file that readers may ask for: which one it is, and when it was written."""
        files = [f for f in self.folder.rglob("*") if f.is_file() and ".ticker" not in str(f.relative_to(self.folder))]
        return {str(f.relative_to(self.folder)): (f.stat().st_ino, f.stat().st_mtime_ns) for f in files}


KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMIsecret"}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::figures/*"}
    ],
}
"""Everybody may read the bucket."""


@dataclass
class Objects:
    """An S3 server on this machine (moto), with one bucket that other sites may read; it looks at no key until told."""

    port: int
    bucket: str = "figures"
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.environment = {**KEYS, "AWS_ENDPOINT_URL": self.endpoint, "AWS_REGION": "us-east-1"}

    @property
    def client(self) -> Any:
        return boto3.client(
            "s3", endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id="x",
            aws_secret_access_key="x", config=Config(proxies={}, retries={"total_max_attempts": 1}),
        )  # fmt: skip

    def found(self, prefix: str = "") -> dict[str, int]:
        """The size of every object under a prefix."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return {o["Key"]: o["Size"] for page in pages for o in page.get("Contents", [])}

    def when(self, prefix: str) -> dict[str, Any]:
        """When each object was written."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return {o["Key"]: o["LastModified"] for page in pages for o in page.get("Contents", [])}

    def ask_for_keys(self, *, on: bool) -> None:
        """Let no key be good from now on, or all again."""
        count = "0" if on else "1000000"
        kind = {"Content-Type": "text/plain"}
        requests.post(f"{self.endpoint}/moto-api/reset-auth", count, headers=kind, timeout=10).raise_for_status()


@pytest.fixture(scope="session")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Objects]:
    found = Objects(free_port())
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(found.port)]
    with running(command, f"{found.endpoint}/moto-api/", tmp_path_factory.mktemp("moto") / "log"):
        found.client.create_bucket(Bucket=found.bucket)
        rule = {"AllowedMethods": ["GET", "HEAD"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 86400}
        found.client.put_bucket_cors(Bucket=found.bucket, CORSConfiguration={"CORSRules": [rule]})
        found.client.put_bucket_policy(Bucket=found.bucket, Policy=json.dumps(POLICY))
        yield found


@pytest.fixture
def press(tmp_path: Path) -> Iterator[Press]:
    site = site_at(tmp_path, FRESH, URL, TICKER_PUBLIC_URL=URL)
    yield Press(site, Folder(tmp_path / "out"), tmp_path / "out")
    site.parts.store.close()
