"""pytest's options with which it shows something and runs no test."""

from __future__ import annotations

LOOKING = {
    "collectonly": ("--collect-only", "--collectonly", "--co"),
    "showfixtures": ("--fixtures", "--funcargs"),
    "show_fixtures_per_test": ("--fixtures-per-test",),
    "setuponly": ("--setup-only", "--setuponly"),
    "setupplan": ("--setup-plan", "--setupplan"),
    "cacheshow": ("--cache-show",),
    "markers": ("--markers",),
    "help": ("--help", "-h"),
    "version": ("--version", "-V"),
}
"""The options by the name of their value."""
