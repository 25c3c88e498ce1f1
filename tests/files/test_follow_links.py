"""Tests of links: which are followed, and which lead out of the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_carbon.files.follow_links import UnfitFileError, follow_links, project_top, refuse_outside


@pytest.fixture
def places(tmp_path: Path) -> Path:
    """A checkout with two folders, and a folder beside it."""
    for name in ("repo/.git", "repo/app", "repo/docs", "outside"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def test_the_top_is_the_checkout_or_the_folder(places: Path) -> None:
    """A policy may lie in a folder of the checkout; a link in it may then lead to any place of the checkout."""
    assert project_top(places / "repo" / "app") == places / "repo"
    assert project_top(places / "outside") == places / "outside"


def test_a_link_inside_the_project_is_followed(places: Path) -> None:
    """A link to a neighbour folder is honest."""
    (places / "repo/app/out").symlink_to("../docs")
    assert follow_links(places / "repo/app/out/x.json", places / "repo/app") == places / "repo/docs/x.json"


@pytest.mark.parametrize(
    ("link", "target", "path"),
    [
        ("repo/app/out", "../../outside", "repo/app/out/x.json"),
        ("repo/app/out", "{}/outside", "repo/app/out/x.json"),
        ("repo/app/out", "../../outside", "repo/docs/../app/out"),
        ("repo/app/out", "../../missing", "repo/app/out"),
        ("repo/app/out", "..", "repo/app/out/app/leave"),
    ],
)
def test_a_link_out_of_the_project_is_refused(places: Path, link: str, target: str, path: str) -> None:
    """Whether it is the file or a folder above it, relative or not, and with or without a target."""
    (places / link).symlink_to(target.format(places))
    (places / "repo/app/leave").symlink_to("/etc")
    with pytest.raises(UnfitFileError, match=r"is a link that leaves the project, to /"):
        follow_links(places / path, places / "repo")


def test_a_link_of_the_user_outside_of_the_project_is_followed(places: Path) -> None:
    """A home folder may be a link; a user who names a place outside of the project means it."""
    (places / "home").symlink_to("repo")
    assert follow_links(places / "home/app/x", places / "home") == places / "repo/app/x"
    (places / "latest").symlink_to("outside")
    assert follow_links(places / "latest/x", places / "repo") == places / "outside/x"


def test_only_a_user_names_a_place_outside(places: Path) -> None:
    """A path of a policy stays in the checkout."""
    refuse_outside(places / "repo/app/../docs/x.json", places / "repo/app")
    with pytest.raises(UnfitFileError, match="lies outside of the project"):
        refuse_outside(places / "repo/../outside/x.json", places / "repo/app")
