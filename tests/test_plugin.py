"""The installed plugin: its options and marker, and nothing more without ``--carbon``."""

from __future__ import annotations

import json

import pytest


def test_without_carbon_no_other_module_is_imported(pytester: pytest.Pytester) -> None:
    """Without ``--carbon`` only ``pytest_carbon`` and its plugin module are imported, and no report is written."""
    pytester.makeconftest(
        """
        import json, sys

        def pytest_unconfigure():
            ours = sorted(name for name in sys.modules if name.startswith("pytest_carbon"))
            heavy = [n for n in ("codecarbon", "pandas", "requests", "jinja2", "github3", "rich") if n in sys.modules]
            open("loaded.json", "w").write(json.dumps([ours, heavy]))
        """
    )
    pytester.makepyfile("def test_it(): pass")
    pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:cov").assert_outcomes(passed=1)
    ours, heavy = json.loads((pytester.path / "loaded.json").read_text())
    assert ours == ["pytest_carbon", "pytest_carbon.plugin"]
    assert heavy == []
    assert not (pytester.path / ".carbon").exists()
