"""``carbon-devices``: the support that a change drops, and the devices and systems that this strands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pytest_carbon.cli.shared import options
from pytest_carbon.config.load import Config, default_branch
from pytest_carbon.core.local_hooks.hook_result import HookResult
from pytest_carbon.git import run_git
from pytest_carbon.git.refusal import why_git_refuses


def run_hook(files: Sequence[str], environment: Mapping[str, str], now: datetime) -> HookResult:  # noqa: ARG001 - as every hook
    """Check the pushed commits, or else how the working tree differs from where its branch began.

    Outside a repository, before its first commit, and if no file changed that declares support, nothing is dropped.
    """
    config = options.load_project_config()
    begun, ends = environment.get("PRE_COMMIT_FROM_REF"), environment.get("PRE_COMMIT_TO_REF")
    changed = _changed_files(config, begun, ends) if begun and ends else None
    if begun is None or ends is None or changed is None:
        begun = ends = None
        unchanged = run_git.find_commit("HEAD", config.root) is None
    else:
        unchanged = not _declares_support(changed)
    if unchanged:
        return HookResult(notes=tuple(filter(None, [why_git_refuses(config.root)])))
    from pytest_carbon.core.devices import dropped_support_lines as devices_view
    from pytest_carbon.usecases.judge_devices import judge_devices

    warnings: list[str] = []
    notes: list[str] = []
    verdict = judge_devices(config, now, _push_base(config, begun, ends) if begun and ends else None, ends)
    if verdict.inconclusive_reason:
        notes.append(devices_view.inconclusive_text(verdict))
    for line in devices_view.format_drops(verdict):
        lines = warnings if line.state in ("warn", "fail") else notes
        if line.state != "pass":
            lines += [f"this change drops {line.dropped} ({line.settings}): {line.strands}. {line.reason}"]
            lines += [f"    {text}" for text in line.remedies]
    return HookResult(tuple(warnings), tuple(notes))


def _push_base(config: Config, begun: str, ends: str) -> str:
    """Return the base of a push: where it began, or the default branch if the push contains newer commits of it."""
    default = run_git.find_commit(f"refs/remotes/{config.ledger.remote}/{default_branch(config)}", config.root)
    fork_point = default and run_git.try_text(["merge-base"], config.root, names=[default, ends])
    newer = fork_point and run_git.try_text(["rev-list", "-n1"], config.root, names=[fork_point, f"^{begun}"])
    return fork_point if fork_point and newer else begun


def _changed_files(config: Config, begun: str, ends: str) -> list[str] | None:
    """Return the files in which two commits differ; None if one of the commits is missing here."""
    try:
        return (
            run_git.run(
                ["diff", "--name-only", "--no-renames", "--no-ext-diff", "-z"], config.root, names=[begun, ends]
            )
            .decode("utf-8", "replace")
            .split("\0")
        )
    except run_git.GitError:
        return None


def _declares_support(paths: Sequence[str]) -> bool:
    from pytest_carbon.declared.read_project import may_declare

    return any(may_declare(path) for path in paths)
