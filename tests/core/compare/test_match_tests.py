"""The matching of the tests of two runs: same, changed, renamed, new, gone or left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.compare.match_tests import Matching, match_tests
from pytest_carbon.core.records.kept_command import hide_selection, selection_of
from pytest_carbon.core.records.run_measurements import MeasuredTest, RunMeasurements, function_of, parameters_of

LAW = settings(max_examples=200, deadline=None)
ONE = MeasuredTest(1.0, 1.0)


def _run(tests: Sequence[str], code: Mapping[str, str] | None = None, selection: Sequence[str] = ()) -> RunMeasurements:
    return RunMeasurements(
        "run", None, "main", "2026-06-01T10:00:00Z", {}, 1.0, dict.fromkeys(tests, ONE), code or {}, {},
        tuple(selection),
    )  # fmt: skip


def _match(head: Mapping[str, str | None], base: Mapping[str, str | None]) -> Matching:
    """Match tests given with the code of their function, None where that is not known."""

    def run(tests: Mapping[str, str | None]) -> RunMeasurements:
        return _run(list(tests), {function_of(nodeid): code for nodeid, code in tests.items() if code is not None})

    return match_tests(run(head), run(base))


@pytest.mark.parametrize(
    ("base", "head", "matching"),
    [
        pytest.param({"a": "1"}, {"a": "1"}, Matching({"a": "a"}), id="the same"),
        pytest.param({"a": "1"}, {"a": "2"}, Matching(changed=frozenset("a")), id="other code"),
        pytest.param({"a": None}, {"a": "1"}, Matching({"a": "a"}), id="code not known before"),
        pytest.param({"a": "1"}, {"a": None}, Matching({"a": "a"}), id="code not known now"),
        pytest.param({"a": "1"}, {"b": "1"}, Matching(renamed={"b": "a"}), id="another name"),
        pytest.param({"t.py::a": "1"}, {"u.py::K::a": "1"}, Matching(renamed={"u.py::K::a": "t.py::a"}), id="moved"),
        pytest.param({"a": "1"}, {"b": "2"}, Matching(new=frozenset("b"), gone=frozenset("a")), id="another test"),
        pytest.param({"a": None}, {"b": None}, Matching(new=frozenset("b"), gone=frozenset("a")), id="no code known"),
        pytest.param({"a": "1"}, {"a": "1", "b": "1"}, Matching({"a": "a"}, new=frozenset("b")), id="a copy"),
        pytest.param({"a": "1", "b": "2"}, {"a": "2", "b": "1"}, Matching(changed=frozenset("ab")), id="swapped names"),
        pytest.param({"a": "1"}, {"b": "1", "c": "1"}, Matching(new=frozenset("bc"), gone=frozenset("a")),
                     id="twins now"),
        pytest.param({"a": "1", "b": "1"}, {"c": "1"}, Matching(new=frozenset("c"), gone=frozenset("ab")),
                     id="twins before"),
        pytest.param({"a": "1", "b": "1"}, {"a": "1", "c": "1"}, Matching({"a": "a"}, {"c": "b"}),
                     id="one of twins renamed"),
        pytest.param({"a[1]": "1", "a[2]": "1"}, {"b[1]": "1", "b[2]": "1"},
                     Matching(renamed={"b[1]": "a[1]", "b[2]": "a[2]"}), id="parametrised and renamed"),
        pytest.param({"a[1]": "1", "a[2]": "1"}, {"b[1]": "1", "b[3]": "1"},
                     Matching(renamed={"b[1]": "a[1]", "b[3]": "a[2]"}), id="renamed with other parameters"),
        pytest.param({"a[1]": "1", "a[2]": "1"}, {"b[3]": "1"},
                     Matching(new=frozenset({"b[3]"}), gone=frozenset({"a[1]", "a[2]"})),
                     id="renamed with fewer parameters"),
        pytest.param({"t.py::a": "1", "t.py::b": "1"}, {"u.py::a": "1", "u.py::b": "1"},
                     Matching(renamed={"u.py::a": "t.py::a", "u.py::b": "t.py::b"}), id="twins in a moved file"),
        pytest.param({"t.py::A::a": "1", "t.py::A::b": "1"}, {"t.py::B::a": "1", "t.py::B::b": "1"},
                     Matching(renamed={"t.py::B::a": "t.py::A::a", "t.py::B::b": "t.py::A::b"}),
                     id="twins in a renamed class"),
        pytest.param({"t.py::A::a": "1", "t.py::B::a": "1"}, {"u.py::A::a": "1", "u.py::B::a": "1"},
                     Matching(renamed={"u.py::A::a": "t.py::A::a", "u.py::B::a": "t.py::B::a"}),
                     id="classes with a common test in a moved file"),
        pytest.param({"t.py::A::a": "1", "t.py::B::a": "1"}, {"t.py::C::a": "1", "t.py::D::a": "1"},
                     Matching(new=frozenset({"t.py::C::a", "t.py::D::a"}),
                              gone=frozenset({"t.py::A::a", "t.py::B::a"})), id="twins that nothing tells apart"),
        pytest.param({"a": "1"}, {"a[1]": "1", "a[2]": "1"},
                     Matching(new=frozenset({"a[1]", "a[2]"}), gone=frozenset("a")), id="parametrised since"),
        pytest.param({"a[x]": "1", "a[y]": "1"}, {"a[x-1]": "1", "a[y-1]": "1"},
                     Matching(renamed={"a[x-1]": "a[x]", "a[y-1]": "a[y]"}), id="one parameter more"),
        pytest.param({"a[1]": None, "a[2]": None}, {"a[1.0]": None, "a[2.0]": None},
                     Matching(renamed={"a[1.0]": "a[1]", "a[2.0]": "a[2]"}), id="other parameters, no code known"),
        pytest.param({"a[1]": "1", "a[2]": "1"}, {"a[2]": "1", "a[3]": "1"},
                     Matching({"a[2]": "a[2]"}, {"a[3]": "a[1]"}), id="one parameter replaced"),
        pytest.param({"a[1]": "1", "a[2]": "1"}, {"a[3]": "1"},
                     Matching(new=frozenset({"a[3]"}), gone=frozenset({"a[1]", "a[2]"})), id="fewer parameters"),
        pytest.param({"a[1]": "1"}, {"a[2]": "2"}, Matching(new=frozenset({"a[2]"}), gone=frozenset({"a[1]"})),
                     id="other parameters and other code"),
        pytest.param({}, {}, Matching(), id="nothing ran"),
        pytest.param({}, {"a": "1"}, Matching(new=frozenset("a")), id="nothing ran before"),
    ],
)  # fmt: skip
def test_matching_on_known_cases(
    base: Mapping[str, str | None], head: Mapping[str, str | None], matching: Matching
) -> None:
    """A test is matched by its name, then by its code, then by its place among the parameters."""
    result = _match(head, base)
    assert result == matching
    assert result.comparable == {**matching.same, **matching.renamed}


@pytest.mark.parametrize("head", [["a[x1]", "a[x2]", "a[x10]"], ["a[x10]", "a[x2]", "a[x1]"]])
def test_parameters_are_matched_by_their_ids(head: list[str]) -> None:
    """Parameters match in the natural order of their ids, 10 after 2, in whatever order they ran."""
    result = match_tests(_run(head), _run(["a[2]", "a[10]", "a[1]"]))
    assert result.renamed == {"a[x1]": "a[1]", "a[x2]": "a[2]", "a[x10]": "a[10]"}


@pytest.mark.parametrize(("selection", "gone"), [((), "b"), (("t.py",), ""), (("-k", "a"), ""), (("-ka",), "")])
def test_test_outside_the_selection_is_not_gone(selection: Sequence[str], gone: str) -> None:
    """A run of a part of the suite says nothing about the other tests: they have no kind at all."""
    head = _run(["a"], selection=selection_of(["pytest", *selection]))
    result = match_tests(head, _run(["a", "b"]))
    assert result == Matching({"a": "a"}, gone=frozenset(gone))


@pytest.mark.parametrize(
    ("command", "selection"),
    [
        (["pytest", "--carbon"], ()),
        (["pytest", "--carbon", "-q", "tests"], ("tests",)),
        (["pytest", "--carbon-zone", "DE", "-m", "not slow"], ("-m", "not slow")),
        (["pytest", "--deselect=t.py::a", "-x", "--lf"], ("--deselect=t.py::a", "--lf")),
        ([], ()),
    ],
)
def test_selection_on_known_commands(command: list[str], selection: tuple[str, ...]) -> None:
    """Arguments that choose tests are the selection; arguments that say how to run them are not."""
    assert selection_of(command) == hide_selection(selection)


def test_brackets_of_a_folder_are_no_parameters() -> None:
    """Brackets in the name of a folder are not taken for parameters."""
    nodeid = "tests[1]/test_x.py::test_a[2-[x]]"
    assert (function_of(nodeid), parameters_of(nodeid)) == ("tests[1]/test_x.py::test_a", "[2-[x]]")


NODEIDS = st.builds(
    lambda function, parameter: f"t.py::{function}{parameter}",
    st.sampled_from("abcd"),
    st.sampled_from(["", "[1]", "[2]", "[3]", "[x]"]),
)
RUNS = st.builds(
    lambda tests, codes, selection: _run(
        tests, {f"t.py::{f}": code for f, code in zip("abcd", codes, strict=True) if code}, selection
    ),
    st.lists(NODEIDS, unique=True, max_size=8),
    st.lists(st.sampled_from(["", "X", "Y", "Z"]), min_size=4, max_size=4),
    st.sampled_from([(), ("t.py",)]),
)


@LAW
@given(RUNS, RUNS)
def test_every_test_has_one_kind(head: RunMeasurements, base: RunMeasurements) -> None:
    """Every test of the head has one kind, and so has every test of the base unless the head did not select it."""
    result = match_tests(head, base)
    ours = [*result.same, *result.renamed, *result.changed, *result.new]
    base_tests = [*result.same.values(), *result.renamed.values(), *result.changed, *result.gone]
    left_out = base.tests.keys() - base_tests
    assert sorted(ours) == sorted(head.tests)
    assert sorted([*base_tests, *left_out]) == sorted(base.tests)
    assert not left_out or (head.selection != base.selection and not result.gone)
    for now, was in result.comparable.items():
        codes = {run.code.get(function_of(n)) for run, n in ((head, now), (base, was))} - {None}
        assert len(codes) <= 1, "matched tests do not run code that is known to differ"


@LAW
@given(RUNS, RUNS, st.randoms(use_true_random=False))
def test_order_of_tests_does_not_matter(head: RunMeasurements, base: RunMeasurements, chance: Random) -> None:
    """Tests match the same in any order."""

    def mixed(run: RunMeasurements) -> RunMeasurements:
        return _run(chance.sample(list(run.tests), len(run.tests)), run.code, run.selection)

    assert match_tests(mixed(head), mixed(base)) == match_tests(head, base)


@LAW
@given(RUNS)
def test_run_matches_itself(run: RunMeasurements) -> None:
    """Every test of a run is the same as itself."""
    assert match_tests(run, run) == Matching({nodeid: nodeid for nodeid in run.tests})
