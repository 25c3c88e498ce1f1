"""Holds a report against what was counted from outside of the command: its own process can write anything.

The report tells of less CPU time than was used for honest reasons: what pytest and its plugins use until code of the
project is imported, the end of pytest after its session, and what probes cost (0.6 %). Pytest sends a mark at
both moments; so the session between them is known from outside, and there the report has next to no slack. Code of the
project can keep the second mark from being sent, or send it too early; then its work counts for the end. It cannot
change the first. Without marks, what the report says of its start counts as far as the time outside of the run allows
it. For a command that does more than run pytest, nothing follows from a large rest.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence

from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.model import OWN_WORK
from pytest_carbon.core.report import OutsideFigures, Report

SLACK_S, SLACK_RATIO = 1.0, 0.1
"""What may differ, in seconds and as a share of the larger figure."""
SESSION_SLACK_S, SESSION_SLACK_RATIO = 0.5, 0.03
"""What may differ between both marks."""
LEAST_END_S, END_OF_START, MOST_END_S = 1.0, 1.5, 5.0
"""What the end of pytest may cost, at least, as a share of its start, and at most: where no compiled modules are kept,
as in many containers, the end loads as many modules as the start."""
END_OF_ROW_S, END_OF_ROWS_RATIO = 0.0003, 0.3
"""What writing a row of the report may cost, and how much of the told CPU time that is at most: tests have rows, and
the smallest tests cost more than their rows."""
END_OF_FAILURE_S, END_OF_FAILURES_RATIO = 0.05, 1.5
"""What printing a failure may cost after the session, with its source in colours, and how much of the told CPU time
that is at most: to make a failure ready to print costs as much in the session. Only where the command failed."""
DETACHED_SLACK_S = 3.0
"""What may differ in addition where all processes count: our sidecar ends after the run, and loads CodeCarbon."""
MOST_START_UP_S = 10.0
"""CPU seconds of a start that a report need not tell of."""
MOST_WAIT_S = 60.0
"""Waiting outside of the run, such as for slow imports from a slow disk, that is not worth a word."""
LONG_START_S = 3.0
"""CPU seconds of a start that is worth a word if it is more than the run itself."""
_OTHER_MACHINES = ("--tx", "--px", "--rsyncdir")
_OPERATORS = frozenset("();<>|&")
_BETWEEN_CALLS = frozenset({";", "&&", "||"})
_FREE = frozenset({"set", "cd", "export", "unset", "umask", "ulimit", "true", "false", ":", "echo", "exit", "shopt"})
"""Commands of the shell that do next to nothing."""
_REDIRECTIONS = frozenset({">", ">>", "<", ">&", "&>", "&>>", ">|"})
_PYTHON_OPTIONS = frozenset({"-X", "-W", "--check-hash-based-pycs"})
_LIGHT_WRAPPERS: Mapping[str, Collection[str]] = {
    "env": ("-u", "--unset", "-C", "--chdir"), "exec": ("-a",), "command": (), "time": ("-f", "-o"), "nice": ("-n",),
    "nohup": (), "timeout": ("-s", "--signal", "-k", "--kill-after"), "stdbuf": ("-i", "-o", "-e"),
    "coverage": ("--rcfile", "--source", "--include", "--omit", "--data-file", "--context", "--concurrency"),
}  # fmt: skip
"""Programs that do little besides calling the program behind their options, and which of those have a value."""
_MANAGERS: Mapping[str, Collection[str]] = {
    "uv": ("--with", "--extra", "--group", "--only-group", "--python", "-p", "--project", "--directory", "--env-file"),
    "poetry": ("-C", "--directory", "-P", "--project"), "pdm": ("-p", "--project"), "pipenv": (), "rye": (),
}  # fmt: skip
"""Programs that may install packages before they call another one."""
_WITH_RUN = frozenset({"coverage", *_MANAGERS})


def is_only_pytest(command: str) -> bool:
    """Return whether a shell command is one simple call of pytest, which runs tests on this machine.

    Comments, redirections, ``| tee FILE`` and commands that cost nothing, such as ``cd``, do not count.
    """
    lines = [line.strip() for line in command.replace("\\\n", " ").splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if any(text in line for line in lines for text in ("`", "$(")):
        return False
    try:
        calls = [call for line in lines for call in _split_calls(line) if call and not _is_free(call)]
    except ValueError:
        return False
    return (
        len(calls) == 1 and not any(set(word) <= _OPERATORS for word in calls[0] if word) and is_pytest_call(calls[0])
    )


def _is_free(call: Sequence[str]) -> bool:
    return call[0] in _FREE and not any(set(word) <= _OPERATORS for word in call if word)


def _split_calls(line: str) -> list[list[str]]:
    """Return the words of each command of a line. Raises ValueError for quotes that do not end."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    calls: list[list[str]] = [[]]
    for word in _without_redirections(list(lexer)):
        if word in _BETWEEN_CALLS:
            calls.append([])
        else:
            calls[-1].append(word)
    return calls


def _without_redirections(words: Sequence[str]) -> list[str]:
    kept: list[str] = []
    rest = iter(words)
    in_tee = False
    for word in rest:
        in_tee = in_tee and word not in _BETWEEN_CALLS
        if word.startswith("#"):
            break
        if word in _REDIRECTIONS:
            next(rest, None)
        elif word in ("|", "|&") and next(rest, "").rpartition("/")[2] == "tee":
            in_tee = True
        elif not in_tee or (word and set(word) <= _OPERATORS):
            kept.append(word)
    return kept


def is_pytest_call(words: Sequence[str]) -> bool:
    """Return whether words are a call of pytest, which runs tests on this machine, with nothing costly around it."""
    return _calls_pytest(words, _LIGHT_WRAPPERS)


def calls_pytest_somehow(words: Sequence[str]) -> bool:
    """Return whether words end in a call of pytest, also by a tool that may first make an environment, such as uv."""
    return _calls_pytest(words, {**_LIGHT_WRAPPERS, **_MANAGERS})


def _calls_pytest(words: Sequence[str], wrappers: Mapping[str, Collection[str]]) -> bool:
    if any(word.startswith(_OTHER_MACHINES) for word in words):
        return False
    left = list(words)
    while left:
        while left and "=" in left[0].partition("/")[0]:
            left = left[1:]
        name = left[0].rpartition("/")[2] if left else ""
        if name.startswith(("python", "pypy")):
            left = _after_options(left[1:], _PYTHON_OPTIONS)
        elif name in wrappers:
            left = left[1 + (name in _WITH_RUN and left[1:2] == ["run"]) :]
            left = _after_options(left, wrappers[name])
            left = left[1:] if name == "timeout" else left
        else:
            return name in ("pytest", "py.test")
    return False


def _after_options(words: list[str], with_value: Collection[str]) -> list[str]:
    """Return the words behind a program's options; a module behind ``-m`` is one of them."""
    while words and words[0].startswith("-") and words[0] != "-":
        if not words[0].startswith("--") and words[0].endswith("m"):
            return words[1:]
        words = words[2:] if words[0] in with_value else words[1:]
    return words


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
    own_s = _own_cpu_s(report)
    all_s = sum(row.cpu_s for row in report.rows)
    told_start_s = report.run.start_up_cpu_s or 0.0
    with_detached_s = outside.cpu_s + (outside.detached_cpu_s or 0.0)
    told_s = own_s + told_start_s
    if told_s > with_detached_s + _slack(told_s):
        start = f", of which {told_start_s:.2f} s to start pytest" if told_start_s else ""
        told = f"the report tells of {told_s:.2f} s of CPU time{start}"
        return f"{told}, but the command used only {with_detached_s:.2f} s; {_CAUSE}"
    start_s = _start_s(report, outside)
    if outside.start_cpu_s is not None and outside.end_cpu_s is not None:
        session_s = outside.end_cpu_s - outside.start_cpu_s
        if session_s - own_s > SESSION_SLACK_S + SESSION_SLACK_RATIO * session_s:
            return (
                f"pytest used {session_s:.2f} s of CPU time in its session, but the report tells only of "
                f"{own_s:.2f} s; {_CAUSE}"
            )
    rows_s = min(END_OF_ROW_S * len(report.rows), END_OF_ROWS_RATIO * own_s)
    failures = _failures(report) if outside.exit_code else 0
    rows_s += min(END_OF_FAILURE_S * failures, END_OF_FAILURES_RATIO * own_s)
    start_and_end_s = start_s + min(max(LEAST_END_S, END_OF_START * start_s), MOST_END_S) + rows_s
    if outside.cpu_s - own_s - start_and_end_s > _slack(outside.cpu_s):
        return _too_little(outside.cpu_s, own_s, start_s, failures)
    counts_machine = any(row.kind == "background" for row in report.rows)
    if counts_machine and with_detached_s - all_s - start_and_end_s > _slack(with_detached_s) + DETACHED_SLACK_S:
        return _too_little(with_detached_s, all_s, start_s, failures)
    return None


def _start_s(report: Report, outside: OutsideFigures) -> float:
    """Return the CPU seconds that the start of pytest explains."""
    told_s = report.run.start_up_cpu_s or 0.0
    before_s = max(0.0, outside.wall_s - report.run.duration_s) + SLACK_S
    known_s = told_s if outside.start_cpu_s is None else outside.start_cpu_s
    return min(known_s, MOST_START_UP_S, before_s * report.machine.vcpus)


def _own_cpu_s(report: Report) -> float:
    return sum(row.cpu_s for row in report.rows if row.kind in OWN_WORK)


def _failures(report: Report) -> int:
    """Return how many tests failed, each of which pytest prints when its session has ended."""
    return len({row.nodeid for row in report.rows if row.outcome in ("failed", "error")})


def _too_little(used_s: float, told_s: float, start_s: float, failures: int) -> str:
    printing = f"printing {failures} failed tests may have cost more than usual (try --tb=short), or "
    return (
        f"the command used {used_s:.2f} s of CPU time, but the report tells only of {told_s:.2f} s, "
        f"and of {start_s:.2f} s to start pytest; {printing if failures else ''}{_AFTER_THE_END}{_CAUSE}"
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
    own_s = _own_cpu_s(report)
    start_s = report.run.start_up_cpu_s or 0.0
    if outside.only_pytest:
        start_s = max(start_s, outside.start_cpu_s or 0.0)
        return _work_beside_the_run(report, outside, own_s) or _difference_of_start(report, outside, own_s, start_s)
    told_s = own_s + start_s
    if abs(outside.cpu_s - told_s) <= _slack(max(outside.cpu_s, told_s)):
        return None
    return (
        f"the command used {outside.cpu_s:.1f} s of CPU time, and this report tells of {told_s:.1f} s; "
        "it cannot be told whether that is right, because the command does more than call pytest"
    )


def _work_beside_the_run(report: Report, outside: OutsideFigures, own_s: float) -> str | None:
    """Return a sentence on processes that ran on when their parent had ended, apart from our sidecar."""
    if outside.cpu_s is None or outside.detached_cpu_s is None:
        return None
    tool_s = sum(row.cpu_s for row in report.rows if row.kind == "tool")
    left_s = outside.detached_cpu_s - tool_s - max(0.0, own_s - outside.cpu_s)
    if left_s <= _slack(own_s) + DETACHED_SLACK_S:
        return None
    return (
        f"{left_s:.1f} s of CPU time are of processes that left pytest, and are in no test; wait for a process in the "
        "test that starts it"
    )


def _difference_of_start(report: Report, outside: OutsideFigures, own_s: float, start_s: float) -> str | None:
    if start_s > max(own_s, LONG_START_S):
        return (
            f"pytest used {start_s:.1f} s of CPU time before the run began, and {own_s:.1f} s in it: what plugins do "
            "while they are imported is in no figure of this report; do it in a fixture"
        )
    if _waited_long(report, outside):
        return (
            f"the command took {outside.wall_s:.0f} s, and the run {report.run.duration_s:.0f} s of that: pytest "
            "waited before or after the run, which is in no figure of this report; is the disk slow?"
        )
    return None
