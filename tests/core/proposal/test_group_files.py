"""Which folders of tests are parts of a product."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.proposal.group_files import MOST_GROUPS, group_files, name_of_folder


def _files(**folders: int) -> list[str]:
    """Return so many files of tests in each folder; ``__`` stands for a slash."""
    return [
        f"{folder.replace('__', '/')}/test_{number}.py" for folder, count in folders.items() for number in range(count)
    ]


CASES = {
    "a folder each": (
        _files(tests__checkout=1, tests__search=1, tests__catalogue=1),
        {"catalogue": ("tests/catalogue",), "checkout": ("tests/checkout",), "search": ("tests/search",)},
    ),
    "flat": (_files(tests=60), {}),
    "flat with one folder": (_files(tests=14, tests__client=10), {"client": ("tests/client",)}),
    "kinds hold the same parts": (
        _files(tests__unit__pay=3, tests__integration__pay=2, tests__unit__ship=4),
        {"pay": ("tests/integration/pay", "tests/unit/pay"), "ship": ("tests/unit/ship",)},
    ),
    "kinds alone": (
        _files(tests__unit=6, tests__integration=3),
        {"integration": ("tests/integration",), "unit": ("tests/unit",)},
    ),
    "in the package, beside the code": (
        _files(shop__pay__tests=3, shop__ship__tests=3, shop__tests=2),
        {"pay": ("shop/pay",), "ship": ("shop/ship",)},
    ),
    "in the package, apart": (
        _files(pandas__tests__frame=9, pandas__tests__io=8, pandas__tests=4),
        {"frame": ("pandas/tests/frame",), "io": ("pandas/tests/io",)},
    ),
    "src": (
        _files(src__shop__pay__tests=3, src__shop__ship__test=3),
        {"pay": ("src/shop/pay",), "ship": ("src/shop/ship",)},
    ),
    "a monorepo": (
        _files(packages__a__tests=5, packages__b__tests=5, packages__b__tests__unit=1),
        {"a": ("packages/a",), "b": ("packages/b",)},
    ),
    "tiny folders are the rest": (
        _files(tests=30, tests__one=1, tests__two=1, tests__large=20),
        {"large": ("tests/large",)},
    ),
    "a large folder is its parts": (
        _files(tests__core__models=20, tests__core__views=20, tests__core=6, tests__api=5),
        {
            "api": ("tests/api",),
            "core": ("tests/core",),
            "models": ("tests/core/models",),
            "views": ("tests/core/views",),
        },
    ),
    "names around tests": (
        _files(tests__test_pay_flow=3, tests__ship_tests=3),
        {"pay-flow": ("tests/test_pay_flow",), "ship": ("tests/ship_tests",)},
    ),
    "no tests": ([], {}),
    "at the top": (["test_a.py", "test_b.py"], {}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_groups_of_a_layout(name: str) -> None:
    """Folders that mean something are groups, folders that only hold tests are not."""
    files, groups = CASES[name]
    found = group_files(files)
    assert {group.name: group.folders for group in reversed(found)} == groups
    assert [group.name for group in found] == sorted(group.name for group in found)


def test_one_name_in_two_places_is_two_groups() -> None:
    """The groups around them tell them apart."""
    files = _files(tests__web__forms=9, tests__web__pages=9, tests__api__forms=9, tests__api__pages=9)
    assert [(*group.around, group.name) for group in group_files(files)] == [
        ("api", "forms"), ("web", "forms"), ("api", "pages"), ("web", "pages"),
    ]  # fmt: skip


def test_sixty_folders_are_not_sixty_groups() -> None:
    """The largest are groups; what is too small, or too much, is the rest."""
    files = [f"tests/part_{n}/test_{m}.py" for n in range(12) for m in range(10 + n)]
    assert [group.folders for group in group_files(files)] == [(f"tests/part_{n}",) for n in (10, 11, 4, 5, 6, 7, 8, 9)]
    assert group_files([f"tests/part_{n}/test_a.py" for n in range(60)]) == []


def test_a_costly_folder_is_a_group_although_it_is_small() -> None:
    """What was measured counts beside the number of files."""
    files = [*_files(tests=40, tests__large=20), "tests/slow/test_all.py"]
    assert [group.name for group in group_files(files)] == ["large"]
    groups = group_files(files, {"tests/slow/test_all.py": 5.0, "tests/test_1.py": 20.0})
    assert [(group.name, group.share) for group in groups] == [("large", pytest.approx(20 / 61)), ("slow", 0.2)]


@pytest.mark.parametrize(
    ("folder", "name"),
    [("checkout", "checkout"), ("test_pay_flow", "pay-flow"), ("Forms_Tests", "forms"), ("tests", "tests"),
     ("_client", "client"), ("größe", "gr-sse"), ("日本", ""), ("test_", "test"), ("x" * 39 + "-y", "x" * 39)],
)  # fmt: skip
def test_name_of_a_folder(folder: str, name: str) -> None:
    """A name has small letters, digits and hyphens, so that it is a label and a key."""
    assert name_of_folder(folder) == name


PARTS = st.sampled_from(["tests", "unit", "src", "pay", "ship", "Pay", "a b", "io", "日本"])


@given(
    st.lists(st.lists(PARTS, max_size=4).map(lambda parts: "/".join([*parts, "test_x.py"])), unique=True, max_size=60)
)
def test_groups_are_few_and_apart(files: list[str]) -> None:
    """At most so many groups, each of folders that hold tests, and no folder is in two groups."""
    groups = group_files(files)
    folders = [folder for group in groups for folder in group.folders]
    assert len(groups) <= MOST_GROUPS
    assert len(folders) == len(set(folders))
    assert all(any(file.startswith(f"{folder}/") for file in files) for folder in folders)
