"""The text of a small file of the kernel."""

from __future__ import annotations

from pathlib import Path

from pytest_carbon.meter.kernel_text import kernel_text


def test_text_of_a_file(tmp_path: Path) -> None:
    """White space around the text is left out, and bytes that are no UTF-8 raise nothing."""
    (tmp_path / "status").write_bytes(b" Discharging\xff\n")
    assert kernel_text(tmp_path / "status") == "Discharging\N{REPLACEMENT CHARACTER}"


def test_file_that_cannot_be_read_has_no_text(tmp_path: Path) -> None:
    """A missing file and a folder have an empty text."""
    assert kernel_text(tmp_path / "missing") == kernel_text(tmp_path) == ""
