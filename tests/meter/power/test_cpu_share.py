"""The share of a machine that a container may use, by the quota of its cgroup."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_carbon.core.energy.machine_choice import share_of_machine
from pytest_carbon.core.model import MachineSpec, Range
from pytest_carbon.meter.cpu_time import read_cpu_time
from pytest_carbon.meter.power.cpu_share import GroupQuota, read_quota

V1, V2, BOTH = "3:cpu,cpuacct:{}\n2:memory:/m", "0::{}", "4:cpu:{}\n2:cpuacct:{}\n0::/"
V1_PLACE, GROUP = "sys/fs/cgroup/cpu,cpuacct", "/kube/pod"
APART = {
    f"sys/fs/cgroup/cpu{GROUP}/cpu.cfs_quota_us": "50000\n",
    f"sys/fs/cgroup/cpu{GROUP}/cpu.cfs_period_us": "50000\n",
    f"sys/fs/cgroup/cpuacct{GROUP}/cpuacct.usage": "1000000000\n",
    "sys/fs/cgroup/cpuacct/cpuacct.usage": "9000000000\n",
    "sys/fs/cgroup/unified/x": "",
}
NO_LIMITS = ("nonsense", "0 100000", "-5 100000", "5 -100000", "5 0", "9" * 400 + " 1", "9" * 5000 + " 1", "\xff 1")
LIMIT = {"sys/fs/cgroup/cpu.max": "50000 100000\n"}


def _write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8", errors="surrogateescape")
    return root


@pytest.mark.parametrize(
    ("files", "cpus", "used_s"),
    [
        pytest.param(
            {"proc/self/cgroup": V2.format(GROUP), "sys/fs/cgroup/kube/pod/cpu.max": "50000 100000\n",
             "sys/fs/cgroup/kube/pod/cpu.stat": "usage_usec 2500000\nuser_usec 1\n"}, 0.5, 2.5, id="version 2",
        ),
        pytest.param(
            {"proc/self/cgroup": V2.format("/"), "sys/fs/cgroup/cpu.max": "150000 100000\n",
             "sys/fs/cgroup/cpu.stat": "usage_usec 1000000\n"}, 1.5, 1.0, id="version 2, a container's own top",
        ),
        pytest.param(
            {"proc/self/cgroup": V2.format(GROUP), "sys/fs/cgroup/kube/pod/cpu.max": "max 100000\n",
             "sys/fs/cgroup/kube/cpu.max": "200000 100000\n", "sys/fs/cgroup/kube/cpu.stat": "usage_usec 7000000\n"},
            2.0, 7.0, id="the quota of a group above",
        ),
        pytest.param(
            {"proc/self/cgroup": V1.format(GROUP), f"{V1_PLACE}{GROUP}/cpu.cfs_quota_us": "50000\n",
             f"{V1_PLACE}{GROUP}/cpu.cfs_period_us": "100000\n", f"{V1_PLACE}{GROUP}/cpuacct.usage": "3000000000\n"},
            0.5, 3.0, id="version 1",
        ),
        pytest.param(
            {"proc/self/cgroup": V1.format("/host/path"), f"{V1_PLACE}/cpu.cfs_quota_us": "25000\n",
             f"{V1_PLACE}/cpu.cfs_period_us": "100000\n"}, 0.25, None, id="version 1, the host's path, nothing counts",
        ),
        pytest.param(
            {"proc/self/cgroup": BOTH.format(GROUP, GROUP), **APART}, 1.0, 1.0, id="both versions, hierarchies apart"
        ),
        pytest.param(
            {"proc/self/cgroup": BOTH.format(GROUP, "/"), **APART}, 1.0, None, id="what is counted is of the whole host"
        ),
        pytest.param({"proc/self/cgroup": "0::/a\udcff\n", **LIMIT}, 0.5, None, id="a name that is not UTF-8"),
        pytest.param({"proc/self/cgroup": "\n0::/a\u2028b\nx\n\n", **LIMIT}, 0.5, None, id="odd lines"),
        pytest.param({"proc/self/cgroup": V2.format("/" + "a" * 300), **LIMIT}, 0.5, None, id="a name too long"),
        pytest.param({"proc/self/cgroup": V2.format("/a\0b/../c"), **LIMIT}, 0.5, None, id="a name that cannot be"),
    ],
)  # fmt: skip
def test_quota_of_a_container(tmp_path: Path, files: dict[str, str], cpus: float, used_s: float | None) -> None:
    """The smallest quota of the group and those above it counts, and so does what was used of it."""
    quota = read_quota(_write(tmp_path, files))
    assert quota is not None
    assert (quota.cpus, quota.used_s()) == (cpus, used_s)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"proc/self/cgroup": V2.format(GROUP), "sys/fs/cgroup/kube/pod/cpu.max": "max 100000\n"},
        {"proc/self/cgroup": V1.format("/"), f"{V1_PLACE}/cpu.cfs_quota_us": "-1\n",
         f"{V1_PLACE}/cpu.cfs_period_us": "100000\n"},
        *({"proc/self/cgroup": V2.format("/"), "sys/fs/cgroup/cpu.max": text} for text in NO_LIMITS),
    ],
)  # fmt: skip
def test_without_a_quota_the_machine_is_whole(tmp_path: Path, files: dict[str, str]) -> None:
    """Nothing is shared where nothing is limited."""
    assert read_quota(_write(tmp_path, files)) is None


def test_half_a_cpu_of_64_pays_its_share_of_watts_and_making() -> None:
    """Base power and making are 1/128 of the host's."""
    spec = MachineSpec("server", ((0.0, 64.0), (1.0, 128.0)), (1, 1), Range(1, 1, 1), Range(128, 64, 256), "", "")
    share = share_of_machine(spec, 0.5, 64)
    assert share.watts == ((0.0, 0.5), (1.0, 1.0))
    assert share.embodied_g_per_h == Range(1, 0.5, 2)
    assert share.name == "0.5 of 64 CPUs of a server"


def test_utilisation_is_of_what_may_be_used(tmp_path: Path) -> None:
    """A second in which the group used all of its half a CPU is fully utilised."""
    usage = tmp_path / "cpuacct.usage"
    usage.write_text("0")
    quota = GroupQuota(0.5, usage)
    first = read_cpu_time(quota)
    usage.write_text("500000000")
    last = read_cpu_time(quota)
    assert first is not None
    assert last is not None
    assert last.busy_s - first.busy_s == 0.5
    assert last.total_s - first.total_s == pytest.approx(0.5 * (last.at_s - first.at_s))


def test_without_a_counter_the_share_of_all_processes_counts() -> None:
    """Nobody is 100 % busy because others on the host are: a quota of a quarter has a quarter of what all did."""
    whole, part = read_cpu_time(), read_cpu_time(GroupQuota((os.cpu_count() or 1) / 4, None))
    assert whole is not None
    assert part is not None
    assert part.busy_s == pytest.approx(whole.busy_s / 4, rel=0.01)
