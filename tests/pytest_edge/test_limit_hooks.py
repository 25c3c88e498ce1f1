"""Tests over their own limit fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

CarbonRun = Callable[..., Any]


def test_test_over_its_limit_fails(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A passing test over its limit fails with the figures; the outcomes of other tests do not change."""
    pytester.makepyfile(
        """
        import pytest
        from work import burn

        @pytest.mark.carbon(limit="100 mJ")
        def test_greedy(): burn(0.3)

        @pytest.mark.carbon(limit="2 J")
        def test_modest(): burn(0.1)

        @pytest.mark.carbon(limit="100 mJ")
        def test_broken():
            burn(0.1)
            assert 0
        """
    )
    run = carbon_run()
    run.result.assert_outcomes(passed=1, failed=2)
    run.result.stdout.fnmatch_lines(
        ["carbon limit exceeded: this test used * mJ of reference energy; its limit is 100 mJ."]
    )
    assert sum(line.startswith("carbon limit exceeded") for line in run.result.stdout.lines) == 1
    assert run.row("test_greedy")["outcome"] == "failed"


def test_limit_counts_function_fixtures_but_not_wide_ones(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A test's limit covers its function fixtures, but not a session fixture that it is the first to ask for."""
    pytester.makepyfile(
        """
        import pytest
        from work import burn

        @pytest.fixture(scope="session")
        def database(): burn(0.3)

        @pytest.fixture
        def order(): burn(0.3)

        @pytest.mark.carbon(limit="300 mJ")
        def test_wide(database): pass

        @pytest.mark.carbon(limit="300 mJ")
        def test_own(order): pass
        """
    )
    run = carbon_run()
    run.result.assert_outcomes(passed=1, failed=1)
    assert run.row("test_own")["outcome"] == "failed"


def test_limit_in_grams_is_converted_with_the_zone(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """With a zone, a limit in grams becomes joules: 10 micrograms in Germany are about 95 mJ."""
    pytester.makepyfile(
        'import pytest\nfrom work import burn\n@pytest.mark.carbon(limit="10 ug")\ndef test_it(): burn(0.2)'
    )
    run = carbon_run("--carbon-zone=DE")
    run.result.assert_outcomes(failed=1)
    assert "its limit is 10 ug (94.5 mJ)" in run.text
