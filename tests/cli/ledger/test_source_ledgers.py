"""Other ledgers: the places of an option and of a file, and a visit to each."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.cli.ledger.source_ledgers import UnreadLedger, read_addresses, visit_ledgers
from pytest_carbon.cli.shared.progress import Progress
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.ledgers.transfer.sources import LedgerSource
from tests.cli.ledger.conftest import fill_ledger
from tests.samples import NOW


def test_places_come_from_options_and_a_file(tmp_path: Path) -> None:
    """Blank lines and comments of the file are ignored."""
    file = tmp_path / "places"
    file.write_text("# ours\n\n  org/two=two  \norg/three=three\n", encoding="utf-8")
    addresses = read_addresses(["org/one=one"], str(file))
    assert [address.name for address in addresses] == ["org/one", "org/two", "org/three"]
    assert read_addresses([], None) == []


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "No such file or directory"), (b"\xff\xfe", "it is not UTF-8 text")]
)
def test_a_file_of_places_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None, reason: str) -> None:
    """The message names the file and the reason."""
    file = tmp_path / "places"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_addresses([], str(file))
    assert str(caught.value) == f"--sources is {file}, which cannot be read ({reason}); is it spelt right?"


def test_every_readable_ledger_is_visited(project: Any) -> None:
    """A ledger that cannot be read is returned with the reason, and does not stop the visits."""
    fill_ledger(project, "one", [1, 2])
    fill_ledger(project, "two", [3])

    def count_files(source: LedgerSource, progress: Progress) -> tuple[str, int]:
        assert isinstance(progress, Progress)
        return source.name, sum(map(len, source.ids.values()))

    addresses = read_addresses(["org/one=one", "org/gone=gone", "org/two=two"], None)
    counts, unread = visit_ledgers(argparse.Namespace(from_branch=None), addresses, NOW, count_files)
    assert counts == [("org/one", 2), ("org/two", 1)]
    assert unread == [UnreadLedger("gone", "there is no folder gone; is it spelt right?")]
