"""The page of a large repository: python benchmarks/site.py [RUNS [FEATURES]]

``pytest-carbon site`` runs on the ledger of ``site_ledger.py`` as a process of its own; memory is that process's. The
yardstick is a process that loads the JSON of the same ledger.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from _bench import READ_JSON, Table, Yardstick, median_s, python
from gate import launch
from site_ledger import NOW, entries, fill, policy


def main(runs: int = 100_000, features: int = 500) -> None:
    """Make the ledger, then the page."""
    table = Table(f"the page of {features} features and {runs} runs")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "carbon.toml").write_text(policy(features), encoding="utf-8")
        started = time.perf_counter()
        fill(folder / ".carbon" / "ledger", entries(runs, features), features)
        table.say(f"the ledger was made in {time.perf_counter() - started:.0f} s")
        command = [sys.executable, "-m", "pytest_carbon.cli", "site", "out", "--now", NOW.isoformat()]
        cost = launch(command, {}, folder)
        pages = [path.stat().st_size for path in (folder / "out" / "features").glob("*.html")]
        (read_s,) = median_s(python(READ_JSON, folder / ".carbon"), times=3)
        table.time("made", cost.wall_s, Yardstick("loading the JSON of the ledger", read_s), 20)
        table.row("memory", cost.memory_bytes / 1e6, 500, "MB")
        table.row(f"the largest of {len(pages)} features' pages", max(pages) / 1e3, 300, "KB")
        whole = sum(path.stat().st_size for path in (folder / "out").rglob("*") if path.is_file())
        table.say(f"all files together: {whole / 1e6:.1f} MB")
    table.end()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
