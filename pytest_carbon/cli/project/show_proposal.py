"""Shows a proposal: what was seen, each file as a whole or as a difference, texts to copy, and the next steps."""

from __future__ import annotations

import difflib
import os
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from pytest_carbon.cli.shared import output
from pytest_carbon.core.proposal.ci.workflow_files import FOLDER
from pytest_carbon.core.proposal.find_test_files import find_test_files
from pytest_carbon.core.proposal.project_facts import ProjectFacts
from pytest_carbon.core.proposal.propose_files import ProposedFile
from pytest_carbon.core.quantities import format_amount
from pytest_carbon.core.verdict.wording import count_text
from pytest_carbon.usecases.init_project.make_proposal import Proposal, ShownText

_INDENT = "    "


def facts_line(facts: ProjectFacts) -> str:
    """Return one line on what was seen."""
    tests = find_test_files(facts.files, facts.test_paths, facts.test_names)
    seen = [f"{count_text(len(tests), 'file')} of tests", f"default branch {facts.default_branch}"]
    if facts.forge:
        seen.append(f"on {facts.forge}")
    if facts.measured:
        figures = [*facts.measured.files.values(), *facts.measured.features.values()]
        used = format_amount(sum(joules for joules, _ in figures), "reference")
        seen.append(f"{count_text(sum(number for _, number in figures), 'test')} measured with {used}")
    else:
        seen.append(facts.unmeasured)
    return f"{facts.name}: {', '.join(seen)}"


def show_file(file: ProposedFile, *, as_diff: bool) -> None:
    """Print a file that would be written; of a file that is there, only what is added."""
    output.print_line("")
    output.print_line(f"{file.path} ({'new' if file.before is None else 'added to what is there'}):")
    if file.before is None and not as_diff:
        _show_lines(file.after.splitlines())
        return
    names = "/dev/null" if file.before is None else f"a/{file.path}", f"b/{file.path}"
    before = (file.before or "").splitlines()
    _show_lines(difflib.unified_diff(before, file.after.splitlines(), *names, lineterm=""))


def show_text(text: ShownText) -> None:
    """Print what a person does by hand: the sentence, and the lines to copy."""
    output.print_line("")
    output.print_line(text.sentence)
    _show_lines(text.lines)


def show_next_steps(proposal: Proposal, written: Sequence[ProposedFile], top: Path, with_workflow: str = "") -> None:
    """Print what is still open, and what to do with the files that were written; that nothing is new, if so.

    ``with_workflow`` is the command that also writes the workflow, where nothing told which forge it is for.
    """
    output.print_line("")
    if not proposal.files:
        output.print_line("nothing new: what deserves a feature has one, and nothing is missing beside it")
    for point in proposal.open_points:
        output.print_line(point)
    if any(file.path.startswith(FOLDER) for file in written):
        output.print_line("in the workflow, see that install has all that your tests need")
    if with_workflow:
        output.print_line("next: if pull requests are made on GitHub, which no remote tells, write the workflow, too:")
        _show_lines([with_workflow])
    if written:
        output.print_line("next: merge this, because a pull request is judged by the policy of its base")
        paths = [os.path.relpath(top / file.path) for file in written]
        _show_lines([f"git add {shlex.join(paths)}", 'git commit -m "Carbon budgets"'])


def _show_lines(lines: Iterable[str]) -> None:
    for line in lines:
        output.print_line(f"{_INDENT}{line}" if line else "")
