"""What was seen of a project, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Forge = Literal["GitHub", "GitLab", ""]
"""Where pull requests are made; empty if that is not known, or somewhere else."""


@dataclass(frozen=True, slots=True)
class MeasuredRun:
    """A run of the whole suite: for each file of tests its reference energy (J) and its number of tests.

    ``features`` are the features that markers name, with the same two figures for the tests that name them.
    ``started`` is ISO 8601 in UTC.
    """

    started: str
    files: Mapping[str, tuple[float, int]]
    features: Mapping[str, tuple[float, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """What was seen of a project. Paths are relative to its folder, with ``/``.

    ``folder`` is where the project lies below the top of its repository, empty at the top. ``test_paths`` and
    ``test_names`` are pytest's settings ``testpaths`` and ``python_files``. ``code_owners`` is the text of CODEOWNERS,
    whose paths begin at the top of the repository. ``install`` are the words behind ``pip install`` that install the
    project with what its tests need. ``unmeasured`` says why there are no figures, if ``measured`` is None.
    ``workflows`` maps the files of the forge's CI to their texts.
    """

    name: str
    files: tuple[str, ...]
    folder: str = ""
    test_paths: tuple[str, ...] = ()
    test_names: tuple[str, ...] = ()
    forge: Forge = ""
    default_branch: str = "main"
    code_owners: str = ""
    install: tuple[str, ...] = ("--editable", ".")
    measured: MeasuredRun | None = None
    unmeasured: str = ""
    workflows: Mapping[str, str] = field(default_factory=dict)
