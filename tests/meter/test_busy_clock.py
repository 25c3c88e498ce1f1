"""The clock of the CPUs that work."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_carbon.meter.busy_clock import BusyClock


class Kernel:
    """A tree of kernel files with some CPUs."""

    def __init__(self, folder: Path, clocks_khz: dict[int, tuple[int, int]], cpus: int) -> None:
        self.cpus, self.proc_stat = folder / "cpu", folder / "stat"
        self.count = cpus
        for cpu, (now, highest) in clocks_khz.items():
            files = self.cpus / f"cpu{cpu}" / "cpufreq"
            files.mkdir(parents=True)
            (files / "scaling_cur_freq").write_text(f"{now}\n")
            (files / "cpuinfo_max_freq").write_text(f"{highest}\n")
        self.work({})

    def work(self, ticks: dict[int, int]) -> None:
        """Let the CPUs have worked for so many ticks since the boot."""
        lines = [f"cpu{cpu} {ticks.get(cpu, 0)} 0 0 900 0 0 0 0 0 0" for cpu in range(self.count)]
        self.proc_stat.write_text("\n".join([f"cpu  {sum(ticks.values())} 0 0 9 0 0 0 0", *lines, "intr 1 2", ""]))

    def clock(self) -> BusyClock:
        """Return the clock that reads these files."""
        return BusyClock(self.cpus, self.proc_stat)


def test_clock_is_that_of_the_busy_cpus(tmp_path: Path) -> None:
    """Idle CPUs at a low clock do not count; work is the weight."""
    kernel = Kernel(tmp_path, {0: (3000, 3000), 1: (1500, 3000), 2: (800, 3000), 3: (800, 3000)}, 4)
    clock = kernel.clock()
    kernel.work({0: 30, 1: 10})
    assert clock.share() == pytest.approx((30 * 1.0 + 10 * 0.5) / 40)
    kernel.work({0: 30, 1: 20})
    assert clock.share() == 0.5
    assert clock.share() is None, "no CPU has worked since"


def test_each_cpu_has_its_own_highest_clock(tmp_path: Path) -> None:
    """Small cores at their highest clock are at full clock; a boost above the highest counts as full."""
    kernel = Kernel(tmp_path, {0: (2000, 2000), 1: (5200, 5000)}, 2)
    clock = kernel.clock()
    kernel.work({0: 5, 1: 5})
    assert clock.share() == 1.0


def test_few_clocks_are_read_on_a_large_machine(tmp_path: Path) -> None:
    """The eight CPUs that worked most stand for all."""
    kernel = Kernel(tmp_path, {cpu: (3000 if cpu < 8 else 1000, 3000) for cpu in range(64)}, 64)
    clock = kernel.clock()
    kernel.work({cpu: 100 if cpu < 8 else 1 for cpu in range(64)})
    assert clock.share() == 1.0


@pytest.mark.parametrize("files", ["none", "no numbers"])
def test_virtual_machine_has_no_clock(tmp_path: Path, files: str) -> None:
    """Where the kernel gives no clock, the clock is unknown."""
    kernel = Kernel(tmp_path, {0: (3000, 3000)} if files == "no numbers" else {}, 1)
    if files == "no numbers":
        (kernel.cpus / "cpu0" / "cpufreq" / "scaling_cur_freq").write_text("<unknown>\n")
    clock = kernel.clock()
    kernel.work({0: 50})
    assert clock.share() is None


def test_without_kernel_files_psutil_is_asked(tmp_path: Path) -> None:
    """Other systems give a mean clock or none."""
    share = BusyClock(tmp_path / "no", tmp_path / "no").share()
    assert share is None or 0 < share <= 1
