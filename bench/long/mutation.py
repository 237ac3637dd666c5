"""Are the guards tested? `python -m bench.long.mutation [HOW_MANY SEED]` writes docs/long/mutation.md.

One thing at a time is changed in a copy of `ticker/ingest`, `ticker/market` and `ticker/sources`: a comparison is
turned round, a condition is taken away, a number is one more, `and` becomes `or`. Some test that runs the changed line
must then fail; a change that none notices has survived, and wants a test or an explanation.
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
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from coverage import CoverageData

from bench.long.page import write
from bench.program import ROOT
from bench.report import Table

ROOMS = ("ingest", "market", "sources")
TESTS = ("tests/market", "tests/sources", "tests/ingest/test_guards.py", "tests/ingest/test_due.py",
         "tests/ingest/test_confirmation.py", "tests/store/test_held.py", "tests/store/test_commit.py",
         "tests/ingest/test_compare.py", "tests/ingest/test_memory.py", "tests/ingest/test_client.py",
         "tests/ingest/test_answers.py", "tests/ingest/test_vintages.py", "tests/ingest/test_webhook.py",
         "tests/ingest/test_watcher.py", "tests/ingest/test_false_alarms.py", "tests/ingest/test_frozen.py",
         "tests/ingest/test_chains.py", "tests/ingest/test_days.py", "tests/ingest/test_refresher.py")  # fmt: skip
"""Tests of those rooms, the quick ones first: a change is tried against them in this order."""
AT_A_TIME = 2
_LONGEST = 600  # seconds for the tests of one change; what hangs was noticed
_TURNED = {ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
           ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: in which file, from which line to which, and what it makes of it. `text` is the file, changed."""

    file: Path
    line: int
    last: int
    before: str
    after: str
    text: str


def mutants(file: Path) -> Iterator[Mutant]:
    """Every change of a file that we know to make."""
    text = file.read_text("utf-8")
    count = sum(1 for node in ast.walk(ast.parse(text)) for _ in _changes(node))
    for wanted in range(count):
        tree, at = ast.parse(text), 0
        for node in ast.walk(tree):
            for change in _changes(node):
                if at == wanted:
                    where = node.test if isinstance(node, ast.If) else node
                    assert isinstance(where, ast.expr)
                    line, last, before = where.lineno, where.end_lineno or where.lineno, ast.unparse(node)
                    change()
                    yield Mutant(file, line, last, before, ast.unparse(node), ast.unparse(tree))
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


def survives(mutant: Mutant, copy: Path, tests: Sequence[str]) -> bool:
    """Whether these tests of a copy of the project do not notice the change."""
    there = copy / mutant.file.relative_to(ROOT)
    kept = there.read_text("utf-8")
    there.write_text(mutant.text, "utf-8")
    (copy / "tests.txt").write_text("\n".join(tests), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "@tests.txt"]
    try:
        done = subprocess.run(command, cwd=copy, capture_output=True, timeout=_LONGEST, env=_env(copy), check=False)
        return done.returncode == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        there.write_text(kept, "utf-8")


Ran = Mapping[str, Mapping[int, Collection[str]]]
"""By file, below the project's folder, and line: the tests that run it."""


def ran_by(copy: Path) -> Ran:
    """Run all tests once, and note which of them run which line."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(AT_A_TIME), "-p", "no:cacheprovider", *TESTS]
    command += [*(f"--cov=ticker.{room}" for room in ROOMS), "--cov-context=test", "--cov-report="]
    subprocess.run(command, cwd=copy, env=_env(copy), check=True)
    data, found = CoverageData(str(copy / ".coverage")), defaultdict[str, dict[int, Collection[str]]](dict)
    data.read()
    for file in data.measured_files():
        for line, contexts in data.contexts_by_lineno(file).items():
            tests = {context.partition("|")[0] for context in contexts}
            found[str(Path(file).relative_to(copy.resolve()))][line] = tests
    return found


def chosen(mutant: Mutant, ran: Ran) -> Sequence[str]:
    """The tests that run what was changed, the quick ones first; all, where it is run before any test."""
    lines = ran.get(str(mutant.file.relative_to(ROOT)), {})
    tests = {test for line in range(mutant.line, mutant.last + 1) for test in lines.get(line, ())}
    if "" in tests:
        return TESTS
    return sorted(tests, key=lambda test: next(at for at, name in enumerate(TESTS) if test.startswith(name)))


def _env(copy: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}


def copied(folder: Path) -> Path:
    """A copy of the project beside the shared folder, to be changed."""
    copy = folder / "ticker"
    folder.mkdir(exist_ok=True)
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


def tried(mutants: Sequence[Mutant], copies: Sequence[Path], ran: Ran) -> Iterator[tuple[Mutant, bool, int]]:
    """Each change, whether it survived, and how many tests could have noticed it (0: none runs it)."""
    free: SimpleQueue[Path] = SimpleQueue()
    for copy in copies:
        free.put(copy)

    def one(mutant: Mutant) -> tuple[Mutant, bool, int]:
        tests, copy = chosen(mutant, ran), free.get()
        try:
            return mutant, not tests or survives(mutant, copy, tests), len(tests)
        finally:
            free.put(copy)

    with ThreadPoolExecutor(len(copies)) as pool:
        yield from pool.map(one, mutants)


def main() -> None:
    """Try some."""
    count, seed = (int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 2 else (120, 1)
    began, rows = time.perf_counter(), []
    with tempfile.TemporaryDirectory() as name:
        copies = [copied(Path(name) / str(at)) for at in range(AT_A_TIME)]
        ran = ran_by(copies[0])
        for at, (mutant, survived, tests) in enumerate(tried(drawn(count, seed), copies, ran), 1):
            where = f"{mutant.file.relative_to(ROOT)}:{mutant.line}"
            print(f"{at}/{count} {'SURVIVED' if survived else 'noticed'} {where} {mutant.before[:60]!r}", flush=True)
            if survived:
                rows.append((where, f"`{_short(mutant.before)}`", f"`{_short(mutant.after)}`", str(tests)))
    about = (
        f"{count} of the changes that we know to make in {', '.join(ROOMS)}, drawn with seed {seed}, each tried "
        f"against the tests that run the line: {count - len(rows)} were noticed, {len(rows)} survived."
    )
    table = Table("Changes that tests should notice", ("survivor", "was", "became", "tests that ran it"), rows, about)
    print(table.text())
    write("mutation", table, f"python -m bench.long.mutation {count} {seed}", time.perf_counter() - began)


def _short(code: str) -> str:
    return " ".join(code.split())[:90].replace("|", "\\|")


if __name__ == "__main__":
    main()
