"""Measuring base and head in turns: what is refused before anything runs, and the command that runs by default."""

from __future__ import annotations

import argparse
import math
from typing import Any

import pytest

from pytest_carbon.cli.shared.measure_in_turns import add_measuring_options, measure_in_turns
from pytest_carbon.cli.shared.options import load_project_config
from pytest_carbon.core.errors import CarbonError, ConfigError


def _arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_measuring_options(parser)
    return parser.parse_args(words)


def _measure(arguments: argparse.Namespace, head: str | None = None) -> None:
    measure_in_turns(arguments, load_project_config(), head, head, lambda _: "enough")


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("cap", [0.0, -1.0, math.nan, math.inf])
def test_a_cap_must_be_a_positive_number_of_seconds(cap: float) -> None:
    """The mistake is named before git is asked for anything."""
    with pytest.raises(ConfigError, match=f"--cap is {cap:g}; it must be a number of seconds, more than 0"):
        _measure(_arguments(f"--cap={cap}"))


@pytest.mark.usefixtures("project")
def test_base_and_head_need_a_repository() -> None:
    """Outside of git there are no commits."""
    with pytest.raises(ConfigError, match="is in no git repository, or git is not installed"):
        _measure(_arguments())


def test_an_unknown_commit_is_refused(project: Any) -> None:
    """The commits are looked up before anything is measured."""
    project.repository()
    with pytest.raises(CarbonError, match="there is no commit 'nowhere'"):
        _measure(_arguments(), "nowhere")


def test_a_verb_without_two_dashes_has_no_command() -> None:
    """An empty command stands for pytest."""
    assert _arguments().command == []
