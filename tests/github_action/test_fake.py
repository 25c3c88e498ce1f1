"""The fake GitHub: it refuses what GitHub refuses, and fails when a test asks for a failure."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.github_action.cut_openapi import cut
from tests.github_action.fake import FakeGitHub, rest
from tests.github_action.fake.openapi import DESCRIPTION, github
from tests.github_action.fake.raw_client import RawClient

NOTE = {"path": "a.py", "start_line": 1, "end_line": 1, "annotation_level": "warning", "message": "costly"}
CHECK = {"name": "Carbon report", "head_sha": "SHA"}


def _with_notes(count: int, **changes: Any) -> dict[str, Any]:
    return {**CHECK, "output": {"title": "t", "summary": "s", "annotations": [{**NOTE, **changes}] * count}}


WRONG = {
    "no such operation": ("GET", "~/pull/1", None, "no such operation"),
    "no such verb": ("PUT", "~/pulls/1", None, "no such operation"),
    "a parameter that is none": ("GET", "~/pulls?per-page=3", None, "unknown query parameters: per-page"),
    "a state that is none": ("GET", "~/pulls?state=opened", None, "'opened' is not one of"),
    "a page that is no number": ("GET", "~/issues/1/comments?page=x", None, "page"),
    "a number that is none": ("GET", "~/pulls/x", None, "pull_number"),
    "a comment without a body": ("POST", "~/issues/1/comments", {"text": "x"}, "body"),
    "an empty comment": ("POST", "~/issues/1/comments", {"body": " "}, "body can't be blank"),
    "a long comment": ("POST", "~/issues/1/comments", {"body": "x" * 65_537}, "maximum is 65536"),
    "a comment in pieces": ("POST", "~/issues/1/comments", {"body": ["x"]}, "is not of type 'string'"),
    "half a letter": ("POST", "~/issues/1/comments", {"body": "\ud83c"}, "half of a surrogate pair"),
    "a slip of the pen": ("POST", "~/statuses/SHA", {"state": "success", "descripton": "x"}, "descripton"),
    "a status without a state": ("POST", "~/statuses/SHA", {"context": "x"}, "'state' is a required property"),
    "a state of a check": ("POST", "~/statuses/SHA", {"state": "neutral"}, "'neutral' is not one of"),
    "a long description": ("POST", "~/statuses/SHA", {"state": "error", "description": "ä" * 141}, "maximum is 140"),
    "a long context": ("POST", "~/statuses/SHA", {"state": "error", "context": "x" * 256}, "maximum is 255"),
    "a link to a script": ("POST", "~/statuses/SHA", {"state": "error", "target_url": "javascript:x"}, "http(s)"),
    "a check without a commit": ("POST", "~/check-runs", {"name": "x"}, "'head_sha' is a required property"),
    "a check that ended somehow": ("POST", "~/check-runs", {**CHECK, "status": "completed"}, "conclusion"),
    "a check with a new ending": ("POST", "~/check-runs", {**CHECK, "conclusion": "fine"}, "'fine' is not one of"),
    "a check that ended, but goes on": ("POST", "~/check-runs", {**CHECK, "status": "queued", "conclusion": "neutral"},
                                        "with a conclusion is completed"),
    "many annotations": ("POST", "~/check-runs", _with_notes(51), "annotations"),
    "an annotation of no line": ("POST", "~/check-runs", _with_notes(1, start_line=0), "start at 1"),
    "an annotation without a message": ("POST", "~/check-runs", _with_notes(1, message=""), "has a message"),
    "an output without a summary": ("POST", "~/check-runs", {**CHECK, "output": {"title": "t"}}, "'summary'"),
    "a long summary": ("POST", "~/check-runs", {**CHECK, "output": {"title": "t", "summary": "x" * 65_536}}, "summary"),
    "an issue without a title": ("POST", "~/issues", {"body": "x"}, "title"),
    "a title of blanks": ("POST", "~/issues", {"title": "  "}, "title can't be blank"),
    "a long label": ("POST", "~/labels", {"name": "x" * 51}, "maximum is 50"),
}  # fmt: skip


@pytest.mark.parametrize("case", list(WRONG))
def test_wrong_request_is_refused_and_noted(api: RawClient, case: str) -> None:
    """A request that GitHub's description or rules forbid gets an error, changes nothing, and fails the test."""
    verb, path, body, complaint = WRONG[case]
    sha = api.repo.bare.branches()["topic"]
    response = api(verb, path.replace("SHA", sha), json.loads(json.dumps(body).replace('"SHA"', f'"{sha}"')))
    assert response.status_code == (404 if complaint == "no such operation" else 422)
    (noted,) = api.hub.refused
    assert complaint in noted
    assert (api.repo.comments(1), api.repo.statuses, api.repo.check_runs, len(api.repo.threads)) == ([], [], [], 2)
    api.hub.refused.clear()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("~/issues/1/comments", {"body": "🌍" * 65_536}),
        ("~/statuses/SHA", {"state": "pending", "description": "ä" * 140, "context": "x" * 255}),
        ("~/check-runs", _with_notes(50)),
        ("~/check-runs", {**CHECK, "output": {"title": "t", "summary": "x" * 65_535, "text": "x" * 65_535}}),
        ("~/check-runs", {**CHECK, "conclusion": "neutral"}),
        ("~/issues", {"title": "x" * 256, "labels": ["carbon-report"]}),
        ("~/labels", {"name": "feature:checkout", "color": "00ff00", "description": "Paying"}),
    ],
)
def test_values_at_the_limit_are_accepted(api: RawClient, path: str, body: dict[str, Any]) -> None:
    """The largest values that GitHub accepts are accepted."""
    sha = api.repo.bare.branches()["topic"]
    body = {name: sha if value == "SHA" else value for name, value in body.items()}
    assert api("POST", path.replace("SHA", sha), body).status_code == 201


def test_description_has_only_the_operations_of_the_fake() -> None:
    """The fake implements every operation of the description, and cutting the description again changes nothing."""
    whole = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    assert rest.operations() == {v["operationId"] for path in whole["paths"].values() for v in path.values()}
    assert cut(whole) == whole
    assert DESCRIPTION.stat().st_size < 150_000


NEEDS = [
    ("GET", "~", None, None),
    ("GET", "~/pulls/1", None, "pull-requests"),
    ("GET", "~/issues/1/comments", None, "pull-requests"),
    ("GET", "~/issues/1/events", None, "issues"),
    ("POST", "~/issues/1/comments", {"body": "x"}, "pull-requests"),
    ("POST", "~/issues/1/comments", {"body": "x"}, "issues"),
    ("POST", "~/issues", {"title": "x"}, "issues"),
    ("POST", "~/statuses/SHA", {"state": "success"}, "statuses"),
    ("GET", "~/commits/SHA/statuses", None, "statuses"),
    ("POST", "~/check-runs", CHECK, "checks"),
    ("GET", "~/contents/a.py", None, "contents"),
    ("GET", "~/commits/SHA/pulls", None, "pull-requests"),
    ("GET", "~/actions/runs", None, "actions"),
    ("GET", "~/collaborators/ann/permission", None, None),
]


@pytest.mark.parametrize(("verb", "path", "body", "right"), NEEDS)
def test_operation_needs_its_permission(api: RawClient, verb: str, path: str, body: Any, right: str | None) -> None:
    """A token without the permission is refused; the permission alone is enough, also in a private repository."""
    sha = api.repo.bare.branches()["topic"]
    body = {**body, "head_sha": sha} if body == CHECK else body
    api.repo.public = False
    needed = {} if right is None else {right: "read" if verb == "GET" else "write"}
    api.token = api.hub.token(needed)
    assert api(verb, path.replace("SHA", sha), body).ok
    if right:
        api.token = api.hub.token({right: "none" if verb == "GET" else "read"})
        response = api(verb, path.replace("SHA", sha), body)
        assert (response.status_code, response.json()["message"]) == (403, "Resource not accessible by integration")


@pytest.mark.parametrize(
    ("public", "token", "verb", "expected"),
    [
        (True, None, "GET", 200),
        (True, None, "POST", 401),
        (False, None, "GET", 404),
        (True, "ghs_stolen", "GET", 401),
        (False, "ghs_stolen", "GET", 401),
    ],
)
def test_stranger_reads_what_is_public(
    api: RawClient, public: bool, token: str | None, verb: str, expected: int
) -> None:
    """Without a token nobody writes or reads private data, and an unknown token is always refused."""
    api.repo.public, api.token = public, token
    assert api(verb, "~/issues/1/comments", {"body": "x"} if verb == "POST" else None).status_code == expected
    assert api.repo.comments(1) == []


def test_job_of_one_repository_writes_to_no_fork(api: RawClient) -> None:
    """A token reads a public fork, and writes only to the repository of its job."""
    fork = api.hub.repository("eve/shop", fork_of=api.repo)
    sha = fork.commit({"c.py": ""})
    api.repo = fork
    assert api("GET", "~/commits/main").json()["sha"] == sha
    assert api("POST", f"~/statuses/{sha}", {"state": "success"}).status_code == 403
    api.token = api.hub.token({"statuses": "write"}, repository="eve/shop")
    assert api("POST", f"~/statuses/{sha}", {"state": "success"}).status_code == 201


def test_only_users_may_ask_who_they_are(api: RawClient) -> None:
    """The token of a job belongs to no user; a user gets the login."""
    assert api("GET", "/user").status_code == 403
    api.token = api.hub.token({}, "ann", user=True)
    assert api("GET", "/user").json()["login"] == "ann"
    api.token = None
    assert api("GET", "/user").status_code == 401
    assert api("GET", "/rate_limit").json()["rate"]["limit"] == 1000


@pytest.mark.parametrize(("query", "sizes"), [({}, [30, 30, 30, 30, 5]), ({"per_page": 100}, [100, 25]),
                                              ({"per_page": 500}, [100, 25])])  # fmt: skip
def test_lists_come_in_pages(api: RawClient, query: dict[str, int], sizes: list[int]) -> None:
    """A page has 30 items by default and 100 at most, and links to the next page."""
    ids = [api.repo.comment(1, f"comment {number}") for number in range(125)]
    seen, result, links, response = [], [], [], api("GET", "~/issues/1/comments", **query)
    while True:
        seen.append(len(response.json()))
        result += [comment["id"] for comment in response.json()]
        links.append(sorted(response.links))
        if "next" not in response.links:
            break
        response = api.session.get(response.links["next"]["url"], headers={"Authorization": f"Bearer {api.token}"})
    assert (seen, result) == (sizes, ids)
    assert (links[0], links[-1]) == (["last", "next"], ["first", "prev"])
    assert api("GET", "~/issues/1/comments", page=9).json() == []


def test_links_keep_the_query(api: RawClient) -> None:
    """The next page is of the same filtered list."""
    for name in "pqr":
        api.repo.commit({f"{name}.py": ""}, branch=name)
        api.repo.open_pull(head=name)
    response = api("GET", "~/pulls", state="all", per_page=1)
    assert re.search(r"/pulls\?state=all&per_page=1&page=2$", response.links["next"]["url"])
    assert [pull["number"] for pull in response.json()] == [5]


def test_fault_comes_as_often_as_set(api: RawClient) -> None:
    """An injected fault has its status and headers, ends after its number of times, and hits only its own path."""
    api.hub.fault("GET", "/pulls/1$", status=503, headers={"Retry-After": "7"}, times=2)
    api.hub.fault("GET", "/pulls/1$", headers={"x-ratelimit-remaining": "0"})
    responses = [api("GET", "~/pulls/1") for _ in range(4)]
    assert api("GET", "~/pulls").ok
    assert [a.status_code for a in responses] == [503, 503, 200, 200]
    assert [a.headers.get("retry-after") for a in responses] == ["7", "7", None, None]
    assert [a.headers["x-ratelimit-remaining"] for a in responses] == ["999", "998", "0", "996"]
    api.hub.fault("GET", "/pulls$", status=200, body=[])
    assert api("GET", "~/pulls").json() == []


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("drop", [False, True])
def test_request_may_be_carried_out_without_a_response(api: RawClient, after: bool, drop: bool) -> None:
    """After a failed write a client cannot know whether the write was done: the fake can do both."""
    api.hub.fault("POST", "/comments$", drop=drop, status=None if drop else 502, after=after)
    if drop:
        with pytest.raises(requests.ConnectionError):
            api("POST", "~/issues/1/comments", {"body": "x"})
    else:
        assert api("POST", "~/issues/1/comments", {"body": "x"}).status_code == 502
    assert len(api.repo.comments(1)) == after
    assert [r.status for r in api.hub.asked("POST", "/comments$")] == [0 if drop else 502]
    assert api("POST", "~/issues/1/comments", {"body": "x"}).ok


@pytest.mark.parametrize("taken", [False, True])
def test_client_that_is_killed(api: RawClient, taken: bool) -> None:
    """After a number of requests none gets a response, but the first of these may still be carried out."""
    api.hub.end_after(1, taken=taken)
    assert api("GET", "~/pulls").ok
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            api("POST", "~/issues/1/comments", {"body": "x"})
    assert len(api.repo.comments(1)) == taken
    api.hub.end_after(None)
    assert api("GET", "~/pulls").ok


def test_responses_can_be_late(api: RawClient) -> None:
    """The delay of one kind of request is added to the delay of all requests."""
    api.hub.delay_s = 0.05
    api.hub.fault("GET", "/pulls$", delay_s=0.1)
    start = time.monotonic()
    assert api("GET", "~/pulls").ok
    assert time.monotonic() - start >= 0.15


def test_requests_are_noted(api: RawClient) -> None:
    """Every request is noted with path, query, body and status; git's requests do not count as requests to the API."""
    api("POST", "~/issues/1/comments", {"body": "x"})
    api("GET", "~/pulls", state="all")
    requests.get(f"{api.hub.server_url}/octo/shop.git/info/refs?service=git-upload-pack", timeout=10).close()
    noted = [(r.method, r.path, r.query, r.body, r.status, r.api) for r in api.hub.requests]
    assert noted == [
        ("POST", "/repos/octo/shop/issues/1/comments", "", {"body": "x"}, 201, True),
        ("GET", "/repos/octo/shop/pulls", "state=all", None, 200, True),
        ("GET", "/octo/shop.git/info/refs", "service=git-upload-pack", None, 200, False),
    ]
    assert api.hub.api_calls == 2


def test_fault_of_the_fake_fails_the_test(tmp_path: Path) -> None:
    """A response that GitHub would not give, an ignored parameter and a bug of the fake all fail the test."""
    hub = FakeGitHub(tmp_path)
    hub.__enter__()
    repo = hub.repository("octo/shop")
    repo.comment(repo.open_issue("Slow"), "x")
    repo.comments(1)[0]["created_at"] = "yesterday"
    with requests.Session() as session:
        for path in ("issues/1/comments", "issues?milestone=1"):
            session.get(f"{repo.url}/{path}", timeout=10)
        del repo.threads
        assert session.get(f"{repo.url}/issues/1", timeout=10).status_code == 500
    with pytest.raises(AssertionError) as caught:
        hub.__exit__(None)
    assert "'yesterday' is not a 'date-time'" in str(caught.value)
    assert "the fake ignores ['milestone'] of issues/list-for-repo" in str(caught.value)
    assert "AttributeError" in str(caught.value)


def test_unknown_field_of_a_response_is_an_error() -> None:
    """A misspelt field is an error; a missing field gets an empty value."""
    with pytest.raises(TypeError, match="logn"):
        github().filled("simple-user", {"logn": "ann"})
    assert github().filled("simple-user", {"login": "ann"})["events_url"] == ""
