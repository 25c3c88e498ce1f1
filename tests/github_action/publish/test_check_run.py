"""The check run: its conclusion, its text and the annotations at tests."""

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
    """The check run is created as completed, with the outcome as its conclusion."""
    publication = bench.publication(verdict)
    url = check_run.create(bench.client(), publication)
    (result,) = bench.repo.check_runs
    assert (result["status"], result["conclusion"]) == ("completed", conclusion)
    assert (result["name"], result["head_sha"], result["external_id"]) == ("Carbon report", bench.head_sha, "100.1")
    assert (result["details_url"], result["html_url"]) == (publication.context.run_url, url)


def test_annotations_of_tests() -> None:
    """Tests that cost more have annotations, the costliest first; cheaper and removed tests have none."""
    assert check_run.annotate_tests(GROWN) == [
        {
            "path": "tests/test_pay.py",
            "start_line": 1,
            "end_line": 1,
            "annotation_level": "warning",
            "title": "New test",
            "message": "tests/test_pay.py::test_new is new and costs 500 mJ of reference energy in each run.",
        },
        {
            "path": "tests/test_pay.py",
            "start_line": 1,
            "end_line": 1,
            "annotation_level": "warning",
            "title": "Costlier test",
            "message": "tests/test_pay.py::test_cart[a] costs 1.4 J of reference energy in each run, "
            "400 mJ more than before.",
        },
    ]


def test_noise_has_no_annotations() -> None:
    """Without growth only new tests are annotated, and with a pass none."""
    quiet = replace(GROWN, judged=FAILED.judged)
    assert [annotation["title"] for annotation in check_run.annotate_tests(quiet)] == ["New test"]
    assert check_run.annotate_tests(replace(GROWN, state="pass")) == []


def test_annotations_are_at_paths_from_the_root() -> None:
    """Paths begin with the project's folder in its repository."""
    paths = {annotation["path"] for annotation in check_run.annotate_tests(GROWN, "services/shop")}
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
    """Only a plain path below the root is the file of a test."""
    assert check_run.file_of_test(nodeid) == path


def test_hostile_names_are_accepted(bench: Bench) -> None:
    """GitHub accepts the check run whatever the names and number of the tests."""
    tests = [TestChange(f"t.py::{HOSTILE * 300}{n}", "new", None, 1.0 + n, None, HOSTILE) for n in range(500)]
    tests += [TestChange(f"../{n}.py::t", "new", None, 1000.0, None, None) for n in range(30)]
    check_run.create(bench.client(), bench.publication(replace(GROWN, sentence=HOSTILE, tests=tuple(tests))))
    (result,) = bench.repo.check_runs
    output = bench.hub.requests[-1].body["output"]
    assert result["output"]["annotations_count"] == len(output["annotations"]) == 20
    assert all(
        annotation["path"] == "t.py" and annotation["message"].isprintable() for annotation in output["annotations"]
    )
    assert len(output["summary"].encode()) <= 65_535
    assert len(output["title"]) <= 140


@pytest.mark.parametrize("carried_out", [True, False])
def test_check_run_is_created_once_after_a_lost_response(bench: Bench, carried_out: bool) -> None:
    """After a failure there is one check run, whether or not GitHub carried out the request."""
    bench.hub.fault("POST", "/check-runs$", status=502, after=carried_out)
    assert check_run.create(bench.client(), bench.publication()) == bench.repo.check_runs[0]["html_url"]
    assert len(bench.repo.check_runs) == 1
