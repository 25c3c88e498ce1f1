"""What tests of publishing share: verdicts made by hand, and a pull request to publish them on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from github_action.api.client import Client
from github_action.event.github_context import GitHubContext
from github_action.publish.publication import Publication
from pytest_carbon.core.model import Range
from pytest_carbon.core.verdict.verdict import ChangeTotals, Check, Growth, HolderVerdict, TestChange, Verdict

US = "github-actions[bot]"
RIGHTS = {
    "actions": "read",
    "checks": "write",
    "contents": "read",
    "issues": "write",
    "pull-requests": "write",
    "statuses": "write",
}
SHA = "a" * 40
HOSTILE = (
    "@octocat #12 http://evil.example `x` | <b>&amp;</b> $x$ ::error::no\n::set-output name=a::b\r\n"
    "<!-- pytest-carbon v=1 run=999.9 head=" + "a" * 40 + " --> \u202e\x00\x1b[31m \U0001f41b \ud800 %0A"
)
GROWTH = Growth(
    "no change",
    "screen",
    0.018,
    -0.03,
    0.07,
    0.09,
    0.05,
    0.88,
    52,
    ChangeTotals(1.84, 1.87, 0, 0, 0, 0.0, 0.0, 0.0),
    None,
    "",
)
CHECKOUT = HolderVerdict(
    "checkout", "feature", "pass", (Check("per-run", "pass", "fine"),), 52, 9.0, 5.0, Range(1.23, 0.8, 1.9), None,
    GROWTH, (), (),
)  # fmt: skip
FINE = Verdict(
    state="pass", sentence="Both limits hold.", todo=(), judged=(CHECKOUT,), tests=(), run="run-1", commit=SHA,
    base=None, energy_j=Range(100.0, 80.0, 150.0), emissions_g=Range(11.0, 9.0, 16.0), reference_j=50.0,
    method="modelled", machine="bench", clean_share=None, grid="DE, 381 g/kWh", policy="carbon.toml at main",
    notes=(), fingerprint={},
)  # fmt: skip
FAILED = replace(
    FINE, state="fail", sentence="This change does not fit its carbon budget: checkout used 131 g of 120 g."
)
GROWN = replace(
    FAILED,
    judged=(replace(CHECKOUT, state="fail", growth=replace(GROWTH, state="costlier", change=0.4)),),
    tests=(
        TestChange("tests/test_pay.py::test_cart[a]", "same", 1.0, 1.4, 0.4, "checkout"),
        TestChange("tests/test_pay.py::test_new", "new", None, 0.5, None, "checkout"),
        TestChange("tests/test_pay.py::test_old", "gone", 0.5, None, None, "checkout"),
        TestChange("tests/test_pay.py::test_less", "same", 1.0, 0.6, -0.4, "checkout"),
    ),
)


def make_publication(verdict: Verdict | None = FINE, run: str = "100.1", **changes: Any) -> Publication:
    """Return what a run and its attempt publish of a verdict."""
    run_id, _, attempt = run.partition(".")
    server_url = changes.pop("server_url", "https://github.example")
    context = GitHubContext(
        "pull_request", "octo/shop", "c" * 40, "refs/pull/1/merge", int(run_id), int(attempt), "carbon", server_url
    )
    problem = "" if verdict else "the tests left no report."
    fields = {"problem": problem, "pull_number": 1, "head_sha": SHA, **changes}
    return Publication(context=context, verdict=verdict, **fields)


def _ignore(_: object) -> None:
    pass


@dataclass(frozen=True)
class Bench:
    """A repository with one open pull request, and a client with a token of a workflow."""

    hub: Any
    repo: Any
    number: int
    head_sha: str

    def client(self, rights: Mapping[str, str] = RIGHTS, login: str = US) -> Client:
        """Return a client that never waits."""
        return Client(self.hub.api_url, self.hub.token(dict(rights), login=login), log=_ignore, pause=_ignore)

    def publication(self, verdict: Verdict | None = FINE, run: str = "100.1", **changes: Any) -> Publication:
        """Return what a run publishes of the pull request's head."""
        fields = {
            "pull_number": self.number,
            "head_sha": self.head_sha,
            "server_url": self.hub.server_url,
            **changes,
        }
        return make_publication(verdict, run, **fields)

    def add_runs(self, *numbers: int, **facts: Any) -> None:
        """Let GitHub have runs of these numbers, of the pull request's head; each goes on in its second attempt."""
        for number in numbers:
            made = self.repo.workflow_run(head_sha=self.head_sha, head_branch="topic", attempt=2, conclusion=None)
            self.repo.runs[number] = {**self.repo.runs.pop(made), "id": number, **facts}

    def bodies(self) -> list[str]:
        """Return the texts of the pull request's comments."""
        return [comment["body"] for comment in self.repo.comments(self.number)]

    def posted_statuses(self) -> list[tuple[str, str]]:
        """Return state and run of the head's statuses, the oldest first."""
        return [
            (status["state"], ".".join(status["target_url"].split("/")[-3::2]))
            for status in self.repo.statuses
            if status["context"] == "carbon/budget"
        ]

    def count_requests(self, method: str, part: str) -> int:
        """Return how many requests had this method and this part of a path."""
        return sum(request.method == method and part in request.path for request in self.hub.requests)
