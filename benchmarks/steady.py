"""How steady reference energy is: a CPU-bound test of 100 ms, alone and beside a burning neighbour."""

from __future__ import annotations

import statistics

from _bench import SPIN, Table, neighbours, run_pytest, scratch, variation

from pytest_carbon.core.energy.reference_energy import CLEAN_RATIO

SUITE = """
import pytest

def work():
    table = {}
    for i in range(REPEATS):
        key = str(i % 997)
        table[key] = table.get(key, 0) + len(key) * i
    return sum(table.values())

@pytest.mark.parametrize("n", range(20))
def test_work(n):
    assert work() > 0
"""


def observations(repeats: int, beside: bool) -> list[dict[str, float]]:
    """Return the rows of one run of 20 repeats."""
    with scratch(test_steady=SUITE.replace("REPEATS", str(repeats))) as folder:
        if beside:
            with neighbours(SPIN):
                report = run_pytest(folder, "--carbon").report
        else:
            report = run_pytest(folder, "--carbon").report
    assert report is not None
    return [r | {"full": report["machine"]["full_speed"]} for r in report["rows"] if r["kind"] == "test"]


def clean(rows: list[dict[str, float]], full: float) -> list[float]:
    """Return the reference energy of the observations at full speed."""
    limit = CLEAN_RATIO * full
    return [r["reference_j"] for r in rows if max(r.get("speed_before", 99), r.get("speed_after", 99)) <= limit]


def main() -> None:
    """Run both ways, three times in turn, and compare."""
    table = Table("steadiness of reference energy")
    alone: list[dict[str, float]] = []
    beside: list[dict[str, float]] = []
    for _ in range(3):
        alone += observations(640_000, beside=False)
        beside += observations(640_000, beside=True)
    full = min(r["full"] for r in alone + beside)
    clean_alone, clean_beside = clean(alone, full), clean(beside, full)
    table.say(f"clean: {len(clean_alone)} of {len(alone)} alone, {len(clean_beside)} of {len(beside)} beside a burner")
    table.say(f"CPU time of one repeat: {statistics.median(r['cpu_s'] for r in alone) * 1000:.0f} ms")
    table.row("variation alone", 100 * variation(clean_alone), 5, "%")
    table.row("variation beside a burning neighbour", 100 * variation(clean_beside), 5, "%")
    moved = statistics.median(clean_beside) / statistics.median(clean_alone) - 1
    table.row("the neighbour moves the median by", abs(100 * moved), 5, "%")
    raw = statistics.median(r["energy_j"] for r in beside) / statistics.median(r["energy_j"] for r in alone) - 1
    table.say(f"for scale: located energy moved by {100 * raw:+.0f} % (power is shared with the neighbour)")
    table.end()


if __name__ == "__main__":
    main()
