"""Templates of Markdown: every value is escaped once."""

from __future__ import annotations

from pytest_carbon.reporters.markdown_templates import EscapedMarkdown, template


def _table(cell: str) -> str:
    macros = template("macros.md.j2").module
    return str(macros.table({"titles": ("A",), "rows": ((cell,),)}))  # type: ignore[attr-defined]


def test_text_is_escaped() -> None:
    """A pipe or an asterisk of a stranger makes neither a cell nor bold text."""
    assert "a\\|b \\*c\\*" in _table("a|b *c*")


def test_escaped_markdown_is_left_alone() -> None:
    """Text that is escaped already is not escaped again."""
    assert "| a\\|b |" in _table(EscapedMarkdown("a\\|b"))
