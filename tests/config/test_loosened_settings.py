"""What a changed configuration allows beside its policy: another grid, another machine, an empty ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_carbon.config.load import Config, load_config
from pytest_carbon.config.loosened_settings import config_changed, loosened_settings

OLD = 'zone = "DE"\n[budget]\nper-run = "1 kJ"\n[machine]\nidle-w = 30.0\nfull-w = 90.0\n'
MOVED = "(earlier runs count only if they are moved)"
ONLY_IF = "earlier runs count only if they"


def _config(tmp_path: Path, text: str) -> Config:
    (tmp_path / "carbon.toml").write_text(text, encoding="utf-8")
    return load_config(tmp_path, environment={})


@pytest.mark.parametrize(
    ("change", "sentences"),
    [
        (("DE", "SE3"), ["grams are counted on the grid of SE3; before: of DE"]),
        (('zone = "DE"', ""), ["limits in grams are no longer judged, because no grid zone is set; before: DE"]),
        (("30.0", "3.0"), ["energy is modelled with another power curve ([machine])"]),
        (("1 kJ", "2 kJ"), ["the repository may use 2 kJ per run; before: 1 kJ"]),
        (("1 kJ", "900 J"), []),
    ],
)
def test_another_zone_or_machine_has_a_sentence(tmp_path: Path, change: tuple[str, str], sentences: list[str]) -> None:
    """A cleaner grid and a smaller machine let more through, as a higher limit does."""
    old, new = _config(tmp_path, OLD), _config(tmp_path, OLD.replace(*change))
    assert config_changed(old, new)
    assert loosened_settings(old, new) == sentences
    assert not config_changed(new, new)
    assert loosened_settings(new, new) == []


@pytest.mark.parametrize(
    ("old", "new", "sentences"),
    [
        ("", 'branch = "carbon-ledger"', []),
        ("", 'branch = "energy"', [f"runs are kept in the branch energy; before: in the branch carbon-ledger {MOVED}"]),
        ('folder = "f"', "", [f"runs are kept in the branch carbon-ledger; before: in the folder f {MOVED}"]),
        ('sql = "env"', "", [f"runs are kept in the branch carbon-ledger; before: in a database {MOVED}"]),
        (
            'sql = "env"',
            'sql = "postgresql://db/carbon"',
            [f"the ledger's database has another URL ({ONLY_IF} are in that database)"],
        ),
        (
            'sql = "env"',
            'sql = "env"\nrepository = "o/new"',
            [f"runs are stored under the name of o/new ({ONLY_IF} were stored under that name)"],
        ),
        (
            'sql = "env"\nrepository = "o/new"',
            'sql = "env"',
            [f"runs are stored under the name of the repository that CI names ({ONLY_IF} were stored under that name)"],
        ),
        (
            'sql = "env"\nscope = "organisation"',
            'sql = "env"',
            ["only this repository's runs are counted; before: those of every repository"],
        ),
        ('sql = "env"', 'sql = "env"\nscope = "organisation"', []),
        ("runs = 5", "runs = 8", []),
    ],
)  # fmt: skip
def test_another_ledger_has_a_sentence(tmp_path: Path, old: str, new: str, sentences: list[str]) -> None:
    """An empty ledger, or one that counts fewer runs, gives every budget its whole limit back."""
    before, after = (_config(tmp_path, f"{OLD}[ledger]\n{ledger}\n") for ledger in (old, new))
    assert loosened_settings(before, after) == sentences
    assert config_changed(before, after)
    assert not config_changed(before, before)


def test_long_names_are_shortened(tmp_path: Path) -> None:
    """The names come from the author of the change and are shown in a comment."""
    old, new = (_config(tmp_path, f'{OLD}[ledger]\nbranch = "{name}"\n') for name in ("a", "b" * 5000))
    (sentence,) = loosened_settings(old, new)
    assert len(sentence) < 250


def test_a_first_configuration_loosens_nothing(tmp_path: Path) -> None:
    """Without a zone no limit in grams was judged, so a first zone is a change and loosens nothing."""
    nothing, first = Config(tmp_path), _config(tmp_path, OLD.partition("[machine]")[0])
    assert loosened_settings(nothing, first) == []
    assert config_changed(nothing, _config(tmp_path, 'zone = "DE"'))


def test_sentences_about_all_runs_come_first(tmp_path: Path) -> None:
    """A comment shows the first ten lines: many small changes must not hide a large one."""
    features = "".join(f'[features.f{n}]\npaths = ["tests/{n}/**"]\n' for n in range(20))
    text = 'zone = "{}"\n[ledger]\nbranch = "{}"\n{}'
    old, new = (_config(tmp_path, text.format(*values)) for values in (("DE", "a", ""), ("SE3", "b", features)))
    sentences = loosened_settings(old, new)
    assert [line.split(" ")[0] for line in sentences[:2]] == ["runs", "grams"]
    assert len(sentences) > 10


DETECTED, AVERAGE = "the grid of the region that the machine's cloud names", "the world average"
BY_DETECT = "([grid] detect)"


@pytest.mark.parametrize(
    ("old", "new", "sentences"),
    [
        ("", "detect = true", [f"grams of runs in CI are for {DETECTED}; before: for {AVERAGE} {BY_DETECT}"]),
        ("detect = true", "", [f"grams of runs in CI are for {AVERAGE}; before: for {DETECTED} {BY_DETECT}"]),
    ],
)
def test_a_region_that_is_asked_or_no_longer_asked(tmp_path: Path, old: str, new: str, sentences: list[str]) -> None:
    """Nobody can say which allows more, so both are told; with a zone no region is asked, and neither is told."""
    before, after = (_config(tmp_path, f"[grid]\n{text}\n") for text in (old, new))
    assert config_changed(before, after)
    assert loosened_settings(before, after) == sentences
    of_zone = [_config(tmp_path, f'zone = "DE"\n[grid]\n{text}\n') for text in (old, new)]
    assert loosened_settings(*of_zone) == []
