"""The reporters that extensions offer. Whatever such a reporter raises becomes a ReporterError."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pytest_carbon.core.errors import CarbonError
from pytest_carbon.extend.extensions import ExtensionFailed, Extensions
from pytest_carbon.reporters.reporter import Reporter


class ReporterError(CarbonError):
    """The reporter of an extension failed."""


@dataclass(frozen=True, slots=True)
class ExtensionReporter:
    """A reporter of an extension. Whatever the extension raises becomes a ReporterError that names it."""

    package: str
    name: str
    file_name: str
    reporter: Reporter[Any]
    extensions: Extensions

    def render(self, value: Any, /) -> str:
        """Return the text. Raises ReporterError if the extension fails or returns anything else."""
        try:
            return self.extensions.attempt(self.package, f"asked for the format {self.name}", self._render, value)
        except ExtensionFailed as error:
            raise ReporterError(str(error)) from error

    def _render(self, value: Any) -> str:
        text = self.reporter.render(value)
        if not isinstance(text, str):
            raise TypeError(f"a text was expected, not {type(text).__name__}")
        return text


def extension_reporters(hook: str, extensions: Extensions) -> Iterator[ExtensionReporter]:
    """Yield the reporters that extensions offer by a hook; an answer without the three members is a fault."""
    for package, reporter, (name, file_name) in extensions.offers(hook, ["name", "file_name"], ["render"]):
        yield ExtensionReporter(package, name, file_name, reporter, extensions)
