"""What a reporter is, and how one is found by the name of its format: built in, or of an extension."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pytest_carbon.core.errors import CarbonError, ConfigError, did_you_mean

if TYPE_CHECKING:
    from pytest_carbon.extend.extensions import Extensions

Value_contra = TypeVar("Value_contra", contravariant=True)
Value = TypeVar("Value")


class ReporterError(CarbonError):
    """The reporter of an extension failed."""


class Reporter(Protocol[Value_contra]):
    """Writes a value, a Verdict or Accounts, as text."""

    @property
    def name(self) -> str:
        """The name of the format, as in ``--format NAME``."""
        ...

    @property
    def file_name(self) -> str:
        """The name of a file in this format, where a folder is to be filled."""
        ...

    def render(self, value: Value_contra, /) -> str:
        """Return the text."""
        ...


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A reporter of ours: ``function`` is "module:function", imported only when the format is asked for."""

    name: str
    file_name: str
    function: str

    def render(self, value: Any, /) -> str:
        """Return the text."""
        return str(pkgutil.resolve_name(self.function)(value))


@dataclass(frozen=True, slots=True)
class OfExtension:
    """A reporter of an extension, whatever it raises."""

    package: str
    reporter: Reporter[Any]
    extensions: Extensions

    @property
    def name(self) -> str:
        """The name of the format."""
        return self.reporter.name

    @property
    def file_name(self) -> str:
        """The name of a file in this format."""
        return self.reporter.file_name

    def render(self, value: Any, /) -> str:
        """Return the text. Raises ReporterError if the extension fails or returns anything else."""
        from pytest_carbon.extend.extensions import FAILURES

        try:
            text = self.reporter.render(value)
            if not isinstance(text, str):
                raise TypeError(f"a text was expected, not {type(text).__name__}")
        except FAILURES as error:
            self.extensions.add_fault(self.package, f"asked for the format {self.name}", error)
            raise ReporterError(str(self.extensions.faults[-1])) from error
        return text


def find_reporter(name: str, built_in: Sequence[Reporter[Value]], hook: str) -> Reporter[Value]:
    """Return the reporter of a format. Raises ConfigError, with the known names, if no reporter has that format.

    Extensions are looked up only for a name that is not built in; they offer reporters by the hook named ``hook``.
    """
    known = {reporter.name: reporter for reporter in built_in}
    if name in known:
        return known[name]
    from pytest_carbon.extend.extensions import installed_extensions

    extensions = installed_extensions()
    added = {reporter.name: reporter for reporter in reporters_of_extensions(hook, extensions)}
    if name in added:
        return added[name]
    names = sorted({*known, *added, "terminal"})
    faults = "".join(f"; {fault}" for fault in extensions.faults)
    raise ConfigError(
        f"no format is called {name!r}{did_you_mean(name, names)} (there are: {', '.join(names)}){faults}"
    )


def reporters_of_extensions(hook: str, extensions: Extensions) -> Iterator[OfExtension]:
    """Yield the reporters that extensions offer by a hook; an answer without the three members is a fault."""
    for package, reporters in extensions.call(hook):
        for reporter in reporters if isinstance(reporters, list | tuple) else [reporters]:
            texts = [getattr(reporter, member, None) for member in ("name", "file_name")]
            if all(isinstance(text, str) for text in texts) and callable(getattr(reporter, "render", None)):
                yield OfExtension(package, reporter, extensions)
            else:
                error = TypeError(f"a reporter with name, file_name and render was expected, not {reporter!r:.80}")
                extensions.add_fault(package, f"asked for {hook}", error)
