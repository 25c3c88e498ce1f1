"""Holds a report against what was counted from outside of the command: its own process can write anything.

The report tells of less CPU time than was used for honest reasons: the end of pytest, and what probes cost (at most
1.25 %). What pytest used before the run, such as for imports, the report says itself; that counts up to
``MOST_START_UP_S``. For a command that does more than run pytest, nothing follows from a large rest.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.model import OWN_WORK
from pytest_carbon.core.report import OutsideFigures, Report

SLACK_S, SLACK_RATIO = 1.0, 0.1
"""What may differ, in seconds and as a share of the larger figure."""
END_OF_START = 0.5
"""The end of pytest may cost so much of its start in addition, which takes longer on a slow machine, too."""
DETACHED_SLACK_S = 3.0
"""What may differ in addition where all processes count: our sidecar ends after the run, and loads CodeCarbon."""
MOST_START_UP_S = 20.0
MOST_WAIT_S = 60.0
"""Waiting outside of the run, such as for slow imports, that is never refused."""
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
    if outside.wall_s - duration_s > MOST_WAIT_S and duration_s < outside.wall_s / 2:
        return f"the command took {outside.wall_s:.2f} s, but the report tells only of {duration_s:.2f} s; {_CAUSE}"
    return _cpu_contradiction(report, outside)


_CAUSE = (
    "code of the tests may have changed what pytest-carbon measures or writes. Measure again; if nothing of that kind "
    "is in the tests, please report this"
)


def _cpu_contradiction(report: Report, outside: OutsideFigures) -> str | None:
    if outside.cpu_s is None:
        return None
    own_s = sum(row.cpu_s for row in report.rows if row.kind in OWN_WORK)
    all_s = sum(row.cpu_s for row in report.rows)
    start_s = min(report.run.start_up_cpu_s or 0.0, MOST_START_UP_S)
    with_detached_s = outside.cpu_s + (outside.detached_cpu_s or 0.0)
    if own_s > with_detached_s + _slack(own_s):
        told = f"the report tells of {own_s:.2f} s of CPU time"
        return f"{told}, but the command used only {with_detached_s:.2f} s; {_CAUSE}"
    start_and_end_s = start_s * (1 + END_OF_START)
    if outside.cpu_s - own_s - start_and_end_s > _slack(outside.cpu_s):
        return _too_little(outside.cpu_s, own_s, start_s)
    counts_machine = any(row.kind == "background" for row in report.rows)
    if counts_machine and with_detached_s - all_s - start_and_end_s > _slack(with_detached_s) + DETACHED_SLACK_S:
        return _too_little(with_detached_s, all_s, start_s)
    return None


def _too_little(used_s: float, told_s: float, start_s: float) -> str:
    return (
        f"the command used {used_s:.2f} s of CPU time, but the report tells only of {told_s:.2f} s, "
        f"and of {start_s:.2f} s to start pytest; {_CAUSE}"
    )


def _slack(figure_s: float) -> float:
    return SLACK_S + SLACK_RATIO * figure_s


def describe_outside(outside: OutsideFigures) -> str:
    """Return what was counted, such as ``after 12.3 s and 10.2 s of CPU time``."""
    cpu = "" if outside.cpu_s is None else f" and {outside.cpu_s + (outside.detached_cpu_s or 0.0):.1f} s of CPU time"
    return f"after {outside.wall_s:.1f} s{cpu}"


def difference_of_command(report: Report) -> str | None:
    """Return a sentence on how far a report and what was counted from outside differ; None if that is little.

    The command does more than call pytest, so that the difference may be honest: it may install packages, or start
    pytest in a container.
    """
    outside = report.outside
    if outside is None or outside.only_pytest or outside.cpu_s is None:
        return None
    told_s = sum(row.cpu_s for row in report.rows if row.kind in OWN_WORK) + (report.run.start_up_cpu_s or 0.0)
    if abs(outside.cpu_s - told_s) <= _slack(max(outside.cpu_s, told_s)):
        return None
    return (
        f"the command used {outside.cpu_s:.1f} s of CPU time, and this report tells of {told_s:.1f} s; "
        "it cannot be told whether that is right, because the command does more than call pytest"
    )
