"""How well the growth rule finds growth: python benchmarks/decide.py [DRAWS] [PACK] [--any-day]

The runs are the recordings of ``record.py``: the same code again and again, alone or beside neighbours. Every draw
takes one beside these neighbours as the pull request's and, if that is not clear, seven pairs of others. Both runs of a
pair are beside the same neighbours: these, as far as there are runs, and then any. As ``confirm`` measures base and
head in turns, they were recorded one after the other; which of them is the base is chance. With ``--any-day``, any two
runs are a pair: harder than what ships, because the machine was another one on another day. No run is in two pairs.
The default branch's ten are of the same neighbours in every second draw, and of any in the others. A true growth is put
in by multiplying the head's tests. Screen, confirmation and the rule that decides are the package's own. Whole suites
are judged, and every file of at least 0.3 s and 20 tests as a feature.
"""

from __future__ import annotations

import math
import multiprocessing
import random
import statistics
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

from _bench import Table
from recordings import PACK, read_pack

from pytest_carbon.core.compare.concentrated_growth import SameTests, find_concentrated_growth
from pytest_carbon.core.compare.estimate import TWO_SIDED_95, sigmas_needed
from pytest_carbon.core.compare.growth_rule import (
    LEAST_PAIRS,
    MOST_PAIRS,
    GrowthFinding,
    GrowthRule,
    is_large_enough,
    judge_pairs,
    judge_screen,
    name_noisy,
)
from pytest_carbon.core.compare.screen_against_baseline import Screen
from pytest_carbon.core.records.run_measurements import RunMeasurements

ALLOWED = 0.05
ANY_DAY = "--any-day" in sys.argv
BASELINE = 10
SEEDS = 3
MISSED = {("suite", 0.1): 5.0, ("suite", 0.2): 5.0, ("feature", 0.1): 35.0, ("feature", 0.2): 10.0}
INCONCLUSIVE = {"suite": 20.0, "feature": 30.0}
"""The bars, in per cent."""


def costlier(run: RunMeasurements, ratio: float) -> RunMeasurements:
    """Return the run with every test costlier."""
    return replace(run, tests={n: f._replace(reference_j=f.reference_j * (1 + ratio)) for n, f in run.tests.items()})


def only(run: RunMeasurements, nodeids: set[str]) -> RunMeasurements:
    """Return the run with these tests alone."""
    return replace(run, tests={n: f for n, f in run.tests.items() if n in nodeids})


SETS: dict[str, dict[str, list[RunMeasurements]]] = {}
"""The recorded runs by suite and neighbours."""


@dataclass
class Score:
    """What became of the draws of one unit at one true growth."""

    draws: int = 0
    blocked: int = 0
    unclear: int = 0
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
    judged, noisy = screen.without_noisy(unit)
    first = name_noisy(judge_screen(screen.estimate(judged), rule), noisy)
    first = find_concentrated_growth(first, SameTests.of_runs(baseline, [run], matched), rule, unit)
    score.draws += 1
    note(score, first, true)
    if first.clear:
        return False
    base, head = ([only(run, unit) for run in side] for side in sides)
    answer = first
    for pairs in range(LEAST_PAIRS, len(head) + 1):
        sides_so_far = base[:pairs], head[:pairs], matched
        answer = judge_pairs(*sides_so_far, judged, rule)
        answer = find_concentrated_growth(answer, SameTests.of_runs(*sides_so_far), rule, unit)
        if answer.clear:
            break
    score.unclear += answer.state == "could not tell"
    note(score, answer, true)
    score.blocked += answer.state == "costlier"
    return answer.state == "costlier"


def note(score: Score, finding: GrowthFinding, true: float) -> None:
    """Note whether the smallest change that the finding says it could see covers its error."""
    if finding.change is not None and finding.smallest is not None:
        score.covered.append(abs((1 + finding.change) / (1 + true) - 1) <= finding.smallest)


def all_scores(suite: str, beside: str, draws: int) -> list[tuple[float, dict[str, Score], int]]:
    """Return the ``scores`` of a suite beside these neighbours: at every true growth, by so many seeds."""
    units = units_of([run for runs in SETS[suite].values() for run in runs])
    wanted = [(true, seed) for true, seeds in ((0.0, SEEDS), (0.10, 1), (0.20, 1)) for seed in range(seeds)]
    return [(true, *scores(SETS[suite], beside, units, draws, true, seed)) for true, seed in wanted]


def scores(
    sets: dict[str, list[RunMeasurements]],
    beside: str,
    units: dict[str, set[str]],
    draws: int,
    true: float,
    seed: int,
) -> tuple[dict[str, Score], int]:
    """Return what became of every unit beside these neighbours, and how many draws had any block."""
    everything = [run for runs in sets.values() for run in runs]
    out = {name: Score() for name in units}
    chance, any_blocked = random.Random(f"{beside} {true} {seed}"), 0
    for draw in range(draws):
        head, *rest = chance.sample(sets[beside], len(sets[beside]))
        others = rest if draw % 2 else [run for run in everything if run is not head]
        base = chance.sample(others, min(BASELINE, len(others)))
        in_order = [run for run in sets[beside] if run is not head]
        before, after = zip(
            *pairs_of([in_order, *(own for name, own in sets.items() if name != beside)], chance), strict=True
        )
        pull = costlier(head, true)
        one_run = pull, base, Screen(pull, base, {nodeid: nodeid for nodeid in head.tests})
        sides = (list(before), [costlier(run, true) for run in after])
        features = len(units) - 1
        blocked = [
            judge(one_run, sides, unit, GrowthRule(ALLOWED, sigmas_needed(features if name else 0)), true, out[name])
            for name, unit in units.items()
        ]
        any_blocked += any(blocked)
    return out, any_blocked


def pairs_of(sets: list[list[RunMeasurements]], chance: random.Random) -> list[tuple[RunMeasurements, RunMeasurements]]:
    """Return the pairs: as many as there are of the first set, and then of the others by chance.

    The runs of a set are in the order in which they were recorded.
    """
    pairs = []
    for own in sets:
        runs = chance.sample(own, len(own)) if ANY_DAY else own[chance.randrange(1 + len(own) % 2) :]
        turns = [(a, b) if chance.random() < 0.5 else (b, a) for a, b in zip(runs[::2], runs[1::2], strict=False)]
        pairs.append(chance.sample(turns, len(turns)))
    others = [pair for own in pairs[1:] for pair in own]
    return [*pairs[0], *chance.sample(others, len(others))][:MOST_PAIRS]


def upper_bound(found: int, draws: int) -> float:
    """Return the upper end of the 95 % interval of a share (Wilson 1927)."""
    z2, share = TWO_SIDED_95**2, found / draws
    middle = share + z2 / (2 * draws)
    return (middle + math.sqrt(z2 * (share * (1 - share) + z2 / (4 * draws)) / draws)) / (1 + z2 / draws)


def main() -> None:
    """Judge every suite beside all its neighbours at every true growth, and hold the rates against their bars."""
    words = [word for word in sys.argv[1:] if word != "--any-day"]
    draws = int(words[0]) if words else 20
    table = Table(f"recorded runs of real suites, {SEEDS} times {draws} draws for each suite and neighbours")
    for recording in read_pack(Path(words[1]) if len(words) > 1 else PACK):
        own = SETS.setdefault(recording.suite, {})
        own.setdefault(recording.neighbours, []).append(recording.measurements())
    found: dict[tuple[str, float], list[Score]] = {}
    all_blocked = all_draws = 0
    wanted = [(suite, beside, draws) for suite, sets in sorted(SETS.items()) for beside in sets]
    with multiprocessing.get_context("fork").Pool() as workers:  # each has the recordings already
        for (suite, beside, _), results in zip(wanted, workers.starmap(all_scores, wanted, chunksize=1), strict=True):
            blocked = 0
            for true, result, any_blocked in results:
                blocked += 0 if true else any_blocked
                for name, score in result.items():
                    found.setdefault(("feature" if name else "suite", true), []).append(score)
            share, bound = blocked / (SEEDS * draws), upper_bound(blocked, SEEDS * draws)
            note = f"(95 %: up to {bound:.1%})"
            table.row(f"{suite} beside {beside}: pull requests blocked by the same code", 100 * share, 1.0, "%", note)
            all_blocked, all_draws = all_blocked + blocked, all_draws + SEEDS * draws
    bound = 100 * upper_bound(all_blocked, all_draws)
    table.row("upper end of the 95 % interval of that over all", bound, 2.0, "%", f"({all_blocked} of {all_draws})")
    for (what, true), some in found.items():
        clear = sum(s.draws - s.unclear for s in some)
        unclear = 1 - clear / sum(s.draws for s in some)
        if true:
            missed = 1 - sum(s.blocked for s in some) / clear
            note = f"(inconclusive: {unclear:.0%})"
            table.row(f"true +{true:.0%} missed by a {what}, when clear", 100 * missed, MISSED[what, true], "%", note)
        else:
            table.row(f"inconclusive {what}s", 100 * unclear, INCONCLUSIVE[what], "%")
        covered = [c for s in some for c in s.covered]
        wrong = 100 * (1 - sum(covered) / len(covered))
        table.row(f"errors beyond the stated smallest change, {what}s +{true:.0%}", wrong, 5.0, "%")
    table.end()


if __name__ == "__main__":
    main()
