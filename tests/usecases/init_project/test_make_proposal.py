"""The proposal for a project on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_carbon.config.load import load_config
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.proposal.ci.workflow_files import BRANCHES, INSTALL
from pytest_carbon.core.proposal.project_facts import Forge, ProjectFacts
from pytest_carbon.usecases.init_project.make_proposal import (
    Proposal,
    make_proposal,
    policy_on_disk,
    wants_workflow,
    wants_zone,
    workflow_templates,
)

DOCS = Path(__file__).parents[3] / "docs" / "workflows" / "short"
FACTS = ProjectFacts("shop", ("tests/pay/test_a.py", "tests/ship/test_a.py"), unmeasured="no run was measured here")


def _propose(folder: Path, facts: ProjectFacts, zone: str | None = None, *, forks: bool = False) -> Proposal:
    config = load_config(folder, environment={})
    return make_proposal(config, facts, policy_on_disk(config), new_zone=zone, forks=forks)


@pytest.mark.parametrize(("forks", "folder"), [(False, "own-branches"), (True, "forks")])
def test_workflows_of_the_package_are_those_of_the_docs(forks: bool, folder: str) -> None:
    """The docs explain them; what init changes in them is there once."""
    templates = workflow_templates(forks=forks)
    assert templates == {path.name: path.read_text(encoding="utf-8") for path in (DOCS / folder).glob("*.yml")}
    assert templates["carbon.yml"].count(BRANCHES) == templates["carbon.yml"].count(INSTALL) == 1


@pytest.mark.parametrize(
    ("forge", "forks", "paths", "texts"),
    [
        ("GitHub", False, ["carbon.toml", ".github/workflows/carbon.yml", ".pre-commit-config.yaml"], ["labels"]),
        (
            "GitHub", True,
            [
                "carbon.toml", ".github/workflows/carbon.yml", ".github/workflows/carbon-publish.yml",
                ".pre-commit-config.yaml",
            ],
            ["labels"],
        ),
        ("GitLab", False, ["carbon.toml", ".pre-commit-config.yaml"], ["for GitLab,", "in the job", "labels"]),
        ("", False, ["carbon.toml", ".pre-commit-config.yaml"], ["for any other CI,", "in the job", "labels"]),
    ],
)  # fmt: skip
def test_files_and_texts_fit_the_forge(
    tmp_path: Path, forge: Forge, forks: bool, paths: list[str], texts: list[str]
) -> None:
    """A workflow is for GitHub alone; others get the lines, and nothing wrong is written."""
    proposal = _propose(tmp_path, replace(FACTS, forge=forge), forks=forks)
    assert sorted(file.path for file in proposal.files) == sorted(paths)
    assert len(proposal.texts) == len(texts)
    assert all(text.sentence.startswith(begin) for text, begin in zip(proposal.texts, texts, strict=True))
    assert wants_workflow(replace(FACTS, forge=forge)) == (forge == "GitHub")


def test_what_is_open_is_said() -> None:
    """See the next test for a policy that is there."""
    proposal = _propose(Path("/nowhere"), FACTS)
    assert proposal.open_points == (
        "the zone is still open: pytest-carbon init --zone ZONE fills it in",
        "no feature has a limit, because no run was measured here: pytest --carbon, then pytest-carbon init again",
    )


def test_the_second_time_there_is_nothing_new(tmp_path: Path) -> None:
    """What was written is taken for what it is; only what is missing is proposed."""
    facts = replace(FACTS, forge="GitHub")
    first = _propose(tmp_path, facts, "DE")
    for file in first.files:
        (tmp_path / file.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file.path).write_text(file.after, encoding="utf-8")
    workflow = next(file for file in first.files if file.path.endswith("carbon.yml"))
    facts = replace(facts, workflows={workflow.path: workflow.after})
    assert (_propose(tmp_path, facts).files, _propose(tmp_path, facts).texts) == ((), ())
    more = _propose(tmp_path, replace(facts, files=(*FACTS.files, "tests/new/test_a.py")))
    assert [file.path for file in more.files] == ["carbon.toml"]
    assert more.texts[0].lines == (
        "gh label create feature:new --description 'the feature new pays for the test runs'",
    )


def test_what_a_person_must_do_is_shown(tmp_path: Path) -> None:
    """Files that are there are not touched: pre-commit's settings, a workflow of our name, features in one line."""
    (tmp_path / ".pre-commit-config.yaml").write_text("repos: []\n", encoding="utf-8")
    (tmp_path / "carbon.toml").write_text('features = { pay = { paths = ["tests/pay/**"] } }\n', encoding="utf-8")
    facts = replace(FACTS, forge="GitHub", workflows={".github/workflows/carbon.yml": "name: coal\n"})
    proposal = _propose(tmp_path, facts, "DE")
    assert proposal.files == ()
    assert [text.sentence.partition(",")[0] for text in proposal.texts] == [
        "write this at the top of carbon.toml:",
        "nothing can be added behind carbon.toml without a change to what is there",
        "add this below repos: in .pre-commit-config.yaml",
        ".github/workflows/carbon.yml is there already and runs something else",
        "labels of pull requests",
    ]
    below = _propose(tmp_path, replace(FACTS, forge="GitHub", folder="web"))
    assert not any("workflows measure" in text.sentence for text in below.texts)
    (tmp_path / "carbon.toml").unlink()
    below = _propose(tmp_path, replace(FACTS, forge="GitHub", folder="web"))
    assert any("the workflows measure at the top of a repository" in text.sentence for text in below.texts)


def test_settings_of_pre_commit_that_cannot_be_read_are_there_all_the_same(tmp_path: Path) -> None:
    """Also a link that leads nowhere is not replaced."""
    (tmp_path / ".pre-commit-config.yaml").symlink_to("gone\x1b[31m")
    facts = replace(FACTS, forge="GitHub", workflows={".github/workflows/carbon.yml": ""})
    proposal = _propose(tmp_path, facts)
    said = [text.sentence for text in proposal.texts]
    assert any(text.startswith(".github/workflows/carbon.yml is there already and cannot be read") for text in said)
    link = next(text for text in said if text.startswith(".pre-commit-config.yaml is a link to gone"))
    assert link.endswith("is left alone; add this below repos: in .pre-commit-config.yaml, for warnings before a push:")
    assert "\x1b" not in link
    assert [file.path for file in proposal.files] == ["carbon.toml"]


def test_a_policy_in_pyproject_gets_its_tables(tmp_path: Path) -> None:
    """A zone belongs into its own table, which only a person can change."""
    (tmp_path / "pyproject.toml").write_text("[tool.pytest-carbon]\ntop = 3\n[tool.other]\nx = 1", encoding="utf-8")
    proposal = _propose(tmp_path, FACTS, "DE")
    assert proposal.files[0].path == "pyproject.toml"
    assert proposal.files[0].after.startswith(
        "[tool.pytest-carbon]\ntop = 3\n[tool.other]\nx = 1\n\n[tool.pytest-carbon.budget]"
    )
    assert "\n\n[tool.pytest-carbon.features.pay]  # 1 file of tests\n" in proposal.files[0].after
    assert proposal.texts[0].sentence == "write this into [tool.pytest-carbon] of pyproject.toml:"


def test_who_wants_a_zone(tmp_path: Path) -> None:
    """A new policy does, and one with the line that was left for it; others may live without one."""
    assert wants_zone(None)
    for text, wanted in (('# zone = "..."\n', True), ("top = 3\n", False)):
        (tmp_path / "carbon.toml").write_text(text, encoding="utf-8")
        assert wants_zone(policy_on_disk(load_config(tmp_path, environment={}))) is wanted


def test_a_policy_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """Nothing is proposed over it."""
    config = load_config(tmp_path, environment={})
    (tmp_path / "carbon.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="cannot be read"):
        policy_on_disk(config)
