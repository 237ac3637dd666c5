"""Are the guards tested? `python -m bench.long.mutation [HOW_MANY SEED]` writes docs/long/mutation.md.

One thing at a time is changed in a copy of `ticker/ingest`, `ticker/market` and `ticker/sources`: a comparison is
turned round, a condition is taken away, a number is one more, `and` becomes `or`. The tests of those rooms must then
fail; a change that they do not notice has survived, and wants a test or an explanation.
"""

from __future__ import annotations

import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.long.page import write
from bench.program import ROOT
from bench.report import Table

ROOMS = ("ingest", "market", "sources")
TESTS = ("tests/sources", "tests/market", "tests/ingest/test_guards.py", "tests/ingest/test_due.py",
         "tests/ingest/test_doubts.py", "tests/ingest/test_client.py", "tests/store/test_held.py",
         "tests/store/test_commit.py", "tests/ingest/test_answers.py", "tests/ingest/test_refresher.py")  # fmt: skip
_TURNED = {ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
           ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: where, and what it makes of the line."""

    file: Path
    line: int
    before: str
    after: str
    source: str


def mutants(file: Path) -> Iterator[Mutant]:
    """Every change of a file that we know to make."""
    text = file.read_text("utf-8")
    count = sum(1 for node in ast.walk(ast.parse(text)) for _ in _changes(node))
    for wanted in range(count):
        tree, at = ast.parse(text), 0
        for node in ast.walk(tree):
            for change in _changes(node):
                if at == wanted:
                    before = ast.unparse(node)
                    change()
                    yield Mutant(file, node.lineno, before, ast.unparse(node), ast.unparse(tree))  # type: ignore[attr-defined]
                at += 1


def _changes(node: ast.AST) -> Iterator[Callable[[], object]]:
    """What can be changed of a node, each as a function that does it."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _TURNED:
        yield lambda: node.ops.__setitem__(0, _TURNED[type(node.ops[0])]())
    if isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield lambda: setattr(node, "op", other)
    if isinstance(node, ast.If):
        yield lambda: setattr(node, "test", ast.Constant(False))
    if isinstance(node, ast.IfExp):
        yield lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), node.test))
    if isinstance(node, ast.Constant) and type(node.value) is int:
        yield lambda: setattr(node, "value", int(str(node.value)) + 1)


def survives(mutant: Mutant, copy: Path) -> bool:
    """Whether the tests of a copy of the project do not notice the change."""
    there = copy / mutant.file.relative_to(ROOT)
    kept = there.read_text("utf-8")
    there.write_text(mutant.source, "utf-8")
    tests = [name for name in TESTS if (copy / name).exists()]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(command, cwd=copy, capture_output=True, timeout=900, env=_env(copy), check=False)
        return done.returncode == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        there.write_text(kept, "utf-8")


def _env(copy: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}


def copied(folder: Path) -> Path:
    """A copy of the project beside the shared folder, to be changed."""
    copy = folder / "ticker"
    shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(".git", ".venv", "node_modules", "*.db"))
    shared = ROOT.parent / "shared"
    if shared.exists():
        (folder / "shared").symlink_to(shared.resolve())
    return copy


def drawn(count: int, seed: int) -> list[Mutant]:
    """So many of all changes, by chance."""
    found = [m for room in ROOMS for file in sorted((ROOT / "ticker" / room).glob("*.py")) for m in mutants(file)]
    print(f"{len(found):,} changes are known")
    return random.Random(seed).sample(found, min(count, len(found)))  # noqa: S311 - chance, not a secret


def main() -> None:
    """Try some."""
    count, seed = (int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 2 else (120, 1)
    began, rows = time.perf_counter(), []
    chosen = drawn(count, seed)
    with tempfile.TemporaryDirectory() as name:
        copy = copied(Path(name))
        for at, mutant in enumerate(chosen, 1):
            survived = survives(mutant, copy)
            where = f"{mutant.file.relative_to(ROOT)}:{mutant.line}"
            print(f"{at}/{count} {'SURVIVED' if survived else 'noticed'} {where} {mutant.before[:60]!r}", flush=True)
            if survived:
                rows.append((where, f"`{_short(mutant.before)}`", f"`{_short(mutant.after)}`"))
    about = (
        f"{count} of the changes that we know to make in {', '.join(ROOMS)}, drawn with seed {seed}, each tried "
        f"against the tests of those rooms: {count - len(rows)} were noticed, {len(rows)} survived."
    )
    table = Table("Changes that tests should notice", ("survivor", "was", "became"), rows, about)
    print(table.text())
    write("mutation", table, f"python -m bench.long.mutation {count} {seed}", time.perf_counter() - began)


def _short(code: str) -> str:
    return " ".join(code.split())[:90].replace("|", "\\|")


if __name__ == "__main__":
    main()
