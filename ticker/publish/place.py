"""Places by what an operator calls them: a folder, or `s3://bucket/prefix`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ticker.errors import ConfigError
from ticker.publish.bucket import bucket_at
from ticker.publish.file import Place
from ticker.publish.folder import Folder


def place_at(text: str, environ: Mapping[str, str]) -> Place:
    """The place that a text names; ConfigError for one that is none."""
    scheme, found, _ = text.partition("://")
    if not found:
        if not text.strip():
            raise ConfigError("DEST is empty; it is a folder, or s3://bucket/prefix.")
        if text.startswith("s3:"):
            raise ConfigError(f"DEST={text} is no bucket; write s3://bucket/prefix.")
        return Folder(Path(text).expanduser())
    if scheme == "s3":
        return bucket_at(text, environ)
    raise ConfigError(f"DEST={scheme}://... cannot be published to; it is a folder, or s3://bucket/prefix.")
