"""The counters of CPU packages, in a tree of files as the kernel shows it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_carbon.meter.power.rapl import find_rapl

Domain = Callable[..., Path]


@pytest.fixture
def domain(tmp_path: Path) -> Domain:
    """Return a function that makes a domain of a name, with its counter in µJ."""

    def make(folder: str, name: str, energy_uj: int, range_uj: int | None = 262_143_328_850) -> Path:
        path = tmp_path / "sys/class/powercap" / folder
        path.mkdir(parents=True)
        (path / "name").write_text(f"{name}\n")
        (path / "energy_uj").write_text(f"{energy_uj}\n")
        if range_uj is not None:
            (path / "max_energy_range_uj").write_text(f"{range_uj}\n")
        return path

    return make


class _Clock:
    s = 100.0

    def __call__(self) -> float:
        return self.s


def test_packages_are_counted_together(tmp_path: Path, domain: Domain) -> None:
    """Two sockets add up; cores, memory and the platform are not packages."""
    clock = _Clock()
    first, second = domain("intel-rapl:0", "package-0", 5_000_000), domain("intel-rapl:1", "package-1", 90_000_000)
    for number, name in enumerate(("core", "dram", "psys")):
        domain(f"intel-rapl:0:{number}", name, 1_000_000_000)
    meter = find_rapl(tmp_path, clock)
    assert meter is not None
    assert meter.facts.name == "RAPL (package-0, package-1)"
    clock.s = 110.0
    meter.start()
    clock.s = 112.0
    (first / "energy_uj").write_text("45000000")
    (second / "energy_uj").write_text("150000000")
    assert meter.mean_w() == pytest.approx((40 + 60) / 2)


def test_counter_that_begins_again_is_carried_over(tmp_path: Path, domain: Domain) -> None:
    """The kernel tells the largest count; beyond it the counter begins at zero."""
    clock = _Clock()
    path = domain("intel-rapl:0", "package-0", 95_000_000, 100_000_000)
    meter = find_rapl(tmp_path, clock)
    assert meter is not None
    meter.start()
    for count in (99_000_000, 3_000_000, 7_000_000):
        (path / "energy_uj").write_text(str(count))
        meter.sample()
    clock.s += 4.0
    assert meter.mean_w() == pytest.approx((4 + 4 + 4) / 4)


@pytest.mark.parametrize("range_uj", [None, 262_143_328_850])
def test_counter_that_was_set_to_zero_counts_nothing_for_that_step(
    tmp_path: Path, domain: Domain, range_uj: int | None
) -> None:
    """It was not full, so nobody knows what it had counted: that is left out, and never a whole range."""
    clock = _Clock()
    path = domain("intel-rapl:0", "package-0", 95_000_000, range_uj)
    meter = find_rapl(tmp_path, clock)
    assert meter is not None
    meter.start()
    (path / "energy_uj").write_text("2000000")
    meter.sample()
    (path / "energy_uj").write_text("6000000")
    clock.s += 2.0
    assert meter.mean_w() == pytest.approx(2.0)


@pytest.mark.parametrize(("second_uj", "watts"), [(740_300_000, 20.0), (760_300_000, 50.0)])
def test_the_same_package_counts_once(tmp_path: Path, domain: Domain, second_uj: int, watts: float) -> None:
    """A package is shown twice by two interfaces, and by CPUs of several dies once for each die."""
    clock = _Clock()
    first = domain("intel-rapl:0", "package-0-die-0", 700_000_000)
    second = domain("intel-rapl:1", "package-0-die-1", 700_300_000)
    domain("intel-rapl-mmio:0", "package-0-die-0", 50_000_000)
    meter = find_rapl(tmp_path, clock)
    assert meter is not None
    assert meter.facts.name == "RAPL (package-0-die-0, package-0-die-1)"
    meter.start()
    clock.s += 2.0
    (first / "energy_uj").write_text("740000000")
    (second / "energy_uj").write_text(str(second_uj))
    assert meter.mean_w() == pytest.approx(watts)


def test_without_a_readable_package_there_is_no_meter(tmp_path: Path, domain: Domain) -> None:
    """No powercap, no package, or a counter without a number."""
    assert find_rapl(tmp_path) is None
    domain("intel-rapl:0:0", "core", 5)
    assert find_rapl(tmp_path) is None
    (domain("intel-rapl:0", "package-0", 5) / "energy_uj").write_text("")
    assert find_rapl(tmp_path) is None


def test_it_says_what_it_does_not_see(tmp_path: Path, domain: Domain) -> None:
    """A package is a part of the machine: the range reaches to twice as much."""
    domain("intel-rapl:0", "package-0", 5)
    meter = find_rapl(tmp_path)
    assert meter is not None
    assert meter.facts.does_not_see.startswith("memory, board, GPU, disks, screen and the losses of the power supply")
    assert (meter.facts.low, meter.facts.high) == (0.95, 2.0)
