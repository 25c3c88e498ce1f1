"""The reporters that extensions offer. Whatever such a reporter raises becomes a ReporterError."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pytest_carbon.core.errors import CarbonError
from pytest_carbon.extend.extensions import FAILURES, Extensions
from pytest_carbon.reporters.reporter import Reporter


class ReporterError(CarbonError):
    """The reporter of an extension failed."""


@dataclass(frozen=True, slots=True)
class ExtensionReporter:
    """A reporter of an extension. Whatever the extension raises becomes a ReporterError that names it."""

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
        try:
            text = self.reporter.render(value)
            if not isinstance(text, str):
                raise TypeError(f"a text was expected, not {type(text).__name__}")
        except FAILURES as error:
            self.extensions.add_fault(self.package, f"asked for the format {self.name}", error)
            raise ReporterError(str(self.extensions.faults[-1])) from error
        return text


def extension_reporters(hook: str, extensions: Extensions) -> Iterator[ExtensionReporter]:
    """Yield the reporters that extensions offer by a hook; an answer without the three members is a fault."""
    for package, reporters in extensions.call(hook):
        for reporter in reporters if isinstance(reporters, list | tuple) else [reporters]:
            texts = [getattr(reporter, member, None) for member in ("name", "file_name")]
            if all(isinstance(text, str) for text in texts) and callable(getattr(reporter, "render", None)):
                yield ExtensionReporter(package, reporter, extensions)
            else:
                error = TypeError(f"a reporter with name, file_name and render was expected, not {reporter!r:.80}")
                extensions.add_fault(package, f"asked for {hook}", error)
