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


def test_help_lists_the_options(pytester: pytest.Pytester) -> None:
    """``pytest --help`` lists the four options in a group of their own."""
    result = pytester.runpytest_subprocess("--help")
    result.stdout.fnmatch_lines(
        ["energy and emissions of the run:", "*--carbon *", "*--carbon-report*", "*--carbon-zone*", "*--carbon-top*"]
    )


def test_marker_is_registered_without_carbon(pytester: pytest.Pytester) -> None:
    """The marker is known to ``--strict-markers`` without ``--carbon``, and has no effect then."""
    pytester.makepyfile('import pytest\n@pytest.mark.carbon(feature="a", limit="1 uJ")\ndef test_it(): pass')
    pytester.runpytest_subprocess("--strict-markers", "-p", "no:randomly").assert_outcomes(passed=1)
    pytester.runpytest_subprocess("--markers").stdout.fnmatch_lines(
        ["@pytest.mark.carbon(feature=None, limit=None): *"]
    )
