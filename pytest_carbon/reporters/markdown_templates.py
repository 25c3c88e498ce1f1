"""Our templates of GitHub's Markdown: they escape every value that is not escaped already."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from pytest_carbon.core import escape

if TYPE_CHECKING:
    from jinja2 import Template


class EscapedMarkdown(str):
    """Markdown of our own, or text that is escaped already."""


@cache
def template(name: str) -> Template:
    """Return a Markdown template of this package; ``ready`` marks a value as escaped, ``code`` shows it as code."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    folder = resources.files("pytest_carbon.reporters").joinpath("templates")
    environment = Environment(  # noqa: S701 (the output is Markdown, escaped by finalize)
        loader=FunctionLoader(lambda name: folder.joinpath(name).read_text(encoding="utf-8")),
        finalize=lambda value: value if isinstance(value, EscapedMarkdown) else escape.markdown(str(value)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["ready"] = EscapedMarkdown
    environment.filters["code"] = lambda text: EscapedMarkdown(escape.code(text))
    return environment.get_template(name)
