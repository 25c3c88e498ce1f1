"""TeamCity names the branch of a build in a file, which another file names."""

from __future__ import annotations

from pathlib import Path

from pytest_carbon.config.load import Config
from pytest_carbon.meter.ci_variables.teamcity_properties import with_teamcity
from pytest_carbon.meter.fingerprint import branch_of_run


def _build(folder: Path, *parameters: str) -> dict[str, str]:
    parameters_file, build = folder / "all.properties", folder / "build.properties"
    parameters_file.write_text("#TeamCity build parameters\n" + "\n".join(parameters), encoding="latin-1")
    # a colon and a backslash of a path are escaped in such a file
    path = str(parameters_file).replace(":", r"\:")
    build.write_text(f"build.number=7\nteamcity.configuration.properties.file={path}\n", encoding="latin-1")
    return {"TEAMCITY_VERSION": "2025.07", "TEAMCITY_BUILD_PROPERTIES_FILE": str(build)}


def test_kind_14_the_branch_of_a_build(tmp_path: Path) -> None:
    """The branch is known without a step that makes a variable of it; a variable of the build wins."""
    variables = _build(tmp_path, r"teamcity.build.branch = topic\:s\u00f8k", "other=1")
    assert with_teamcity(variables)["TEAMCITY_BUILD_BRANCH"] == "topic:søk"
    assert branch_of_run(tmp_path, Config(tmp_path), variables) == "topic:søk"
    assert with_teamcity({**variables, "TEAMCITY_BUILD_BRANCH": "x"})["TEAMCITY_BUILD_BRANCH"] == "x"
    unnamed = _build(tmp_path, "teamcity.build.branch=<default>")
    assert branch_of_run(tmp_path, Config(tmp_path), unnamed) is None


def test_kind_14_a_pull_request_of_a_build(tmp_path: Path) -> None:
    """It is no run of its target, and none of the branch of that name."""
    target = "teamcity.pullRequest.target.branch=main"
    variables = _build(tmp_path, "teamcity.pullRequest.number=7", "teamcity.pullRequest.source.branch=main", target)
    assert branch_of_run(tmp_path, Config(tmp_path), variables) == "pull/7"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Nothing is known then, and nothing fails."""
    variables = {"TEAMCITY_BUILD_PROPERTIES_FILE": str(tmp_path / "none")}
    assert dict(with_teamcity(variables)) == variables
    assert with_teamcity({}) == {}
    (tmp_path / "none").write_text("teamcity.configuration.properties.file=/nowhere\n", encoding="latin-1")
    assert dict(with_teamcity(variables)) == variables
