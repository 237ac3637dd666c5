"""The command line as an operator uses it: a process, at a moment of the past, against the replayed sources."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import libfaketime
import pytest

from tests.conftest import UPSTREAMS, Replay, absent, at

LIBRARY = next(Path(libfaketime.__file__).parent.rglob("libfaketime.so.1"), None)
KEYS = ("wti", "brent", "gasoline", "natgas", "gbpusd", "audusd", "usdcad", "usdbrl", "usdmxn", "usdinr")


@dataclass(frozen=True)
class Shell:
    """Runs `ticker` in a folder of its own. `now` is the moment it believes it is; None is this one."""

    folder: Path
    environment: Mapping[str, str]

    def where(self, **more: str) -> Shell:
        """The same with more in its environment."""
        return Shell(self.folder, {**self.environment, **more})

    def __call__(self, *words: str, now: datetime | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": os.environ["PATH"], "TZ": "UTC", "TICKER_SEED": "none", **self.environment, **more}
        if now is not None:
            if LIBRARY is None:
                absent("libfaketime has no library for this machine")
            env |= {"LD_PRELOAD": str(LIBRARY), "FAKETIME": f"@{now:%Y-%m-%d %H:%M:%S}"}
            env |= {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}
            env |= {"PYTHONWARNINGS": "ignore:System time is way off"}  # urllib3, about clocks long past
        command = [sys.executable, "-m", "ticker.cli", *words]
        return subprocess.run(
            command, cwd=self.folder, env=env, capture_output=True, text=True, timeout=120, check=False
        )


@pytest.fixture
def ticker(tmp_path: Path) -> Shell:
    return Shell(tmp_path, {})


@pytest.fixture
def replayed(tmp_path: Path, replay: Replay) -> Shell:
    return Shell(tmp_path, replay.environment())


# --- figures worked out from the published series alone, with fractions, not with the program --------


def series(code: str) -> dict[date, str]:
    with (UPSTREAMS / "series" / f"{code}.csv").open(newline="") as file:
        return {date.fromisoformat(day): value for day, value in list(csv.reader(file))[1:] if value}


def euro_rates() -> dict[date, dict[str, str]]:
    raw = zipfile.ZipFile(UPSTREAMS / "series" / "eurofxref-hist.zip").read("eurofxref-hist.csv").decode()
    return {date.fromisoformat(row["Date"]): row for row in csv.DictReader(io.StringIO(raw))}


def half_even(value: Fraction, places: int) -> str:
    scaled = round(value * 10**places)  # Python rounds a Fraction half to even
    sign = "-" if scaled < 0 else ""
    digits = str(abs(scaled)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def expected(now: datetime) -> dict[str, tuple[str, str, str, str | None, str, str]]:
    """For each key: value, day, change, percent, the value before and its day."""
    york, berlin = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
    trading = sorted(series("RWTC"))
    lines: dict[str, tuple[dict[date, Fraction], int]] = {}

    def workbook(code: str) -> dict[date, Fraction]:
        local = now.astimezone(york)
        monday = local.date() - timedelta(local.weekday())
        while True:
            closed = monday not in trading
            if code.startswith("EMM"):
                out, last = datetime.combine(monday + timedelta(closed), time(17), york), monday
            else:
                out = datetime.combine(monday + timedelta(3 if closed else 2), time(11), york)
                last = monday + timedelta(closed)
            if out <= now:
                return {d: Fraction(v) for d, v in series(code).items() if d <= last}
            monday -= timedelta(7)

    local = now.astimezone(york)
    today = local.date() if local.time() >= time(9) else local.date() - timedelta(1)
    mornings = [d for d in trading if d <= today]
    close = trading[bisect_left(trading, mornings[-1]) - 1]
    for key, code, places in (
        ("wti", "RWTC", 2),
        ("brent", "RBRTE", 2),
        ("gasoline", "EMM_EPMR_PTE_NUS_DPG", 3),
        ("natgas", "RNGWHHD", 2),
    ):
        line = workbook(code)
        if key in ("wti", "brent") and close > max(line) and close in series(code):
            line[close] = Fraction(series(code)[close])
        lines[key] = (line, places)
    for key in KEYS[4:]:
        base, other = key[:3].upper(), key[3:].upper()
        line = {
            d: Fraction(r[other] if other != "EUR" else "1") / Fraction(r[base])
            for d, r in euro_rates().items()
            if datetime.combine(d, time(15, 57), berlin) <= now and "N/A" not in (r[other], r[base])
        }
        lines[key] = (line, 4)
    found = {}
    for key, (line, places) in lines.items():
        before, last = sorted(line)[-2:]
        value, old = half_even(line[last], places), half_even(line[before], places)
        change = Fraction(value) - Fraction(old)
        percent = half_even(change * 100 / Fraction(old), 2) if Fraction(value) > 0 and Fraction(old) > 0 else None
        found[key] = (value, str(last), half_even(change, places), percent, old, str(before))
    return found


MOMENTS = [
    "2026-03-19T14:00",
    "2020-04-21T16:00",
    "2020-04-29T16:00",
    "2025-12-31T17:00",
    "2026-01-23T17:00",
    "2026-01-29T17:00",
]
RECENT = MOMENTS[4:]
"""Read with two years of history, which is all that their figures need, and a tenth of the work."""
WAITS = {"2020-04-21T16:00", "2020-04-22T16:00"}


def confirmed(replayed: Shell, replay: Replay, now: datetime, *words: str) -> datetime:
    """Refresh, and look again half an hour later where a figure waits for that; the moment at which all is in."""
    replay.now = now
    first = replayed("refresh", *words, now=now)
    assert first.returncode == 0, first.stderr
    if "held back" not in first.stdout:
        return now
    replay.now = now + timedelta(minutes=31)
    second = replayed("refresh", now=replay.now)
    assert second.returncode == 0, second.stderr
    assert "held back" not in second.stdout
    return replay.now


@pytest.mark.replay
@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_from_nothing_to_ten_right_quotes(request: pytest.FixtureRequest, tmp_path: Path, moment: str) -> None:
    replay: Replay = request.getfixturevalue("_recent_server" if moment in RECENT else "_replay_server")
    replay.clear()
    replayed = Shell(tmp_path, replay.environment())
    now = confirmed(replayed, replay, at(moment), "--all")
    assert (now != at(moment)) == (moment in WAITS)
    shown = replayed("quotes", "--json", now=now)
    answer = json.loads(shown.stdout)
    quotes = {q["key"]: q for q in answer["quotes"]}
    assert tuple(quotes) == KEYS
    for key, (value, day, change, percent, old, before) in expected(now).items():
        q = quotes[key]
        assert (q["value"], q["as_of"]) == (value, day), key
        assert q["previous"] == {"value": old, "as_of": before}, key
        assert (q["change"], q["change_percent"]) == (change, percent), key
        assert q["direction"] == ("down" if change.startswith("-") else "flat" if Fraction(change) == 0 else "up")
        assert q["freshness"] == "current", key
        assert datetime.fromisoformat(q["next_due"]) > now
        assert q["source"]["key"] == ("eia" if key in KEYS[:4] else "ecb")
        assert q["derived"] == (None if key in KEYS[:4] else f"{key[3:].upper()} / {key[:3].upper()}")
    assert shown.returncode == 0
    assert datetime.fromisoformat(answer["valid_until"]) > now


@pytest.mark.replay
def test_trap_01_the_negative_price_is_shown_within_one_confirmation(replayed: Shell, replay: Replay) -> None:
    now = confirmed(replayed, replay, at("2020-04-21T16:00"), "--source", "eia")
    assert now == at("2020-04-21T16:31")
    shown = json.loads(replayed("quotes", "--json", "-i", "wti", now=now).stdout)["quotes"][0]
    assert (shown["value"], shown["as_of"], shown["change_percent"], shown["direction"]) == (
        "-36.98",
        "2020-04-20",
        None,
        "down",
    )


# --- what people see ---------------------------------------------------------------------------------


@pytest.mark.replay
def test_refresh_says_what_came_and_then_that_nothing_is_due(replayed: Shell, replay: Replay) -> None:
    replay.now = at("2026-03-19T14:00")
    first = replayed("refresh", now=replay.now)
    assert first.returncode == 0
    assert "eia:RNGWHHD: 7329 new, 0 revised, 0 withdrawn; revision" in first.stdout
    assert "\x1b" not in first.stdout + first.stderr  # no colours in a pipe
    assert replayed("refresh", now=replay.now + timedelta(minutes=2)).stdout == "nothing is due\n"
    replay.fault(kind="html200")
    failed = replayed("refresh", "--all", now=replay.now + timedelta(minutes=3))
    assert failed.returncode == 1
    assert "ecb:rates: source sent something else: " in failed.stderr
    again = replayed("refresh", now=replay.now + timedelta(minutes=4))
    assert (again.returncode, again.stdout) == (1, "nothing is due\n")  # and still it fails
    sources = replayed("sources", now=replay.now + timedelta(minutes=4))
    assert sources.returncode == 1
    assert "failed 1x" in sources.stdout


def test_quotes_of_an_empty_store_are_empty_not_wrong(ticker: Shell) -> None:
    shown = ticker("quotes", "--json")
    assert shown.returncode == 1
    assert {(q["value"], q["freshness"]) for q in json.loads(shown.stdout)["quotes"]} == {(None, "empty")}


def test_a_first_run_shows_the_seed_with_its_true_days(ticker: Shell) -> None:
    shown = ticker("quotes", "--json", TICKER_SEED="")
    quotes = json.loads(shown.stdout)["quotes"]
    assert {q["key"] for q in quotes} == set(KEYS)
    assert all(q["value"] and q["as_of"] <= "2026-04-13" for q in quotes)
    assert {q["freshness"] for q in quotes} == {"stale"}
    assert shown.returncode == 1


def test_the_seed_shows_nothing_from_the_future(ticker: Shell) -> None:
    now = at("2020-06-01T12:00")
    quotes = json.loads(ticker("quotes", "--json", now=now, TICKER_SEED="").stdout)["quotes"]
    assert all(q["as_of"] <= "2020-06-01" for q in quotes)


@pytest.mark.replay
def test_live_figures_replace_the_seed(replayed: Shell, replay: Replay) -> None:
    replay.now = at("2026-03-19T14:00")
    replayed("quotes", now=replay.now, TICKER_SEED="")
    replayed("refresh", now=replay.now, TICKER_SEED="")
    with sqlite3.connect(replayed.folder / "ticker.db") as database:
        assert database.execute("SELECT count(*) FROM observation WHERE standing = 0").fetchone() == (0,)
    database.close()


def test_the_seed_is_written_by_the_projects_own_export(ticker: Shell) -> None:
    written = ticker("seed", "mine.csv", TICKER_SEED="")
    assert written.returncode == 0, written.stderr
    ours = (Path(__file__).parent.parent / "ticker" / "seed.csv").read_text().splitlines()
    mine = (ticker.folder / "mine.csv").read_text().splitlines()
    first = (date.today().replace(day=1) - timedelta(days=3650)).isoformat()[:7]  # noqa: DTZ011 - as the program counts
    assert mine[0] == ours[0]
    assert [line for line in ours if line[:7] > first and line[:2] == "20"] == [
        line for line in mine if line[:7] > first and line[:2] == "20"
    ]
    assert len("\n".join(ours)) < 300_000
    again = Shell(ticker.folder, {"TICKER_DATABASE_URL": "sqlite:///again.db"})
    assert json.loads(again("quotes", "--json", TICKER_SEED="mine.csv").stdout)["quotes"][0]["value"] == "98.34"


# --- keeping it --------------------------------------------------------------------------------------


@pytest.mark.replay
def test_a_copy_is_made_checked_against_the_sources_and_put_back(replayed: Shell, replay: Replay) -> None:
    replay.now = at("2026-03-19T14:00")
    replayed("refresh", now=replay.now)
    made = replayed("backup", "copy.db")
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.startswith("copy.db: ")
    revision = int(made.stdout.partition(" at revision ")[2].partition(",")[0])
    again = replayed("backup", "copy.db")
    assert (again.returncode, again.stdout) == (2, "")
    assert "--overwrite" in again.stderr
    assert replayed("backup", "--overwrite", "copy.db").returncode == 0
    checked = replayed("check", "--source", now=replay.now)
    assert checked.returncode == 0, checked.stdout
    assert f"at revision {revision}: nothing wrong\n" in checked.stdout
    assert "ecb:GBP: 6,967 figures, as the source has them\n" in checked.stdout
    with sqlite3.connect(replayed.folder / "ticker.db") as database:
        database.execute("UPDATE observation SET value = '9999' WHERE series = 'eia:RWTC' AND day = '2020-04-20'")
    database.close()
    checked = replayed("check", "--source", now=replay.now)
    assert checked.returncode == 1
    assert "eia:RWTC: 2020-04-20: 9999 is not within -100 to 300\n" in checked.stdout
    assert "eia:RWTC: 2020-04-20: we have 9999, the source has -36.98\n" in checked.stdout
    back = replayed("restore", "copy.db", now=replay.now)
    assert back.returncode == 0
    assert back.stdout.endswith(f"figures from copy.db, at revision {revision + 1}\n")
    assert replayed("check", now=replay.now).returncode == 0


@pytest.mark.parametrize("words", [["backup", "copy.db"], ["check"]])
def test_where_there_is_no_database_none_is_made(ticker: Shell, words: list[str]) -> None:
    ended = ticker(*words)
    assert (ended.returncode, ended.stderr) == (1, "ticker: The database ticker.db does not exist.\n")
    assert list(ticker.folder.iterdir()) == []


# --- what can be wrong -------------------------------------------------------------------------------

BAD_STANZA = '[instruments.oil]\ngroup = "energy"\n'


@pytest.fixture
def mistakes(tmp_path: Path) -> Path:
    (tmp_path / "bad.toml").write_text(BAD_STANZA)
    (tmp_path / "corrupt.db").write_bytes(b"no database at all " * 500)
    (tmp_path / "seed.csv").write_text("day,USD\n")
    return tmp_path


@pytest.mark.parametrize(
    ("setting", "code", "said"),
    [
        ({"TICKER_CATALOG": "bad.toml"}, 2, "ticker: bad.toml: [instruments.oil]: name is missing.\n"),
        (
            {"TICKER_CATALOG": "none.toml"},
            2,
            "ticker: none.toml: the catalog cannot be read: No such file or directory.\n",
        ),
        ({"TICKER_REFRESH": "perhaps"}, 2, "ticker: TICKER_REFRESH='perhaps': must be 1 or 0.\n"),
        ({"TICKER_CONTAKT": "x"}, 2, "ticker: TICKER_CONTAKT is not a setting; there are TICKER_CATALOG, "),
        ({"TICKER_SEED": "seed.csv"}, 2, "ticker: seed.csv: not a seed of Ticker: "),
        ({"TICKER_DATABASE_URL": "sqlite:///none/x.db"}, 1, "cannot be opened: its folder does not exist"),
        (
            {"TICKER_DATABASE_URL": "sqlite:////proc/x.db"},
            1,
            "cannot be opened: its folder does not exist or is not writable",
        ),
        ({"TICKER_DATABASE_URL": "sqlite:///corrupt.db"}, 1, "is not a SQLite database, or is damaged.\n"),
        ({"TICKER_DATABASE_URL": "oracle://x"}, 2, "must be a database address such as sqlite:///"),
    ],
)
def test_a_mistake_is_one_sentence(
    ticker: Shell, mistakes: Path, setting: dict[str, str], code: int, said: str
) -> None:
    for command in (["quotes"], ["serve", "--port", "1"]):
        ended = ticker.where(**setting)(*command)
        assert (ended.returncode, ended.stderr.count("\n")) == (code, 1), ended.stderr
        assert said in ended.stderr
    assert (mistakes / "corrupt.db").read_bytes() == b"no database at all " * 500


@pytest.mark.parametrize(
    "words", [["quotes", "-i", "nothing"], ["refresh", "--source", "x"], ["serve", "--port", "x"], ["x"]]
)
def test_wrong_usage_is_two(ticker: Shell, words: list[str]) -> None:
    ended = ticker(*words)
    assert ended.returncode == 2
    assert "Error" in ended.stderr


def test_an_instrument_of_the_operators_own(ticker: Shell) -> None:
    stanza = {
        "group": "world",
        "name": "Turkish lira",
        "label": "Turkey Lira",
        "detail": "USD/TRY",
        "kind": "reference",
    }
    more: dict[str, Any] = stanza | {
        "unit": "TRY",
        "cadence": "daily",
        "chain": ["ecb: TRY / USD"],
        "range": ["1", "900"],
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in more.items()]
    (ticker.folder / "mine.toml").write_text("\n".join(["[instruments.usdtry]", "decimals = 4", *lines]))
    shown = json.loads(ticker("quotes", "--json", "-i", "usdtry", TICKER_CATALOG="mine.toml").stdout)
    assert [q["name"] for q in shown["quotes"]] == ["Turkish lira"]


# --- what is held back --------------------------------------------------------------------------------


@pytest.mark.replay
def test_a_figure_is_listed_taken_back_accepted_and_rejected(replayed: Shell, replay: Replay) -> None:
    def wti(now: datetime) -> tuple[str, str]:
        quote = json.loads(replayed("quotes", "--json", "-i", "wti", now=now).stdout)["quotes"][0]
        return quote["value"], quote["as_of"]

    now = replay.now = at("2020-04-21T16:00")
    assert replayed("hold", now=now).stdout == "nothing is held back\n"
    replayed("refresh", "--source", "eia", now=now)
    assert wti(now)[1] < "2020-04-20"
    listed = replayed("hold", now=now)
    assert "eia:RWTC" in listed.stdout
    assert "-36.98" in listed.stdout
    assert "is a move far beyond those of this series" in listed.stdout
    accepted = replayed("accept", "eia:RWTC", "2020-04-20", now=now)
    assert (accepted.returncode, accepted.stdout) == (0, "eia:RWTC 2020-04-20: -36.98 accepted\n")
    assert wti(now) == ("-36.98", "2020-04-20")
    taken = replayed("hold", "eia:RWTC", "2020-04-20", now=now)
    assert (taken.returncode, taken.stdout) == (0, "eia:RWTC 2020-04-20: -36.98 taken back\n")
    assert "  ticker hold fred:DCOILWTICO 2020-04-20\n" in taken.stderr
    later = now + timedelta(hours=1)
    assert "1 held back" in replayed("refresh", "--all", "--source", "eia", now=later).stdout
    assert wti(later)[1] < "2020-04-20"
    assert "was taken back by an operator" in replayed("hold", now=later).stdout
    rejected = replayed("reject", "eia:RWTC", "2020-04-20", now=later)
    assert (rejected.returncode, rejected.stdout) == (0, "eia:RWTC 2020-04-20: -36.98 rejected\n")
    assert replayed("hold", now=later).stdout == "nothing is held back\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("accept", "eia:NONE", "2026-03-17"), "'eia:NONE': there are"),
        (("accept", "eia:RWTC", "yesterday"), "'yesterday' does not match the format"),
        (("reject", "eia:RWTC", "2026-03-17"), "ticker: eia:RWTC 2026-03-17: no figure is held there."),
        (("hold", "eia:RWTC", "2026-03-17"), "ticker: eia:RWTC: there is no such series in the store."),
        (("hold", "eia:RWTC"), "Missing argument 'DAY'"),
        (("accept", "eia:RWTC"), "Missing argument 'DAY'"),
        (("accept", "eia:RWTC", "2026-03-17", "--to", "2026-03-16"), "2026-03-16 is before 2026-03-17."),
    ],
)
def test_a_decision_about_nothing_is_wrong_usage(ticker: Shell, words: tuple[str, ...], says: str) -> None:
    said = ticker(*words)
    assert said.returncode == 2
    assert says in said.stderr
    assert "Traceback" not in said.stderr
