"""A bucket of an S3-compatible store as a place to publish to: an object appears whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import parse_qsl, urlsplit

from ticker.errors import ConfigError, PublishError, discreet
from ticker.publish.file import File

if TYPE_CHECKING:
    from obstore.store import S3Store

_AT_ONCE = 8  # requests
_PAGE = 1000  # names in one answer, the most that S3 gives
_CODE, _MESSAGE = re.compile(r"<Code>(\w+)</Code>"), re.compile(r"<Message>([^<]+)</Message>")
_STATUS = re.compile(r"status code: (\d{3}(?: [A-Z][A-Za-z]+)*)")
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_OWN_IDENTITY = (
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_TOLD = {
    "AWS_ACCESS_KEY_ID": "access_key_id",
    "AWS_SECRET_ACCESS_KEY": "secret_access_key",
    "AWS_SESSION_TOKEN": "session_token",
    "AWS_DEFAULT_REGION": "region",
    "AWS_REGION": "region",
}
"""What of the environment we hand on ourselves; obstore reads the rest of `AWS_*`."""
_METADATA = "169.254.169.254"  # where machines at Amazon ask who they are


@dataclass(frozen=True)
class Bucket:
    """A prefix of a bucket. `secrets` are never in what is said."""

    name: str
    store: S3Store
    secrets: tuple[str, ...]
    shared: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.name

    def alone(self) -> AbstractContextManager[None]:
        """A bucket cannot say who else is at work in it."""
        return nullcontext()

    def packings(self, file: File) -> list[File]:
        """The file alone: such a store does not choose among codings, what stands in front of it does."""
        return [file]

    def there(self) -> Mapping[str, int]:
        """The size of each object under the prefix."""
        with self._told("cannot be read"):
            return {found["path"]: found["size"] for batch in self.store.list(chunk_size=_PAGE) for found in batch}

    def read(self, name: str) -> bytes | None:
        """An object's content."""
        with self._told("cannot be read"):
            try:
                return bytes(self.store.get(name).bytes())
            except FileNotFoundError as wrong:
                if "NoSuchBucket" in str(wrong):
                    raise
                return None

    def write(self, files: list[tuple[File, bytes]]) -> None:
        """Put the objects, some at a time."""

        def put(found: tuple[File, bytes]) -> None:
            file, body = found
            said = {"Content-Type": file.kind, "Cache-Control": file.cache}
            self.store.put(file.name, body, attributes=said, use_multipart=False)

        self._at_once(put, files)

    def remove(self, names: list[str]) -> None:
        """Take the objects away."""
        with self._told("cannot be written"):
            for at in range(0, len(names), _PAGE):
                self.store.delete(names[at : at + _PAGE])

    def _at_once(self, work: Callable[[tuple[File, bytes]], None], files: list[tuple[File, bytes]]) -> None:
        with self._told("cannot be written"), ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(work, files))

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        from obstore.exceptions import BaseError

        try:
            yield
        except (BaseError, OSError, ValueError) as wrong:
            raise PublishError(f"{self.name} {what}: {discreet(_cause(str(wrong)), self.secrets)}.") from wrong


def bucket_at(text: str, environ: Mapping[str, str]) -> Bucket:
    """The bucket that `s3://bucket/prefix` names; `?endpoint=` and `?region=` stand before what `AWS_*` says.

    ConfigError for an address that is none, for want of credentials, and where obstore is not installed.
    """
    parts = urlsplit(text)
    said = dict(parse_qsl(parts.query))
    name = f"s3://{parts.netloc}{parts.path}".rstrip("/")
    if not parts.hostname or parts.netloc != parts.hostname or parts.fragment or set(said) - {"endpoint", "region"}:
        form = "s3://bucket/prefix, with ?endpoint=https://host and &region= where the environment does not say them"
        raise ConfigError(f"{discreet(repr(name))} is no bucket; write {form}.")
    endpoint = said.get("endpoint") or next((environ[key] for key in _ENDPOINTS if environ.get(key)), "")
    host = urlsplit(endpoint)
    if endpoint and not (host.scheme in ("http", "https") and host.hostname and "@" not in host.netloc):
        raise ConfigError(f"{discreet(repr(endpoint))} is no address of a store, such as https://s3.example.org.")
    keys = environ.get("AWS_ACCESS_KEY_ID") and environ.get("AWS_SECRET_ACCESS_KEY")
    if endpoint and not keys and not any(environ.get(key) for key in _OWN_IDENTITY):
        raise ConfigError(f"{name}: there are no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    told = {field: environ[key] for key, field in _TOLD.items() if environ.get(key)}
    told |= {"endpoint": endpoint} if endpoint else {}
    told |= {"region": said["region"]} if said.get("region") else {}
    store = _store(parts.hostname, parts.path.strip("/"), told)
    return Bucket(name, store, tuple(environ[key] for key in _SECRETS if environ.get(key)))


def _store(bucket: str, prefix: str, told: Mapping[str, str]) -> S3Store:
    try:
        from obstore.store import S3Store
    except ImportError as wrong:
        raise ConfigError("A bucket needs obstore: pip install 'ticker-widgets[publish]'.") from wrong
    try:
        return S3Store(
            bucket,
            prefix=prefix or None,
            config=told,  # type: ignore[arg-type]  # of the names that it knows
            client_options={
                "allow_http": told.get("endpoint", "").startswith("http://"),
                "timeout": "30s",
                "connect_timeout": "5s",
            },
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=60)},
        )
    except Exception as wrong:  # obstore names no kinds of it: an environment that it does not understand
        raise ConfigError(f"s3://{bucket} cannot be opened: {_cause(str(wrong))}.") from wrong


def _cause(text: str) -> str:
    """What an operator can do something about, from what obstore says over many lines."""
    code, message = _CODE.search(text), _MESSAGE.search(text)
    if code:
        return f"{message[1].strip().rstrip('.')} ({code[1]})" if message else code[1]
    if _METADATA in text:
        return "there are no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if status := _STATUS.search(text):
        return f"the store answers {status[1]}"
    first = text.partition("\n")[0].strip()
    if "HTTP error" in first:
        return "the store does not answer"
    return first[:200].rstrip(". ") or "no reason was given"
