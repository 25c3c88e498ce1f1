"""One run against ten on this machine, by the screen alone: python benchmarks/live.py [--runs N] [--keep FOLDER]

The suites of click and jinja2 are run again and again as they are. Each run is then judged against ten of the others,
as it is and with all its tests made 10 % costlier. Rates are held against their bars where the machine was at full
speed for four fifths of the time or more; elsewhere they are only printed.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
from pathlib import Path

from _bench import Table
from decide import ALLOWED, BASELINE, costlier, units_of
from suites import SUITES, prepare, run

from pytest_carbon.core.compare.estimate import sigmas_needed
from pytest_carbon.core.compare.growth_rule import GrowthFinding, GrowthRule, judge_screen
from pytest_carbon.core.compare.screen_against_baseline import Screen
from pytest_carbon.core.energy.reference_energy import clean_share
from pytest_carbon.core.records.run_measurements import RunMeasurements, measurements_of
from pytest_carbon.core.report import Report, from_json

CALM, DRAWS = 0.8, 300


def rates(runs: list[RunMeasurements], true: float) -> dict[str, list[GrowthFinding]]:
    """Return the finding of the screen for each unit, draw by draw."""
    units = units_of(runs)
    chance = random.Random(true)
    out: dict[str, list[GrowthFinding]] = {name: [] for name in units}
    for _ in range(DRAWS):
        head = chance.choice(runs)
        base = chance.sample([other for other in runs if other is not head], BASELINE)
        screen = Screen(costlier(head, true), base, {nodeid: nodeid for nodeid in head.tests})
        for name, unit in units.items():
            rule = GrowthRule(ALLOWED, sigmas_needed(len(units) - 1 if name else 0))
            out[name].append(judge_screen(screen.estimate(unit), rule))
    return out


def judge(table: Table, suite: str, reports: list[Report]) -> None:
    """Print a suite's rates, against their bars if the machine was calm."""
    share = statistics.mean(clean_share(report.probes) or 0.0 for report in reports)
    runs = [measurements_of(report) for report in reports]
    table.say(f"{suite}: {len(runs)} runs, at full speed {share:.0%} of the time")
    for true in (0.0, 0.10):
        for name, findings in rates(runs, true).items():
            alarms = 100 * sum(finding.state == "suspicious" for finding in findings) / DRAWS
            unseen = sum(finding.state == "could not tell" for finding in findings) / DRAWS
            smallest = statistics.median(finding.smallest or 1.0 for finding in findings)
            what = f"{suite} {name or 'whole suite'}"
            note = f"(could not tell {unseen:.0%}; smallest change seen {smallest:.0%})"
            if share < CALM:
                table.say(f"{what} +{true:.0%}: alarms {alarms:.1f} % {note}")
            elif true:
                table.row(f"{what}: true +10 % missed", 100 - alarms, 5.0, "%", note)
            else:
                table.row(f"{what}: false alarms", alarms, 1.0, "%", note)


def main() -> None:
    """Run the suites and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="a folder to keep downloads and environment in")
    parser.add_argument("--runs", type=int, default=16, help="runs of each suite (default: 16)")
    options = parser.parse_args()
    table = Table("one run against ten, on this machine as it is now")
    with tempfile.TemporaryDirectory() as name:
        folder = (options.keep or Path(name)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        python = prepare(folder)
        for suite in ("click", "jinja2"):
            run(folder / suite, python, SUITES[suite][1], "--carbon")  # fills the caches
            found = [run(folder / suite, python, SUITES[suite][1], "--carbon")[0].report for _ in range(options.runs)]
            judge(table, suite, [from_json(report) for report in found if report is not None])
    table.end()


if __name__ == "__main__":
    main()
