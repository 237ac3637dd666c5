"""The dashboard and the alert rules in docs/ops: they name what `/metrics` has, and the rules fire when they should."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, absent
from tests.web.conftest import FRESH, site_at
from ticker.web.tally import KINDS, RESULTS, STATUSES

OPS = ROOT / "docs" / "ops"
DASHBOARD, ALERTS = OPS / "grafana.json", OPS / "alerts.yml"

FIRING = """
rule_files: [alerts.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {series: 'ticker_instrument_freshness{instrument="wti"}', values: '0x9 2x20'}
      - {series: 'ticker_instrument_freshness{instrument="gbpusd"}', values: '0x30'}
      - {series: 'ticker_feed_failures{source="ecb", feed="rates"}', values: '0x9 4x9 5x9'}
      - {series: 'ticker_feed_held_figures{source="eia", feed="RWTC"}', values: '0 4x200'}
      - {series: 'ticker_refresher_in_charge', values: '1x9 0x20'}
      - {series: 'ticker_store_readable', values: '1x30'}
      - {series: 'ticker_store_writable', values: '1x9 0x20'}
      - {series: 'ticker_http_requests_total{instance="a", status="2xx", cache="hit"}', values: '0+990x30'}
      - {series: 'ticker_http_requests_total{instance="a", status="5xx", cache="miss"}', values: '0+20x30'}
    alert_rule_test:
      - {eval_time: 9m, alertname: TickerStale, exp_alerts: []}
      - {eval_time: 14m, alertname: TickerStale, exp_alerts: []}
      - eval_time: 16m
        alertname: TickerStale
        exp_alerts: [{exp_labels: {severity: warning, instrument: wti}, exp_annotations: {
          summary: wti is stale,
          description: "Two publications or more are overdue, and no other source in its chain is fresher."}}]
      - {eval_time: 19m, alertname: TickerSourceFailing, exp_alerts: []}
      - {eval_time: 100m, alertname: TickerFiguresHeld, exp_alerts: []}
    promql_expr_test:
      - {expr: 'count(ALERTS{alertname="TickerSourceFailing", alertstate="firing"})', eval_time: 21m,
         exp_samples: [{value: 1}]}
      - {expr: 'count(ALERTS{alertname="TickerNobodyRefreshes", alertstate="firing"})', eval_time: 16m,
         exp_samples: [{value: 1}]}
      - {expr: 'count(ALERTS{alertname="TickerStoreNotWritable", alertstate="firing"})', eval_time: 13m,
         exp_samples: [{value: 1}]}
      - {expr: 'count(ALERTS{alertname="TickerErrors", alertstate="firing"})', eval_time: 16m,
         exp_samples: [{value: 1}]}
      - {expr: 'count(ALERTS{alertname="TickerFiguresHeld", alertstate="firing"})', eval_time: 125m,
         exp_samples: [{value: 1}]}
"""


def names_in(text: str) -> set[str]:
    return set(re.findall(r"\bticker_[a-z_]+", text))


@pytest.mark.parametrize("file", [DASHBOARD, ALERTS], ids=lambda f: f.name)
def test_every_metric_that_is_named_is_there(tmp_path: Path, file: Path) -> None:
    site = site_at(tmp_path, FRESH)
    site.get("/w/list")
    there = names_in(site.get("/metrics").text)
    site.parts.store.close()
    named = names_in(file.read_text())
    assert len(named) >= 8
    assert named <= there


@pytest.mark.parametrize("file", [DASHBOARD, ALERTS], ids=lambda f: f.name)
def test_every_label_value_that_is_named_is_one_of_ours(file: Path) -> None:
    for label, allowed in (("kind", KINDS), ("status", STATUSES), ("cache", RESULTS)):
        for said in re.findall(rf'\b{label}=~?\\?"([^"\\]+)', file.read_text()):
            assert set(said.split("|")) <= set(allowed)


def test_the_documents_name_every_metric(tmp_path: Path) -> None:
    site = site_at(tmp_path, FRESH)
    there = set(re.findall(r"^# TYPE ticker_(\w+)", site.get("/metrics").text, re.MULTILINE))
    site.parts.store.close()
    text = (ROOT / "docs" / "operate.md").read_text()
    for name in there:
        assert re.search(rf"`(ticker_{name}|\.\.\._{name.partition('_')[2]})", text), name


def test_the_dashboards_panels_stand_side_by_side() -> None:
    board = json.loads(DASHBOARD.read_text())
    places = [panel["gridPos"] for panel in board["panels"]]
    taken = [(x, y) for p in places for x in range(p["x"], p["x"] + p["w"]) for y in range(p["y"], p["y"] + p["h"])]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_the_rules_are_good_and_fire(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        absent("no promtool on this machine (Debian: it comes with prometheus)")
    shutil.copy(ALERTS, tmp_path / "alerts.yml")
    (tmp_path / "firing.yml").write_text(FIRING)
    for command in (["check", "rules", "alerts.yml"], ["test", "rules", "firing.yml"]):
        found = subprocess.run([promtool, *command], cwd=tmp_path, capture_output=True, text=True)
        assert found.returncode == 0, found.stdout + found.stderr


def test_the_unit_is_good_and_leaves_the_service_nearly_nothing(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        absent("no systemd-analyze on this machine (Debian: apt-get install systemd)")
    text = (OPS / "ticker.service").read_text()
    assert "/opt/ticker/.venv/bin/ticker serve " in text
    unit = tmp_path / "ticker.service"
    unit.write_text(text.replace("/opt/ticker/.venv/bin/ticker", f"{Path(sys.executable).parent}/ticker"))
    verified = subprocess.run([program, "verify", unit], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")
    door = tmp_path / "ticker.socket"
    door.write_text((OPS / "ticker.socket").read_text())
    verified = subprocess.run([program, "verify", door], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")
    asked = [program, "security", "--offline=yes", "--threshold=15", str(unit)]
    judged = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout[-300:] + judged.stderr


def test_the_unit_publishes_with_the_drop_in_of_the_documents(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        absent("no systemd-analyze on this machine (Debian: apt-get install systemd)")
    lines = re.findall(r"^    (\[Service\]\n(?:    .*\n)+)", (ROOT / "docs" / "publish.md").read_text(), re.MULTILINE)
    (drop_in,) = (text.replace("\n    ", "\n") for text in lines)
    assert "/opt/ticker/.venv/bin/ticker worker --publish /var/www/figures\n" in drop_in
    assert "\nReadWritePaths=/var/www/figures\n" in drop_in
    (tmp_path / "ticker.service.d").mkdir()
    for name, text in (("ticker.service", (OPS / "ticker.service").read_text()), ("ticker.service.d/p.conf", drop_in)):
        ours = text.replace("/opt/ticker/.venv/bin/ticker", f"{Path(sys.executable).parent}/ticker")
        (tmp_path / name).write_text(ours)
    unit = tmp_path / "ticker.service"
    verified = subprocess.run([program, "verify", unit], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")
