"""What a change of the configuration allows beside the policy: another grid, another machine, an empty ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_carbon.config.load import Config, load_config
from pytest_carbon.config.loosened_settings import changed, loosened

OLD = 'zone = "DE"\n[budget]\nper-run = "1 kJ"\n[machine]\nidle-w = 30.0\nfull-w = 90.0\n'
MOVED = "what was used until now counts only if it is moved"
ELSEWHERE = "what was used until now counts only if it"


def _config(tmp_path: Path, text: str) -> Config:
    (tmp_path / "carbon.toml").write_text(text, encoding="utf-8")
    return load_config(tmp_path, environment={})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("DE", "SE3"), ["grams are counted on the grid of SE3, of DE before"]),
        (('zone = "DE"', ""), ["no limit in grams is judged any more, for there is no grid zone, DE before"]),
        (("30.0", "3.0"), ["energy is modelled from another power curve ([machine])"]),
        (("1 kJ", "2 kJ"), ["the repository may use 2 kJ per run, 1 kJ before"]),
        (("1 kJ", "900 J"), []),
    ],
)
def test_what_is_counted_with(tmp_path: Path, change: tuple[str, str], said: list[str]) -> None:
    """A cleaner grid and a smaller machine let more through than before, as a higher limit does."""
    old, new = _config(tmp_path, OLD), _config(tmp_path, OLD.replace(*change))
    assert changed(old, new)
    assert loosened(old, new) == said
    assert not changed(new, new)
    assert loosened(new, new) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", 'branch = "carbon-ledger"', []),
        ("", 'branch = "energy"', [f"runs are kept in the branch energy, in the branch carbon-ledger before: {MOVED}"]),
        ('folder = "f"', "", [f"runs are kept in the branch carbon-ledger, in the folder f before: {MOVED}"]),
        ('sql = "env"', "", [f"runs are kept in the branch carbon-ledger, in a database before: {MOVED}"]),
        (
            'sql = "env"',
            'sql = "postgresql://db/carbon"',
            [f"the ledger's database is told otherwise: {ELSEWHERE} is in that one"],
        ),
        (
            'sql = "env"',
            'sql = "env"\nrepository = "o/new"',
            [f"runs are kept as those of o/new: {ELSEWHERE} was kept so before"],
        ),
        (
            'sql = "env"\nrepository = "o/new"',
            'sql = "env"',
            [f"runs are kept as those of the repository that CI names: {ELSEWHERE} was kept so before"],
        ),
        (
            'sql = "env"\nscope = "organisation"',
            'sql = "env"',
            ["only this repository's runs are counted, those of every repository before"],
        ),
        ('sql = "env"', 'sql = "env"\nscope = "organisation"', []),
        ("runs = 5", "runs = 8", []),
    ],
)  # fmt: skip
def test_where_runs_are_kept(tmp_path: Path, old: str, new: str, said: list[str]) -> None:
    """A ledger that is empty, or counts fewer, gives every budget its whole limit back."""
    before, after = (_config(tmp_path, f"{OLD}[ledger]\n{ledger}\n") for ledger in (old, new))
    assert loosened(before, after) == said
    assert changed(before, after)
    assert not changed(before, before)


def test_names_are_cut(tmp_path: Path) -> None:
    """They come from whoever proposes the change, and are told in a comment."""
    old, new = (_config(tmp_path, f'{OLD}[ledger]\nbranch = "{name}"\n') for name in ("a", "b" * 5000))
    (said,) = loosened(old, new)
    assert len(said) < 250


def test_first_policy_loosens_nothing(tmp_path: Path) -> None:
    """Where there was no zone, no gram was judged; but it changes what is judged."""
    nothing, first = Config(tmp_path), _config(tmp_path, OLD.partition("[machine]")[0])
    assert loosened(nothing, first) == []
    assert changed(nothing, _config(tmp_path, 'zone = "DE"'))


def test_what_concerns_everything_comes_first(tmp_path: Path) -> None:
    """A comment shows the first ten lines: many small ones must not hide it."""
    features = "".join(f'[features.f{n}]\npaths = ["tests/{n}/**"]\n' for n in range(20))
    text = 'zone = "{}"\n[ledger]\nbranch = "{}"\n{}'
    old, new = (_config(tmp_path, text.format(*one)) for one in (("DE", "a", ""), ("SE3", "b", features)))
    said = loosened(old, new)
    assert [line.split(" ")[0] for line in said[:2]] == ["runs", "grams"]
    assert len(said) > 10
