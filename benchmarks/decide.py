"""How well the growth rule finds growth: python benchmarks/decide.py [DRAWS] [PACK]

The runs are the recordings of ``record.py``: the same code again and again, alone or beside neighbours. Every draw
takes one as the pull request's, ten as the default branch's and twice seven as the pairs of a confirmation; no run is
used twice. A true growth is put in by multiplying the head's tests. Screen, confirmation and the rule that decides are
the package's own. Whole suites are judged, and every file of at least 0.3 s and 20 tests as a feature.
At the end the same runs are made worse: four of five stretches slow, as on the worst machine that was seen.
"""

from __future__ import annotations

import random
import statistics
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

from _bench import Table
from recordings import PACK, read_pack

from pytest_carbon.core.compare.concentrated_growth import SameTests, find_concentrated_growth
from pytest_carbon.core.compare.estimate import sigmas_needed
from pytest_carbon.core.compare.growth_rule import (
    LEAST_PAIRS,
    MOST_PAIRS,
    GrowthFinding,
    GrowthRule,
    is_large_enough,
    judge_pairs,
    judge_screen,
)
from pytest_carbon.core.compare.screen_against_baseline import Screen
from pytest_carbon.core.records.run_measurements import MeasuredTest, RunMeasurements

ALLOWED = 0.05
BASELINE = 10


def costlier(run: RunMeasurements, ratio: float) -> RunMeasurements:
    """Return the run with every test costlier."""
    return replace(run, tests={n: f._replace(reference_j=f.reference_j * (1 + ratio)) for n, f in run.tests.items()})


def only(run: RunMeasurements, nodeids: set[str]) -> RunMeasurements:
    """Return the run with these tests alone."""
    return replace(run, tests={n: f for n, f in run.tests.items() if n in nodeids})


@dataclass
class Score:
    """What became of the draws of one unit at one true growth."""

    draws: int = 0
    blocked: int = 0
    unclear: int = 0
    alarmed: int = 0
    unseen: int = 0
    pairs: list[int] = field(default_factory=list)
    covered: list[bool] = field(default_factory=list)


def units_of(runs: list[RunMeasurements]) -> dict[str, set[str]]:
    """Return the whole suite and every file that is large enough, as nodeids."""
    usual = {n: statistics.median(r.tests[n].reference_j for r in runs if n in r.tests) for n in runs[0].tests}
    files: dict[str, set[str]] = {}
    for nodeid in usual:
        files.setdefault(nodeid.split("::")[0], set()).add(nodeid)
    large = {f: names for f, names in files.items() if is_large_enough(len(names), sum(usual[n] for n in names))}
    return {"": set(usual), **large}


def judge(
    one_run: tuple[RunMeasurements, list[RunMeasurements], Screen],
    sides: tuple[list[RunMeasurements], list[RunMeasurements]],
    unit: set[str],
    rule: GrowthRule,
    true: float,
    score: Score,
) -> bool:
    """Judge one unit of one draw by both stages; return whether it blocks."""
    matched = {nodeid: nodeid for nodeid in unit}
    run, baseline, screen = one_run
    first = judge_screen(screen.estimate(unit), rule)
    first = find_concentrated_growth(first, SameTests.of_runs(baseline, [run], matched), rule, unit)
    score.draws += 1
    score.unseen += first.state == "could not tell"
    score.alarmed += first.state == "suspicious"
    note(score, first, true)
    if first.clear:
        return False
    base, head = ([only(run, unit) for run in side] for side in sides)
    for pairs in range(LEAST_PAIRS, MOST_PAIRS + 1):
        sides_so_far = base[:pairs], head[:pairs], matched
        answer = judge_pairs(*sides_so_far, unit, rule)
        answer = find_concentrated_growth(answer, SameTests.of_runs(*sides_so_far), rule, unit)
        if answer.clear:
            break
    score.pairs.append(pairs)
    score.unclear += answer.state == "could not tell"
    note(score, answer, true)
    score.blocked += answer.state == "costlier"
    return answer.state == "costlier"


def note(score: Score, finding: GrowthFinding, true: float) -> None:
    """Note whether the smallest change that the finding says it could see covers its error."""
    if finding.change is not None and finding.smallest is not None:
        score.covered.append(abs((1 + finding.change) / (1 + true) - 1) <= finding.smallest)


def worsened(run: RunMeasurements, chance: random.Random) -> RunMeasurements:
    """Return the run as a machine would have made it that is slow four fifths of the time, some tests at a time."""
    tests = {}
    left, slow = 0, False
    for nodeid, figure in run.tests.items():
        if left == 0:
            left, slow = chance.randint(5, 60), chance.random() < 0.8
        left -= 1
        joules = figure.reference_j * chance.lognormvariate(0.05, 0.12)
        slowdown = max(figure.slowdown or 2.0, chance.uniform(1.6, 2.2))
        tests[nodeid] = MeasuredTest(joules, slowdown, figure.outcome) if slow else figure
    return replace(run, tests=tests)


def scores(runs: list[RunMeasurements], draws: int, true: float) -> tuple[dict[str, Score], int]:
    """Return what became of every unit, and how many draws had any block."""
    units = units_of(runs)
    out = {name: Score() for name in units}
    chance, any_blocked = random.Random(f"{true}"), 0
    for _ in range(draws):
        head = chance.choice(runs)
        others = [r for r in runs if r is not head]
        picked = chance.sample(others, BASELINE + 2 * MOST_PAIRS)
        base, before, after = picked[:BASELINE], picked[BASELINE:-MOST_PAIRS], picked[-MOST_PAIRS:]
        pull = costlier(head, true)
        one_run = pull, base, Screen(pull, base, {nodeid: nodeid for nodeid in head.tests})
        sides = (before, [costlier(run, true) for run in after])
        features = len(units) - 1
        blocked = [
            judge(one_run, sides, unit, GrowthRule(ALLOWED, sigmas_needed(features if name else 0)), true, out[name])
            for name, unit in units.items()
        ]
        any_blocked += any(blocked)
    return out, any_blocked


def main() -> None:
    """Judge every suite at every true growth, and hold the rates against their bars."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    table = Table(f"recorded runs of real suites, {draws} draws a row")
    suites: dict[str, list[RunMeasurements]] = {}
    for recording in read_pack(Path(sys.argv[2]) if len(sys.argv) > 2 else PACK):
        suites.setdefault(recording.suite, []).append(recording.measurements())
    found: dict[tuple[str, float], list[tuple[str, Score]]] = {}
    for suite, runs in sorted(suites.items()):
        for true in (0.0, 0.10, 0.20):
            result, any_blocked = scores(runs, draws, true)
            if not true:
                table.row(f"{suite}: pull requests blocked by the same code", 100 * any_blocked / draws, 1.0, "%")
            for name, score in result.items():
                found.setdefault(("feature" if name else "suite", true), []).append((name, score))
                seen = score.draws - score.unclear
                table.say(
                    f"{suite} {name or 'whole suite'} +{true:.0%}: blocked {score.blocked / max(1, seen):.1%} of "
                    f"the clear, unclear {score.unclear / draws:.1%}, screen alarms {score.alarmed / draws:.1%} "
                    f"(unseen {score.unseen / draws:.0%}), confirmed with "
                    f"{statistics.mean(score.pairs or [0]):.1f} pairs in {len(score.pairs) / draws:.0%}"
                )
    for (what, true), some in found.items():
        clear = sum(s.draws - s.unclear for _, s in some)
        if true:
            bar = {("suite", 0.1): 0.90, ("feature", 0.1): 0.55}.get((what, true), 0.85)
            missed = 1 - sum(s.blocked for _, s in some) / clear
            table.row(f"true +{true:.0%} missed by a {what}, when clear", 100 * missed, 100 * (1 - bar), "%")
        else:
            unclear = 1 - clear / sum(s.draws for _, s in some)
            table.row(f"inconclusive {what}s", 100 * unclear, 30.0, "%")
        covered = [c for _, s in some for c in s.covered]
        wrong = 100 * (1 - sum(covered) / len(covered))
        table.row(f"errors beyond the stated smallest change, {what}s +{true:.0%}", wrong, 5.0, "%")
    for suite, runs in sorted(suites.items()):
        chance = random.Random(suite)
        result, any_blocked = scores([worsened(run, chance) for run in runs], draws, 0.0)
        table.row(f"{suite} made worse: pull requests blocked by the same code", 100 * any_blocked / draws, 1.0, "%")
        whole = sum(score.draws for score in result.values())
        alarms, unclear = sum(s.alarmed for s in result.values()), sum(s.unclear for s in result.values())
        unseen = sum(s.unseen for s in result.values())
        table.row(f"{suite} made worse: alarms of the screen", 100 * alarms / whole, 1.0, "%")
        table.say(
            f"{suite} made worse: the screen could not tell {unseen / whole:.0%}, the pairs not {unclear / whole:.0%}"
        )
    table.end()


if __name__ == "__main__":
    main()
