"""The check run: its conclusion, its report and the marks at tests."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_action.publish import check_run
from pytest_carbon.core.verdict.verdict import TestChange
from tests.github_action.publish.cases import FAILED, FINE, GROWN, HOSTILE, Bench


@pytest.mark.parametrize(
    ("verdict", "conclusion"),
    [
        (FINE, "success"),
        (FAILED, "failure"),
        (replace(FINE, state="inconclusive"), "neutral"),
        (replace(FAILED, advisory="A fork measured this."), "neutral"),
        (None, "failure"),
    ],
)
def test_conclusion(bench: Bench, verdict: object, conclusion: str) -> None:
    """The check run is finished at once, with the outcome as its conclusion."""
    told = bench.publication(verdict)
    url = check_run.create(bench.client(), told)
    (found,) = bench.repo.check_runs
    assert (found["status"], found["conclusion"]) == ("completed", conclusion)
    assert (found["name"], found["head_sha"], found["external_id"]) == ("Carbon report", bench.head_sha, "100.1")
    assert (found["details_url"], found["html_url"]) == (told.context.run_url, url)


def test_marks_of_tests() -> None:
    """What costs more has a mark, the costliest first; what is cheaper, or gone, has none."""
    assert check_run.annotate_tests(GROWN) == [
        {
            "path": "tests/test_pay.py",
            "start_line": 1,
            "end_line": 1,
            "annotation_level": "warning",
            "title": "New test",
            "message": "tests/test_pay.py::test_new is new and costs 500 mJ ref each run.",
        },
        {
            "path": "tests/test_pay.py",
            "start_line": 1,
            "end_line": 1,
            "annotation_level": "warning",
            "title": "Costlier test",
            "message": "tests/test_pay.py::test_cart[a] costs 1.4 J ref each run, 400 mJ ref more than before.",
        },
    ]


def test_noise_has_no_marks() -> None:
    """Where no growth was seen only new tests are marked, and where all is fine none."""
    quiet = replace(GROWN, judged=FAILED.judged)
    assert [mark["title"] for mark in check_run.annotate_tests(quiet)] == ["New test"]
    assert check_run.annotate_tests(replace(GROWN, state="pass")) == []


def test_marks_are_found_from_the_repositorys_root() -> None:
    """A project in a folder of its repository has its marks there."""
    paths = {mark["path"] for mark in check_run.annotate_tests(GROWN, "services/shop")}
    assert paths == {"services/shop/tests/test_pay.py"}


@pytest.mark.parametrize(
    ("nodeid", "path"),
    [
        ("tests/t.py::test_a[x::y]", "tests/t.py"),
        ("t.py", "t.py"),
        ("tests/ä b.py::t", "tests/ä b.py"),
        ("../t.py::t", ""),
        ("tests/../../t.py::t", ""),
        ("/etc/passwd::t", ""),
        ("//host/t.py::t", ""),
        ("C:/t.py::t", ""),
        ("tests\\t.py::t", ""),
        ("tests/\nt.py::t", ""),
        ("tests/\u202et.py::t", ""),
        ("tests/\ud800.py::t", ""),
        ("::t", ""),
        ("", ""),
        ("x" * 2000 + "::t", ""),
    ],
)
def test_file_of_a_test(nodeid: str, path: str) -> None:
    """Only a plain path below the root is one."""
    assert check_run.file_of_test(nodeid) == path


def test_hostile_names_are_taken(bench: Bench) -> None:
    """GitHub takes the check run whatever tests are called and however many there are."""
    tests = [TestChange(f"t.py::{HOSTILE * 300}{n}", "new", None, 1.0 + n, None, HOSTILE) for n in range(500)]
    tests += [TestChange(f"../{n}.py::t", "new", None, 1000.0, None, None) for n in range(30)]
    check_run.create(bench.client(), bench.publication(replace(GROWN, sentence=HOSTILE, tests=tuple(tests))))
    (found,) = bench.repo.check_runs
    output = bench.hub.requests[-1].body["output"]
    assert found["output"]["annotations_count"] == len(output["annotations"]) == 20
    assert all(mark["path"] == "t.py" and mark["message"].isprintable() for mark in output["annotations"])
    assert len(output["summary"].encode()) <= 65_535
    assert len(output["title"]) <= 140


@pytest.mark.parametrize("taken", [True, False])
def test_check_run_that_may_have_been_taken_is_looked_for(bench: Bench, taken: bool) -> None:
    """After a fault there is one check run of this run, whether or not the request was taken."""
    bench.hub.fault("POST", "/check-runs$", status=502, after=taken)
    assert check_run.create(bench.client(), bench.publication()) == bench.repo.check_runs[0]["html_url"]
    assert len(bench.repo.check_runs) == 1
