"""Each of the 41 traps in the public data has a test with its number in its name: docs/traps.md is the list."""

from __future__ import annotations

import re

from tests.conftest import ROOT

NUMBERED = re.compile(r"^def (test_trap_(\d\d)_\w+)", re.MULTILINE)


def listed() -> str:
    """The page: each trap's tests."""
    found: dict[int, list[str]] = {number: [] for number in range(1, 42)}
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, number in NUMBERED.findall(file.read_text("utf-8")):
            found[int(number)].append(f"`{name}` ([{file.stem}](../{file.relative_to(ROOT)}))")
    rows = [f"| {number} | {'<br>'.join(tests)} |" for number, tests in found.items()]
    head = (
        "# The traps, and what keeps us out of them\n\nReal cases in the public data, by their numbers in our research,"
        " and the tests that fail\nwhen what guards against them is taken away. Made by `tests/test_traps.py`.\n\n"
        "| trap | tests |\n|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"


def test_every_trap_has_a_test_and_the_page_lists_them() -> None:
    page = ROOT / "docs" / "traps.md"
    found = listed()
    assert "|  |" not in found, "a trap has no test"
    if not page.is_file() or page.read_text("utf-8") != found:
        page.write_text(found, "utf-8")
        raise AssertionError("docs/traps.md was not as the tests are; it is written anew")
