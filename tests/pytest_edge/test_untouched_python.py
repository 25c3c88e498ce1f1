"""What tests, conftest files and other plugins replace, forbid, freeze or leave broken changes no outcome of theirs."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.pytest_edge.untouched_python import UntouchedPython

CarbonRun = Callable[..., Any]

FORBID = """
import builtins, importlib, sys, types

def _forbidden(*_, **__):
    raise RuntimeError("forbidden")

_MODULES = [importlib.import_module(name) for name in {modules!r}]
_HOLDERS = [*_MODULES]
for name in {classes!r}:
    module, _, kind = name.rpartition(".")
    _HOLDERS.append(getattr(importlib.import_module(module), kind))
_KEPT = {kept!r}

def pytest_sessionfinish(session):
    count = 0
    for holder in _HOLDERS:
        for name, value in list(vars(holder).items()):
            if not name.startswith("_") and callable(value) and name not in _KEPT:
                was.append((holder, name, value))
    for holder, name, _ in was:
        try:
            setattr(holder, name, _forbidden)
        except TypeError:
            pass
    assert len(was) > 500

def pytest_unconfigure():
    for holder, name, value in was:
        try:
            setattr(holder, name, value)
        except TypeError:
            pass

was = []
"""
MODULES = [
    "time", "os", "os.path", "threading", "json", "subprocess", "psutil", "socket", "tempfile", "shutil", "hashlib",
    "signal", "select", "platform", "uuid", "gc", "resource", "locale", "datetime", "pathlib", "io", "struct", "math",
]  # fmt: skip
CLASSES = ["pathlib.Path", "pathlib.PurePath", "json.JSONEncoder", "subprocess.Popen", "threading.Thread"]
OF_PYTEST = ["fspath", "fsencode", "fsdecode", "perf_counter", "get_terminal_size", "RLock", "Lock", "get_ident"]
"""What pytest itself needs between the last hook of the tests and ours."""


def test_all_that_is_replaced_when_the_session_ends_changes_nothing(
    pytester: pytest.Pytester, carbon_run: CarbonRun
) -> None:
    """Every function of the modules that we use raises: outcomes and exit code stay, a report is made."""
    pytester.makeconftest(FORBID.format(modules=MODULES, classes=CLASSES, kept=OF_PYTEST))
    pytester.makepyfile("def test_good(): pass\ndef test_bad(): assert 0")
    run = carbon_run()
    assert run.result.ret == 1, run.text
    assert {row["nodeid"][-4:]: row["outcome"] for row in run.rows()} == {"good": "passed", "_bad": "failed"}
    assert "a fault in pytest-carbon" not in run.text
    assert run.report["totals"]["energy_j"] > 0


FROM_THE_START = """
import json, os, socket, subprocess, sys, tempfile, threading, time, uuid, warnings
import pytest

def forbidden(*_, **__): raise RuntimeError("forbidden")

def failing(*_, **__): pytest.fail("no test may sleep")

def replace():
    time.sleep = failing
    os.getpid = lambda: 42
    json.dumps = json.loads = json.JSONEncoder.iterencode = tempfile.TemporaryFile = forbidden
    time.process_time = time.thread_time = uuid.uuid4 = socket.gethostname = os.sysconf = forbidden
    sys.executable, sys.platform = None, "win32"
"""
LEFT_BROKEN = """
import os, sys, tempfile, warnings

@pytest.fixture(scope="session", autouse=True)
def breaks_much():
    yield
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    os.rmdir(folder)
    os.umask(0o777)
    os.environ.clear()
    os.environ.update(PYTEST_CURRENT_TEST="x", PYTEST_VERSION="x")
    sys.path[:] = []
    sys.meta_path[:] = []
    sys.path_hooks[:] = []
    sys.path_importer_cache.update(dict.fromkeys(sys.path_importer_cache))
    sys.stdout = sys.stderr = None
    sys.setrecursionlimit(200)
    for name in ("json", "subprocess", "tempfile", "uuid"): sys.modules[name] = None
    warnings.simplefilter("error")
    recorder = sys.modules["pytest_carbon.meter.recorder"]
    recorder.Span = recorder.WorkerTrace = None
"""


@pytest.mark.parametrize(
    ("conftest", "options"),
    [
        (FROM_THE_START + "replace()", ()),
        (FROM_THE_START + "if 'PYTEST_XDIST_WORKER' in os.environ: replace()", ("-n1",)),
        ("import pytest\n" + LEFT_BROKEN, ()),
    ],
    ids=["replaced from the start", "replaced in a worker", "left broken"],
)
def test_what_tests_replace_or_leave_broken_changes_nothing(
    pytester: pytest.Pytester,
    carbon_run: CarbonRun,
    monkeypatch: pytest.MonkeyPatch,
    conftest: str,
    options: tuple[str, ...],
) -> None:
    """Outcomes and exit code are those of a run without us, and a report is made."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)  # that of the worker that runs this test
    pytester.makeconftest(conftest)
    pytester.makepyfile("def test_good(): pass\ndef test_bad(): assert 0")
    run = carbon_run("-p", "no:cacheprovider", *options)
    assert run.result.ret == 1, run.text
    assert "a fault in pytest-carbon" not in run.text
    assert {row["nodeid"][-4:]: row["outcome"] for row in run.rows()} == {"good": "passed", "_bad": "failed"}


def test_what_was_replaced_is_there_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Inside, Python is as it was; after, it is as the tests left it."""
    python = UntouchedPython()
    sleep, write, here = time.sleep, Path.write_text, Path.cwd()
    monkeypatch.setattr(time, "sleep", fake := lambda _: None)
    monkeypatch.setattr(Path, "write_text", fake)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delattr(os, "getppid")
    monkeypatch.chdir(tmp_path)
    sys.path.insert(0, "/nowhere")
    with python.restored():
        assert (time.sleep, Path.write_text, Path.cwd()) == (sleep, write, here)
        assert "/nowhere" not in sys.path
        assert os.getppid()
    assert time.sleep is Path.write_text is fake
    assert sys.path[0] == "/nowhere"
    assert Path.cwd() == tmp_path
    assert not hasattr(os, "getppid")
