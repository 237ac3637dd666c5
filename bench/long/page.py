"""Where long runs write what they found: `docs/long/<name>.md`, with day, machine and commit."""

from __future__ import annotations

import subprocess

from bench.program import ROOT
from bench.report import Table, about


def commit() -> str:
    """The commit that is run, in short."""
    git = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def write(name: str, table: Table, command: str, seconds: float, *more: Table) -> None:
    """Write a page: the table, and more below it."""
    file = ROOT / "docs" / "long" / f"{name}.md"
    file.parent.mkdir(exist_ok=True)
    text = "\n".join(one.text() for one in (table, *more))
    file.write_text(f"{text[1:]}\n{about(command, seconds)}Commit {commit()}.\n", "utf-8")
    print(f"{file}: written")
