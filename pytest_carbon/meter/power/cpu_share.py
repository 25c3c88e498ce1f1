"""The CPUs that a container may use: the quota of its cgroup, and how much of it was used. Linux only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_CGROUPS, _OWN_GROUPS = "sys/fs/cgroup", "proc/self/cgroup"


@dataclass(slots=True)
class GroupQuota:
    """How many CPUs the processes of a cgroup may use at once, such as 0.5, and the file that counts what they used."""

    cpus: float
    usage: Path | None

    def used_s(self) -> float | None:
        """Return the CPU seconds that the cgroup has used; None if nothing counts them."""
        if self.usage is None:
            return None
        try:
            text = self.usage.read_text(encoding="ascii")
            if self.usage.name == "cpuacct.usage":
                return int(text) / 1e9
            return int(dict(line.split() for line in text.splitlines())["usage_usec"]) / 1e6
        except (OSError, ValueError, KeyError, OverflowError):
            return None


@cache
def own_quota() -> GroupQuota | None:
    """Return the quota of this process; None if it may use the whole machine."""
    quota = read_quota()
    return quota if quota is not None and quota.cpus < (os.cpu_count() or 1) else None


def read_quota(root: Path = Path("/")) -> GroupQuota | None:
    """Return the smallest quota of this process's cgroup and those above it, of version 1 or 2; None without one.

    ``root`` is the folder with ``proc`` and ``sys``.
    """
    groups = _own_groups(root)
    folders = [folder for name in ("cpu", "") for folder in _folders(root, groups, name)]
    limits = [(limit, folder) for folder in folders if (limit := _limit(folder)) is not None]
    if not limits:
        return None
    cpus, folder = min(limits, key=lambda found: found[0])
    usages = [GroupQuota(cpus, path) for path in _counters(root, groups, folder)]
    return next((quota for quota in usages if quota.used_s() is not None), GroupQuota(cpus, None))


def _own_groups(root: Path) -> dict[str, tuple[str, str]]:
    """Return by controller the name of its hierarchy and the path of this process's group; ``""`` is version 2."""
    found = {}
    try:
        lines = os.fsdecode((root / _OWN_GROUPS).read_bytes()).split("\n")  # a group's name may be of any other bytes
    except OSError:
        return {}
    for fields in (line.split(":", 2) for line in lines):
        if len(fields) == 3:
            for name in fields[1].split(","):
                found[name] = fields[1], fields[2].strip("/")
    return found


def _counters(root: Path, groups: dict[str, tuple[str, str]], folder: Path) -> Iterator[Path]:
    """Yield the files that may count what the group of a folder used.

    In version 1, ``cpuacct`` may be a hierarchy of its own, in which the process may be in another group, such as that
    of the whole host: then it counts something else.
    """
    yield folder / "cpu.stat"
    if "cpu" in groups and "cpuacct" in groups and groups["cpu"][1] == groups["cpuacct"][1]:
        places = dict(zip(_folders(root, groups, "cpu"), _folders(root, groups, "cpuacct"), strict=False))
        if folder in places:
            yield places[folder] / "cpuacct.usage"


def _folders(root: Path, groups: dict[str, tuple[str, str]], name: str) -> Iterator[Path]:
    """Yield the folder of this process's group and of those above it. A container may see only its own, as the top."""
    if name not in groups:
        return
    hierarchy, path = groups[name]
    tops = [root / _CGROUPS / place for place in ((hierarchy, name) if name else ("", "unified"))]
    top = next((top for top in tops if top.is_dir()), None)
    if top is not None:
        own = top / path
        while own != top:
            if os.path.isdir(own):  # noqa: PTH112  # false for a name that no folder can have, too
                yield own
            own = own.parent
        yield top


def _limit(folder: Path) -> float | None:
    """Return how many CPUs a group may use; None without a limit."""
    try:
        if (folder / "cpu.max").exists():
            quota, period = (folder / "cpu.max").read_text(encoding="ascii").split()
        else:
            quota, period = (
                (folder / f"cpu.cfs_{name}_us").read_text(encoding="ascii").strip() for name in ("quota", "period")
            )
        limit = int(quota) / int(period) if quota != "max" else 0
    except (OSError, ValueError, ArithmeticError):
        return None
    return limit if limit > 0 else None
