"""What the documents claim is so: the table of settings, the commands, the folders, and every link between them."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from tests.conftest import ROOT
from ticker.cli import ticker
from ticker.config import SETTINGS, Settings

DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")] + sorted(
    (ROOT / "docs").glob("*.md")
)


def test_the_settings_table_is_the_codes_own() -> None:
    assert {s.field for s in SETTINGS} == {f.name for f in fields(Settings)}
    rows = re.findall(r"^\| `(TICKER_\w+)` \| (.*?) \| (.*?) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert rows == [(s.name, f"`{s.default}`" if s.default else "", s.effect) for s in SETTINGS]


def test_every_command_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    for name in ticker.commands:
        assert f"`ticker {name}" in text, name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.name)
def test_links_lead_somewhere(document: object) -> None:
    from pathlib import Path

    file = Path(str(document))
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", file.read_text()):
        if not target.startswith("http"):
            assert (file.parent / target).exists(), target


def test_every_room_is_in_contributing() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    rooms = [
        folder.name for folder in (ROOT / "ticker").iterdir() if folder.is_dir() and not folder.name.startswith("_")
    ]
    for room in rooms:
        assert f"{room}/" in text, room
