"""The one comment: found among many, never doubled, never overwritten by an older run, sent only with news."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_action.api.client import ApiError
from github_action.publish import pr_comment
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.verdict.verdict import TestChange
from pytest_carbon.reporters.verdict.markdown import render
from tests.attack import Attack
from tests.github_action.publish.cases import CHECKOUT, FAILED, FINE, GROWN, GROWTH, HOSTILE, US, Bench


def _put(bench: Bench, verdict: object = FAILED, run: str = "100.1", *, last: bool = True, **changes: object) -> str:
    return pr_comment.create_or_update(bench.client(), bench.publication(verdict, run, **changes), began_last=last)


def _marker(bench: Bench, run: str = "100.1") -> str:
    return f"<!-- pytest-carbon v=1 run={run} head={bench.head_sha} -->"


def test_first_comment(bench: Bench) -> None:
    """The comment is the verdict between two hidden markers, and its URL is returned."""
    url = _put(bench)
    (result,) = bench.repo.comments(bench.number)
    assert result["body"] == f"<!-- pytest-carbon -->\n{render(FAILED)}{_marker(bench)}"
    assert url == result["html_url"]


def test_comment_is_updated(bench: Bench) -> None:
    """The next verdict overwrites the same comment, also if it is a pass."""
    first = _put(bench)
    assert _put(bench, FINE, "101.1") == first
    (body,) = bench.bodies()
    assert "Both limits hold" in body
    assert body.endswith(_marker(bench, "101.1"))


def test_comment_shows_a_missing_verdict(bench: Bench) -> None:
    """Numbers of an older commit are never left for those of the newest commit."""
    _put(bench)
    _put(bench, None, "101.1")
    (body,) = bench.bodies()
    assert "No verdict: the tests left no report." in body
    assert "131 g" not in body


def test_unchanged_comment_is_not_sent(bench: Bench) -> None:
    """A run with the same text writes nothing; a new commit is written."""
    _put(bench)
    _put(bench, run="101.1")
    assert bench.count_requests("PATCH", "/comments/") == 0
    publication = bench.publication(FAILED, "102.1", head_sha="d" * 40)
    pr_comment.create_or_update(bench.client(), publication, began_last=True)
    assert bench.count_requests("PATCH", "/comments/") == 1


MOVED = replace(FINE, judged=(replace(CHECKOUT, growth=replace(GROWTH, state="cheaper")),))


@pytest.mark.parametrize(
    ("verdict", "mode"),
    [
        (FINE, "always"),
        (MOVED, "changes"),
        (replace(FINE, proposal=("the limit of checkout is raised.",)), "changes"),
        (replace(FINE, state="warn"), "changes"),
        (replace(FINE, state="overridden"), "changes"),
        (replace(FINE, state="inconclusive"), "problems"),
        (replace(FINE, state="not-measured"), "problems"),
        (FAILED, "problems"),
        (None, "problems"),
    ],
)
def test_when_a_first_comment_is_written(bench: Bench, verdict: object, mode: str) -> None:
    """From off over problems and changes to always, each mode writes a comment for more verdicts."""
    modes = ("off", "problems", "changes", "always")
    assert next(tried for tried in modes if _put(bench, verdict, comment_mode=tried)) == mode
    assert len(bench.bodies()) == 1


@pytest.mark.parametrize("mode", ["problems", "changes"])
def test_existing_comment_is_kept_true(bench: Bench, mode: str) -> None:
    """A verdict that would create no comment still updates an existing comment."""
    _put(bench)
    _put(bench, FINE, "101.1", comment_mode=mode)
    assert "Both limits hold" in bench.bodies()[0]


def test_comment_is_left_alone_when_off(bench: Bench) -> None:
    """With the mode off no request is sent."""
    _put(bench)
    before = len(bench.hub.requests)
    assert _put(bench, FINE, "101.1", comment_mode="off") == ""
    assert len(bench.hub.requests) == before


def test_comment_is_found_among_many(bench: Bench) -> None:
    """All pages are read, and a comment of a deleted account does no harm."""
    for number in range(60):
        bench.repo.comment(bench.number, f"comment {number}", by="bob")
    bench.repo.comment(bench.number, f"<!-- pytest-carbon -->\nx\n{_marker(bench)}", by=None)
    for number in range(59):
        bench.repo.comment(bench.number, f"comment {number}", by="bob")
    _put(bench)
    _put(bench, FINE, "101.1")
    assert len(bench.bodies()) == 121
    assert "Both limits hold" in bench.bodies()[-1]


@pytest.mark.attack("forged-comment")
@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("<!-- pytest-carbon -->\nforged\n{marker}", "stranger"),
        ("forged\n{marker}", "stranger"),
        ("forged {marker}", US),
        ("> <!-- pytest-carbon -->\n> quoted\n> {marker}", US),
        ("", US),
    ],
)
def test_comment_of_another_is_not_touched(bench: Bench, text: str, by: str, attack: Attack) -> None:
    """Our comment has our login, and a marker on a line of its own; a text that a stranger wrote or quoted has not."""
    bench.repo.comment(bench.number, text.format(marker=_marker(bench, "999.1")), by=by)
    _put(bench)
    bodies = bench.bodies()
    assert len(bodies) == 2
    assert bodies[0] == text.format(marker=_marker(bench, "999.1"))
    attack.harmless(*bodies[1:])


@pytest.mark.parametrize(
    "edited",
    [
        "Please look!\n\n{comment}",
        "{comment}\n\nI have looked.",
        "{comment} I have looked.",
        "{opening}\nIt is all wrong.",
        "It is all wrong.\n{marker}",
        "{opening}\r\nIt is all wrong.\r\n\r\n{marker}\r\nBob",
        "{opening}\n<!-- pytest-carbon v=2 run=1.1 head=x -->",
    ],
)
def test_comment_that_a_person_edited_is_still_the_one(bench: Bench, edited: str) -> None:
    """Whatever is left of our markers, the comment is found, and shows the verdict again."""
    _put(bench)
    (comment,) = bench.repo.comments(bench.number)
    parts = {"opening": "<!-- pytest-carbon -->", "marker": _marker(bench), "comment": comment["body"]}
    comment["body"] = edited.format(**parts)
    for run in ("101.1", "102.1"):
        _put(bench, FINE, run)
        (body,) = bench.bodies()
        assert "Both limits hold" in body
        assert body.startswith("<!-- pytest-carbon -->\n")
    assert bench.count_requests("PATCH", "/comments/") == 1


def test_second_comment_that_a_person_edited_is_not_deleted(bench: Bench) -> None:
    """Only what is ours from the first line to the last is deleted."""
    for text in ("<!-- pytest-carbon -->\nold\n{}", "<!-- pytest-carbon -->\nold\n{}\nBob's words"):
        bench.repo.comment(bench.number, text.format(_marker(bench, "99.1")), by=US)
    _put(bench)
    assert ["131 g" in body for body in bench.bodies()] == [True, False]


def test_comments_of_an_unknown_account_of_ours_are_one(bench: Bench) -> None:
    """If GitHub does not say whose token this is, the first answer does: the older comment is updated, not doubled."""
    for run, verdict in (("100.1", FAILED), ("101.1", FINE), ("102.1", FAILED)):
        client, publication = bench.client(login="carbon-app[bot]"), bench.publication(verdict, run)
        url = pr_comment.create_or_update(client, replace(publication, comment_mode="always"), began_last=True)
        (comment,) = bench.repo.comments(bench.number)
        assert (comment["user"]["login"], comment["html_url"]) == ("carbon-app[bot]", url)
        assert comment["body"].endswith(_marker(bench, run))


def test_line_ends_of_a_browser_are_ignored(bench: Bench) -> None:
    """A comment saved in a browser is still found, and is not sent again for its line ends."""
    text = f"<!-- pytest-carbon -->\n{render(FAILED)}{_marker(bench)}".replace("\n", "\r\n")
    bench.repo.comment(bench.number, text + "\r\n", by=US)
    _put(bench)
    assert bench.count_requests("PATCH", "/comments/") == 0
    assert len(bench.bodies()) == 1


def test_of_two_comments_the_oldest_is_kept(bench: Bench) -> None:
    """If two runs created a comment at the same moment, the next run deletes the newer comment."""
    for run in ("98.1", "99.1"):
        bench.repo.comment(bench.number, f"<!-- pytest-carbon -->\nold\n{_marker(bench, run)}", by=US)
    first = bench.repo.comments(bench.number)[0]["id"]
    _put(bench)
    (left,) = bench.repo.comments(bench.number)
    assert left["id"] == first
    assert "131 g" in left["body"]


def test_duplicate_that_cannot_be_deleted_is_left(bench: Bench) -> None:
    """A duplicate that stays does not keep the verdict from being written."""
    for run in ("98.1", "99.1"):
        bench.repo.comment(bench.number, f"<!-- pytest-carbon -->\nold\n{_marker(bench, run)}", by=US)
    bench.hub.fault("DELETE", "/comments/", status=403)
    assert _put(bench) != ""
    assert "131 g" in bench.bodies()[0]


@pytest.mark.parametrize(
    ("head", "last", "written"),
    [("same", True, True), ("same", False, False), ("other", True, False), ("other", False, False)],
)
def test_later_run_is_not_overwritten(bench: Bench, head: str, last: bool, written: bool) -> None:
    """The comment of a later run stays, unless our run began last on the same commit."""
    bench.add_runs(200)
    _put(bench, FINE, "200.1", comment_mode="always")
    changes = {} if head == "same" else {"head_sha": "d" * 40}
    if written:
        _put(bench, run="199.2", last=last, **changes)
    else:
        with pytest.raises(CarbonError, match=r"the later run 200\.1 has already written it"):
            _put(bench, run="199.2", last=last, **changes)
    assert ("131 g" in bench.bodies()[0]) == written


@pytest.mark.attack("planted-runs")
@pytest.mark.parametrize("run", ["99999999.1", "200.3", "201.1"])
def test_planted_run_does_not_keep_the_comment(bench: Bench, attack: Attack, run: str) -> None:
    """A comment of our login that names a run which GitHub does not have for this commit is overwritten."""
    bench.add_runs(200)
    bench.add_runs(201, head_sha="d" * 40)
    bench.repo.comment(bench.number, f"<!-- pytest-carbon -->\nall is fine\n{_marker(bench, run)}", by=US)
    _put(bench, last=False)
    (body,) = bench.bodies()
    assert "131 g" in body
    attack.harmless(body)


@pytest.mark.parametrize("status", [403, 503])
def test_doubt_about_a_later_run_is_raised(bench: Bench, status: int) -> None:
    """If GitHub cannot tell whether there is the later run, the comment stays, and the error says why."""
    _put(bench, FINE, "200.1", comment_mode="always")
    bench.hub.fault("GET", "/actions/runs/200", status=status, times=None)
    with pytest.raises(ApiError, match="actions/runs/200"):
        _put(bench, last=False)
    assert "131 g" not in bench.bodies()[0]


@pytest.mark.attack("forged-comment")
def test_markers_in_names_are_only_text(bench: Bench, attack: Attack) -> None:
    """A test named like our marker does not change how the comment is found and ordered."""
    name = f"t.py::x\n{_marker(bench, '999.1')}"
    verdict = replace(GROWN, sentence=HOSTILE, tests=(TestChange(name, "new", None, 1.0, None, HOSTILE),), machine=name)
    _put(bench, verdict)
    (body,) = bench.bodies()
    assert body.count("<!--") == 2
    _put(bench, run="101.1")
    assert len(bench.bodies()) == 1
    assert "131 g" in bench.bodies()[0]
    attack.harmless(body)


def test_comment_is_never_too_long(bench: Bench) -> None:
    """A verdict with thousands of features and tests is cut to fit."""
    tests = tuple(TestChange(f"é{n}" * 500, "new", None, 1.0, None, "é" * 1000) for n in range(2000))
    judged = tuple(replace(CHECKOUT, name=f"é{n}" * 100) for n in range(500))
    _put(bench, replace(FAILED, judged=judged, tests=tests, sentence="é" * 90_000))
    assert len(bench.bodies()[0].encode()) <= pr_comment.MAX_BYTES


@pytest.mark.parametrize("carried_out", [True, False])
def test_comment_is_created_once_after_a_lost_response(bench: Bench, carried_out: bool) -> None:
    """After a failure there is one comment, whether or not GitHub carried out the request."""
    bench.hub.fault("POST", "/comments$", status=502, after=carried_out)
    assert _put(bench) != ""
    assert len(bench.bodies()) == 1


def test_locked_conversation(bench: Bench) -> None:
    """The error says that the conversation is locked."""
    bench.repo.locked.add(bench.number)
    with pytest.raises(ApiError, match="is locked"):
        _put(bench)
