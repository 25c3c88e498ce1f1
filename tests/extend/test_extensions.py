"""Extensions are called; a broken extension becomes a fault and ends nothing."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any

import pytest

from pytest_carbon.extend.extensions import Extensions, Fault, installed_extensions
from pytest_carbon.hookspecs import hookimpl
from tests.extend.packages import entry_point


def _unread(answer: Any) -> Any:
    return answer


class Zones:
    """A package that names zones, or raises."""

    def __init__(self, zones: list[str] | BaseException | None) -> None:
        self.zones = zones

    @hookimpl
    def carbon_grid_zones(self) -> list[str] | None:
        """Answer, or fail."""
        if isinstance(self.zones, BaseException):
            raise self.zones
        return self.zones


def test_every_package_is_asked_and_the_last_one_first() -> None:
    """Answers come with the package's name; None is no answer."""
    points = [entry_point("a", Zones(["x"])), entry_point("b", Zones(None)), entry_point("c", Zones(["y"]))]
    assert list(Extensions(points).call("carbon_grid_zones", _unread)) == [("c", ["y"]), ("a", ["x"])]


@pytest.mark.parametrize("error", [RuntimeError("on\nfire"), ImportError("no module"), SystemExit(3)])
def test_a_package_that_cannot_be_imported_is_a_fault(error: BaseException) -> None:
    """The other packages are used; the fault has the error on one line."""
    extensions = Extensions([entry_point("broken", error), entry_point("good", Zones(["x"]))])
    assert [answer for _, answer in extensions.call("carbon_grid_zones", _unread)] == [["x"]]
    text = f"{type(error).__name__}: {error}".replace("\n", " ")
    assert extensions.faults == (Fault("broken", "imported", text),)


@pytest.mark.parametrize("error", [RuntimeError("on fire"), SystemExit(1)])
def test_a_package_that_raises_is_named_once(error: BaseException) -> None:
    """Asked twice, the package fails twice and is named once."""
    extensions = Extensions([entry_point("broken", Zones(error)), entry_point("good", Zones(["x"]))])
    for _ in range(2):
        assert list(extensions.call("carbon_grid_zones", _unread)) == [("good", ["x"])]
    (fault,) = extensions.faults
    assert str(fault) == (
        f"the extension broken failed when it was asked for carbon_grid_zones ({type(error).__name__}: {error}); "
        "its answer was not used; update or uninstall it"
    )


def test_ctrl_c_is_not_caught() -> None:
    """Ctrl-C ends the run, also while an extension works."""
    with pytest.raises(KeyboardInterrupt):
        list(Extensions([entry_point("slow", Zones(KeyboardInterrupt()))]).call("carbon_grid_zones", _unread))


class WrongArguments:
    """A package whose hook asks for an argument that there is not."""

    @hookimpl
    def carbon_grid_factor(self, zone: str, hour: int) -> None:
        """Never called."""


class NoHook:
    """A package that marks a function with a name that is no hook: it may be of a newer release."""

    @hookimpl
    def carbon_grid_weather(self) -> None:
        """Never called."""


def test_a_hook_of_another_shape_is_a_fault() -> None:
    """pluggy refuses the package, and the run goes on."""
    extensions = Extensions([entry_point("wrong", WrongArguments())])
    assert list(extensions.call("carbon_grid_factor", _unread, zone="DE")) == []
    (fault,) = extensions.faults
    assert (fault.package, fault.doing) == ("wrong", "imported")
    assert "hour" in fault.error


def test_a_hook_that_this_release_does_not_have_is_passed_over() -> None:
    """A package made for a newer release works as far as this release goes."""
    extensions = Extensions([entry_point("newer", NoHook())])
    assert list(extensions.call("carbon_grid_factor", _unread, zone="DE")) == []
    assert extensions.faults == ()


def test_two_packages_of_one_name() -> None:
    """The second of two packages with the same name is a fault, not the end of the run."""
    extensions = Extensions([entry_point("same", Zones(["x"])), entry_point("same", Zones(["y"]))])
    assert [answer for _, answer in extensions.call("carbon_grid_zones", _unread)] == [["x"]]
    assert [fault.package for fault in extensions.faults] == ["same"]


def test_hostile_text_reaches_no_terminal() -> None:
    """Control characters in a package's error are shown, not obeyed."""
    extensions = Extensions([entry_point("\x1b[2J", ValueError("\x1b]0;title\x07"))])
    assert "\x1b" not in str(extensions.faults[0])


def test_installed_extensions_are_looked_up_once() -> None:
    """The search reads the metadata of every installed package, and is made once per process."""
    assert installed_extensions() is installed_extensions()


def _real(value: str) -> EntryPoint:
    return EntryPoint(name="real", value=value, group="pytest_carbon")


@pytest.mark.parametrize(("value", "faults"), [("tests.extend.packages", 0), ("no_such_module", 1), ("os:nothing", 1)])
def test_real_entry_points(value: str, faults: int) -> None:
    """An entry point whose module or attribute is missing is a fault; a module without hooks is harmless."""
    extensions: Any = Extensions([_real(value)])
    assert len(extensions.faults) == faults


def test_the_hooks_of_each_package_are_known() -> None:
    """Its author sees in ``doctor`` whether the package was found; a package that cannot be imported has no hooks."""
    points = [entry_point("zones", Zones(["x"])), entry_point("newer", NoHook()), entry_point("broken", OSError())]
    assert Extensions(points).hooks == {"zones": ["carbon_grid_zones"], "newer": []}


class Wordless(Exception):
    """An error whose text cannot be made."""

    def __str__(self) -> str:
        raise ValueError


@pytest.mark.parametrize(
    "error", [Wordless(), pytest.fail.Exception("stop"), pytest.skip.Exception("later"), GeneratorExit()]
)
def test_nothing_but_ctrl_c_passes(error: BaseException) -> None:
    """pytest's own outcomes are no Exceptions, and the text of an error is code of the package, too."""
    extensions = Extensions([entry_point("broken", Zones(error)), entry_point("good", Zones(["x"]))])
    assert list(extensions.call("carbon_grid_zones", _unread)) == [("good", ["x"])]
    assert [fault.package for fault in extensions.faults] == ["broken"]


def test_an_answer_that_cannot_be_read_is_a_fault() -> None:
    """What reads an answer runs code of the package, such as a generator."""

    def fail(_: Any) -> None:
        raise OverflowError("too large")

    extensions = Extensions([entry_point("odd", Zones(["x"]))])
    assert list(extensions.call("carbon_grid_zones", fail, reading="asked for its zones")) == []
    (fault,) = extensions.faults
    assert (fault.doing, fault.error) == ("asked for its zones", "OverflowError: too large")


class Wrapping:
    """A package that wraps a hook of another one."""

    @hookimpl(wrapper=True)
    def carbon_grid_zones(self) -> Any:
        """Never called."""
        return (yield)


def test_a_wrapper_is_named() -> None:
    """A package is called alone, so that a wrapper would have nothing to wrap; it is not passed over in silence."""
    extensions = Extensions([entry_point("wrapping", Wrapping()), entry_point("good", Zones(["x"]))])
    assert list(extensions.call("carbon_grid_zones", _unread)) == [("good", ["x"])]
    assert "a wrapper of this hook is not supported" in str(extensions.faults[0])
