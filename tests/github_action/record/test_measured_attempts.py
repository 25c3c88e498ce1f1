"""Which attempt measured a part: the times of uploads and attempts tell, without a call for the first attempt."""

from __future__ import annotations

from pathlib import Path

from github_action.record.measured_attempts import measured_attempts
from tests.github_action.fake import FakeGitHub
from tests.github_action.record.main_branch import MainBranch


def test_first_attempt_needs_no_call(hub: FakeGitHub, tmp_path: Path) -> None:
    """Nothing is asked in the first attempt."""
    judge = MainBranch(hub, tmp_path).judge_context("push", {})
    before = hub.api_calls
    assert measured_attempts(judge.client, judge.context) == {}
    assert hub.api_calls == before


def test_newest_upload_of_a_part_decides(hub: FakeGitHub, tmp_path: Path) -> None:
    """A part belongs to the last attempt that had begun before its newest upload; other artifacts are no parts."""
    main = MainBranch(hub, tmp_path)
    run_id = main.add_run({})
    main.repo.artifact(run_id, "carbon-report-a", b"")
    main.repo.artifact(run_id, "carbon-report-b.of2", b"")
    main.repo.run_again(run_id)
    main.repo.artifact(run_id, "carbon-report-b.of2", b"")
    main.repo.artifact(run_id, "coverage", b"")
    main.repo.run_again(run_id)
    judge = main.judge_context("push", {}, run_id=run_id, attempt=3)
    assert measured_attempts(judge.client, judge.context) == {"b": 2}
