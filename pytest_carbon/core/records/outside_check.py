"""Holds a report against what was counted from outside of the command: its own process can write anything.

The report tells of less CPU time than was used for honest reasons: the end of pytest, and what probes cost (at most
1.25 %). What pytest used before the run, such as for imports, the report says itself; that counts as far as the time
outside of the run allows it, up to ``MOST_START_UP_S``. For a command that does more than run pytest, nothing follows
from a large rest.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.model import OWN_WORK
from pytest_carbon.core.report import OutsideFigures, Report

SLACK_S, SLACK_RATIO = 1.0, 0.1
"""What may differ, in seconds and as a share of the larger figure."""
END_OF_START, MOST_END_S = 2.5, 10.0
"""What the end of pytest may cost, as a share of its start and at most: where no compiled modules are kept, as in many
containers, the end loads as many modules as the start."""
DETACHED_SLACK_S = 3.0
"""What may differ in addition where all processes count: our sidecar ends after the run, and loads CodeCarbon."""
MOST_START_UP_S = 20.0
MOST_WAIT_S = 60.0
"""Waiting outside of the run, such as for slow imports from a slow disk, that is not worth a word."""
LONG_START_S = 5.0
"""CPU seconds of a start that is worth a word if it is more than the run itself."""
_OTHER_MACHINES = ("--tx", "--px", "--rsyncdir")


def is_only_pytest(command: str) -> bool:
    """Return whether a shell command is one simple call of pytest, which runs tests on this machine."""
    line = command.replace("\\\n", " ").strip()
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:
        return False
    if any(text in line for text in ("\n", "`", "$(")) or any(set(word) <= set("();<>|&") for word in words):
        return False
    while words and "=" in words[0].partition("/")[0]:
        words = words[1:]
    return is_pytest_call(words)


def is_pytest_call(words: Sequence[str]) -> bool:
    """Return whether words are a call of pytest, which runs tests on this machine."""
    if not words or any(word.startswith(_OTHER_MACHINES) for word in words):
        return False
    program = words[0].rpartition("/")[2]
    return program in ("pytest", "py.test") or (program.startswith("python") and list(words[1:3]) == ["-m", "pytest"])


def refuse_contradiction(report: Report, name: str = "") -> None:
    """Raise ReportError for a report that cannot be true; ``name`` is that of its part."""
    why = contradiction(report)
    if why:
        raise ReportError(f"part {name}: {why}" if name else why)


def contradiction(report: Report) -> str | None:
    """Return a sentence on why a report cannot be true, with both figures; None if nothing speaks against it."""
    outside = report.outside
    if outside is None or not outside.only_pytest:
        return None
    duration_s = report.run.duration_s
    if duration_s > outside.wall_s + _slack(duration_s):
        return f"the report tells of {duration_s:.2f} s, but the command took only {outside.wall_s:.2f} s; {_CAUSE}"
    if outside.cpu_s is None and _waited_long(report, outside):
        return f"the command took {outside.wall_s:.2f} s, but the report tells only of {duration_s:.2f} s; {_CAUSE}"
    return _cpu_contradiction(report, outside)


def _waited_long(report: Report, outside: OutsideFigures) -> bool:
    duration_s = report.run.duration_s
    return outside.wall_s - duration_s > MOST_WAIT_S and duration_s < outside.wall_s / 2


_CAUSE = (
    "code of the tests may have changed what pytest-carbon measures or writes. Measure again; if nothing of that kind "
    "is in the tests, please report this"
)
_AFTER_THE_END = "work after the session, as in atexit or pytest_unconfigure, is not measured, or "


def _cpu_contradiction(report: Report, outside: OutsideFigures) -> str | None:
    if outside.cpu_s is None:
        return None
    own_s = sum(row.cpu_s for row in report.rows if row.kind in OWN_WORK)
    all_s = sum(row.cpu_s for row in report.rows)
    told_start_s = report.run.start_up_cpu_s or 0.0
    with_detached_s = outside.cpu_s + (outside.detached_cpu_s or 0.0)
    told_s = own_s + told_start_s
    if told_s > with_detached_s + _slack(told_s):
        start = f", of which {told_start_s:.2f} s to start pytest" if told_start_s else ""
        told = f"the report tells of {told_s:.2f} s of CPU time{start}"
        return f"{told}, but the command used only {with_detached_s:.2f} s; {_CAUSE}"
    before_s = max(0.0, outside.wall_s - report.run.duration_s) + SLACK_S
    start_s = min(told_start_s, MOST_START_UP_S, before_s * report.machine.vcpus)
    start_and_end_s = start_s + min(END_OF_START * start_s, MOST_END_S)
    if outside.cpu_s - own_s - start_and_end_s > _slack(outside.cpu_s):
        return _too_little(outside.cpu_s, own_s, start_s)
    counts_machine = any(row.kind == "background" for row in report.rows)
    if counts_machine and with_detached_s - all_s - start_and_end_s > _slack(with_detached_s) + DETACHED_SLACK_S:
        return _too_little(with_detached_s, all_s, start_s)
    return None


def _too_little(used_s: float, told_s: float, start_s: float) -> str:
    return (
        f"the command used {used_s:.2f} s of CPU time, but the report tells only of {told_s:.2f} s, "
        f"and of {start_s:.2f} s to start pytest; {_AFTER_THE_END}{_CAUSE}"
    )


def _slack(figure_s: float) -> float:
    return SLACK_S + SLACK_RATIO * figure_s


def describe_outside(outside: OutsideFigures) -> str:
    """Return what was counted, such as ``after 12.3 s and 10.2 s of CPU time``."""
    cpu = "" if outside.cpu_s is None else f" and {outside.cpu_s + (outside.detached_cpu_s or 0.0):.1f} s of CPU time"
    return f"after {outside.wall_s:.1f} s{cpu}"


def difference_of_command(report: Report) -> str | None:
    """Return a sentence on how far a report and what was counted from outside differ; None if that is little.

    The difference may be honest: a command that does more than call pytest may install packages, or start pytest in a
    container; pytest alone may load its modules from a slow disk, or do much while it loads them.
    """
    outside = report.outside
    if outside is None or outside.cpu_s is None:
        return None
    own_s = sum(row.cpu_s for row in report.rows if row.kind in OWN_WORK)
    start_s = report.run.start_up_cpu_s or 0.0
    if outside.only_pytest:
        return _difference_of_start(report, outside, own_s, start_s)
    told_s = own_s + start_s
    if abs(outside.cpu_s - told_s) <= _slack(max(outside.cpu_s, told_s)):
        return None
    return (
        f"the command used {outside.cpu_s:.1f} s of CPU time, and this report tells of {told_s:.1f} s; "
        "it cannot be told whether that is right, because the command does more than call pytest"
    )


def _difference_of_start(report: Report, outside: OutsideFigures, own_s: float, start_s: float) -> str | None:
    if start_s > max(own_s, LONG_START_S):
        return (
            f"pytest used {start_s:.1f} s of CPU time before the run began, and {own_s:.1f} s in it: what plugins and "
            "conftest.py do while they are imported is in no figure of this report; do it in a fixture"
        )
    if _waited_long(report, outside):
        return (
            f"the command took {outside.wall_s:.0f} s, and the run {report.run.duration_s:.0f} s of that: pytest "
            "waited before or after the run, which is in no figure of this report; is the disk slow?"
        )
    return None
