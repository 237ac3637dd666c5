"""The one HTTP client. All politeness, limits and suspicion live here."""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import quote, quote_plus, urljoin, urlsplit

import requests
import urllib3

from ticker import __version__
from ticker.errors import Malformed, Refused, SourceError, TooLarge, Unreachable
from ticker.ingest.connections import Adapter, OpenSockets
from ticker.sources.source import Request, Secret
from ticker.store.feeds import Validators

_CHUNK = 65_536
_REDIRECTS = 3
_LONGEST_WAIT = timedelta(days=1)


@dataclass(frozen=True)
class Limits:
    """How long a fetch may take, in seconds: to connect, between two bytes, and all in all."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 60.0


@dataclass(frozen=True)
class Answer:
    """What a source answered. `body` is None where it said that nothing has changed (304)."""

    body: bytes | None
    validators: Validators


class Client:
    """Fetches documents. Use one in a thread; `contact` says in the User-Agent whom to write to.

    `keys` are added to the requests to their hosts, and to nothing that is said, logged or remembered of them.
    """

    def __init__(self, contact: str = "", limits: Limits = Limits(), keys: Sequence[Secret] = ()) -> None:
        self._limits, self._keys = limits, keys
        self._open = OpenSockets()
        self._session = requests.Session()
        self._session.mount("https://", Adapter(self._open))
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.auth = _no_auth  # or requests reads passwords from ~/.netrc
        about = f"; {contact}" if contact else ""
        self._headers = {
            "User-Agent": f"Ticker/{__version__} (news widgets{about})",
            "Accept-Encoding": "gzip",
        }

    def fetch(self, request: Request, held: Validators, now: datetime) -> Answer:
        """Fetch a document, or learn that it is still the one that `held` came with.

        Raises Unreachable, Refused, TooLarge or Malformed. Never follows a redirect to another host or off https.
        """
        headers = self._headers | {"Accept": request.accept} | _conditional(held)
        deadline = time.monotonic() + min(self._limits.total, request.seconds or self._limits.total)
        url = request.url
        with self._cut_off_at(deadline):
            for _ in range(1 + _REDIRECTS):
                with self._get(url, headers) as response:
                    if response.status_code == 304 and held != Validators():
                        return Answer(None, held)
                    if response.is_redirect:
                        url = _same_host(url, response.headers["Location"])
                        continue
                    if response.status_code != 200:
                        raise Refused(f"{url} answered {response.status_code}", _retry_at(response.headers, now))
                    body = _body(request.url, response, request.limit)
                    return Answer(body, _validators(response.headers))
        raise Refused(f"{request.url} redirected more than {_REDIRECTS} times")

    def discreet(self, text: str) -> str:
        """The text without any key: sources repeat them, and so may an error that quotes an answer."""
        for secret in self._keys:
            for form in (secret.value, quote(secret.value, safe=""), quote_plus(secret.value)):
                text = text.replace(form, "***")
        return text

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    @contextmanager
    def _get(self, url: str, headers: Mapping[str, str]) -> Iterator[requests.Response]:
        try:
            wait = (self._limits.connect, self._limits.read)
            with self._session.get(
                url, params=self._key(url), headers=headers, timeout=wait, stream=True, allow_redirects=False
            ) as response:
                yield response
        except SourceError:
            raise
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as wrong:
            cause = "no answer in time" if self._open.cut else self.discreet(_short(wrong))
            raise Unreachable(f"{urlsplit(url).hostname}: {cause}") from None  # what it came of names the whole address

    def _key(self, url: str) -> dict[str, str]:
        host = urlsplit(url).hostname
        return {secret.parameter: secret.value for secret in self._keys if secret.host == host}

    @contextmanager
    def _cut_off_at(self, deadline: float) -> Iterator[None]:
        """Shuts the sockets at the deadline: timeouts alone do not end an answer that trickles."""
        self._open.cut = False
        timer = threading.Timer(deadline - time.monotonic(), self._open.shut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _conditional(held: Validators) -> dict[str, str]:
    asked = {"If-None-Match": held.etag, "If-Modified-Since": held.last_modified}
    return {name: value for name, value in asked.items() if value}


def _validators(headers: Mapping[str, str]) -> Validators:
    return Validators(headers.get("ETag"), headers.get("Last-Modified"))


def _same_host(url: str, location: str) -> str:
    target = urljoin(url, location)
    there, here = urlsplit(target), urlsplit(url)
    if there.scheme != "https" or there.netloc != here.netloc:
        raise Refused(f"{here.hostname} redirected to another address: {there.scheme}://{there.hostname}")
    return target


def _body(url: str, response: requests.Response, limit: int) -> bytes:
    """The body, decompressed; TooLarge where either form passes the limit."""
    length = response.headers.get("Content-Length", "")
    if length.isdigit() and int(length) > limit:
        raise TooLarge(f"{url} announced {length} bytes, {limit} is the most")
    packed = bytearray()
    while chunk := response.raw.read(_CHUNK, decode_content=False):
        packed += chunk
        if len(packed) > limit:
            raise TooLarge(f"{url} sent more than {limit} bytes")
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding == "identity":
        return bytes(packed)
    if encoding != "gzip":
        raise Malformed(f"{url} answered in {encoding[:20]!r}, which nobody asked for")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        body = unpacker.decompress(bytes(packed), limit + 1)
    except zlib.error as wrong:
        raise Malformed(f"{url} is not the gzip it says it is") from wrong
    if len(body) > limit:
        raise TooLarge(f"{url} unpacks to more than {limit} bytes")
    if not unpacker.eof:
        raise Unreachable(f"{url} was cut off")
    return body


def _retry_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When the source wants to be asked again; at most a day ahead."""
    said = headers.get("Retry-After", "").strip()
    try:
        until = now + timedelta(seconds=int(said)) if said.isdigit() else parsedate_to_datetime(said).astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None
    return min(max(until, now), now + _LONGEST_WAIT)


def _short(wrong: BaseException) -> str:
    """The innermost cause, without the addresses and objects that libraries put around it."""
    while (inner := wrong.__cause__ or wrong.__context__) is not None and not isinstance(inner, AttributeError):
        wrong = inner
    return (str(wrong) or type(wrong).__name__)[:200]
