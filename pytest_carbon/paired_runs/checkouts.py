"""Makes the two sides of a comparison ready to run: for each a checkout, an environment and a command."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pytest_carbon.core.records.paired_runs import WORKING_TREE
from pytest_carbon.files.write_safely import write_whole
from pytest_carbon.git import worktree
from pytest_carbon.git.run_git import REPOSITORY_VARIABLES
from pytest_carbon.git.worktree import LocalFiles
from pytest_carbon.paired_runs import import_origins, run_command
from pytest_carbon.paired_runs.kept_files import keep_files
from pytest_carbon.paired_runs.run_command import MeasureError
from pytest_carbon.paired_runs.tree_guard import Source, read_source, source_paths
from pytest_carbon.processes.watch import CountedOutside

SideName = Literal["base", "head"]
Say = Callable[[str], None]
_PLUGIN = "pytest_carbon.paired_runs.pytest_selection"
_SHARING = frozenset(("PYTHONPYCACHEPREFIX",))
_APART = {"UV_LINK_MODE": "copy"}
"""Variables that would let both sides write to the same files, and those that let them not."""


@dataclass(frozen=True, slots=True)
class PairsPlan:
    """What to measure, and how often.

    ``repository`` is the top of the user's checkout, ``folder`` the project's folder in it. A commit of None is the
    working tree. Without ``nodeids``, all tests that ``command`` runs are measured. ``limit_s`` limits the wall time
    of all pairs. ``setup`` is a command that makes a side's environment; it runs in the project's folder of each side.
    """

    repository: Path
    base: str | None
    head: str | None
    command: tuple[str, ...]
    nodeids: tuple[str, ...] = ()
    min_pairs: int = 2
    max_pairs: int = 7
    limit_s: float | None = None
    setup: tuple[str, ...] = ()
    folder: str = "."


@dataclass(frozen=True, slots=True)
class CheckedOutSide:
    """One side, ready to run.

    ``commit`` is its full hash, or ``"working tree"``. ``packages`` must be imported from ``tree``. ``work`` is a
    folder for reports and outputs; ``gaps`` are sentences about files that the tree lacks. ``source`` are the files as
    they were when this side was ready, before the other side ran anything; ``kept`` holds copies of them.
    """

    name: SideName
    commit: str
    tree: Path
    cwd: Path
    command: tuple[str, ...]
    environment: Mapping[str, str]
    packages: tuple[str, ...]
    work: Path
    gaps: tuple[str, ...]
    source: Source
    kept: Path

    def run_pytest(
        self,
        step: str,
        request: Mapping[str, Any],
        options: Sequence[str],
        variables: Mapping[str, str],
        limit_s: float | None,
        left: Callable[[CountedOutside], object] = lambda _: None,
    ) -> tuple[int | None, Path]:
        """Run the command with more options and variables; return its exit code and the file with its output.

        The exit code is None if the command took longer than ``limit_s``. ``step`` names the files in ``work``;
        ``request`` is for pytest_selection.
        """
        request_file, log = self.work / f"{step}.json", self.work / f"{step}.log"
        write_whole(request_file, json.dumps(request).encode(), self.work)
        selection = ["-p", _PLUGIN, f"--carbon-side={request_file}"]
        with tempfile.TemporaryDirectory(prefix="t", dir=self.work.parent, ignore_cleanup_errors=True) as temporary:
            own = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), temporary)  # what one run leaves there, no other run finds
            environment = {**self.environment, **own, **variables}
            command = [*self.command, *selection, *options]
            return run_command.run(command, self.cwd, environment, log, limit_s, left), log


@contextmanager
def check_out_sides(plan: PairsPlan, say: Say) -> Iterator[tuple[CheckedOutSide, CheckedOutSide]]:
    """Check out base and head into a temporary folder and make them ready; remove everything at the end."""
    local = worktree.local_files(plan.repository)
    with ExitStack() as stack:
        temporary = tempfile.TemporaryDirectory(prefix="pytest-carbon-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(temporary)).resolve()
        base = stack.enter_context(_check_out_side("base", plan.base, plan, local, folder, say))
        head = stack.enter_context(_check_out_side("head", plan.head, plan, local, folder, say))
        yield base, head


@contextmanager
def _check_out_side(
    name: SideName, commit: str | None, plan: PairsPlan, local: LocalFiles, folder: Path, say: Say
) -> Iterator[CheckedOutSide]:
    full_hash = worktree.resolve_commit(plan.repository, commit or "HEAD")
    changed = local.changed if commit is None else ()
    shown_commit = WORKING_TREE if changed else full_hash
    say(f"checking out {name} ({shown_commit[:12]})")
    with worktree.checkout(plan.repository, full_hash, folder / name) as tree:
        worktree.copy_changes(changed, plan.repository, tree)
        gaps = worktree.missing_parts(tree)
        if not plan.setup:
            gaps += worktree.copy_generated(local.ignored, plan.repository, tree)
        paths = source_paths(tree)
        work = folder / f"runs-{name}"
        work.mkdir()
        cwd = tree / plan.folder
        if not cwd.is_dir():
            raise MeasureError(
                f"{name} ({shown_commit[:12]}) has no folder {plan.folder}; run the command where both sides have "
                "one, or name another commit"
            )
        left_out = REPOSITORY_VARIABLES | _SHARING
        environment = {key: value for key, value in os.environ.items() if key not in left_out} | _APART
        if plan.setup:
            say(f"setting up {name}: {' '.join(plan.setup)}")
            _set_up(plan.setup, name, cwd, environment, work / "setup.log")
        roots = import_origins.import_roots(plan.repository)
        kept = folder / f"kept-{name}"
        keep_files(tree, filter(os.path.lexists, paths), kept)
        path = [*import_origins.existing_roots(tree, roots), *filter(None, [environment.get("PYTHONPATH")])]
        yield CheckedOutSide(
            name=name,
            commit=shown_commit,
            tree=tree,
            cwd=cwd,
            command=(_program(plan, cwd), *plan.command[1:]),
            environment={**environment, "PYTHONPATH": os.pathsep.join(path)},
            packages=tuple(import_origins.product_packages(tree, plan.folder, roots)),
            work=work,
            gaps=tuple(gaps),
            source=read_source(tree, paths),
            kept=kept,
        )


def _set_up(command: Sequence[str], name: SideName, cwd: Path, environment: Mapping[str, str], log: Path) -> None:
    code = run_command.run(command, cwd, environment, log)
    if code != 0:
        raise MeasureError(
            f"[confirm] setup ({' '.join(command)}) failed with {code} on {name}, so that nothing can be compared; "
            f"its last lines:\n{run_command.last_lines(log)}"
        )


def _program(plan: PairsPlan, cwd: Path) -> str:
    """Return the program to run. A relative path means the side's own file if that exists, else the user's."""
    program = plan.command[0]
    if os.sep not in program or (cwd / program).exists():
        return program
    return str(plan.repository / plan.folder / program)
