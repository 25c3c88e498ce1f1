"""The marker, the fixture, features and per-run budgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

CarbonRun = Callable[..., Any]
CONFIG = """
zone = "DE"
[features.checkout]
labels = ["feature:checkout"]
paths = ["test_checkout*"]
[features.checkout.budget]
per-run = "{limit}"
on-exceeded = "{on_exceeded}"
[features.search]
paths = ["test_search*"]
"""


def _shop(pytester: pytest.Pytester, limit: str = "1 kJ", on_exceeded: str = "fail") -> None:
    pytester.path.joinpath("carbon.toml").write_text(CONFIG.format(limit=limit, on_exceeded=on_exceeded))
    pytester.makepyfile(
        test_checkout="from work import burn\ndef test_pay(): burn(0.2)",
        test_search="from work import burn\ndef test_find(): burn(0.1)",
        test_other="def test_other(): pass",
    )


def test_limit_fails_the_test_that_uses_more(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A test over its own limit fails with the figures, the cause and the next step; others pass."""
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
        ["carbon limit exceeded: this test used * mJ of reference energy and may use 100 mJ."]
    )
    assert sum(line.startswith("carbon limit exceeded") for line in run.result.stdout.lines) == 1
    assert run.row("test_greedy")["outcome"] == "failed"


def test_limit_counts_function_fixtures_but_not_wide_ones(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A test answers for its own setup; a session fixture that it happened to ask for first is not its own."""
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


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        ("limit=2", "has no unit"),
        ('limit="2"', "has no unit"),
        ('limit="2 Jule"', "no unit is called 'Jule'"),
        ('limit="-1 J"', "more than zero"),
        ('limt="2 J"', 'did you mean "limit"?'),
        ('"checkout"', "takes only names"),
        ("feature=3", "it must be a name"),
        ('limit="1.5 g"', "needs a grid zone"),
    ],
)
@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["here", "xdist"])
def test_a_wrong_marker_is_refused_with_the_reason(
    pytester: pytest.Pytester, carbon_run: CarbonRun, mark: str, words: str, workers: tuple[str, ...]
) -> None:
    """A marker that cannot be meant stops the run before any test, and says why."""
    pytester.makepyfile(f"import pytest\n@pytest.mark.carbon({mark})\ndef test_it(): print('ran')")
    run = carbon_run("-s", *workers)
    assert run.result.ret != 0
    assert words in run.text
    assert "INTERNALERROR" not in run.text or workers
    assert "\nran" not in run.text


def test_a_limit_in_grams_is_judged_on_a_known_grid(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """With a zone, grams become joules: 10 micrograms in Germany are some 95 mJ."""
    pytester.makepyfile(
        'import pytest\nfrom work import burn\n@pytest.mark.carbon(limit="10 ug")\ndef test_it(): burn(0.2)'
    )
    run = carbon_run("--carbon-zone=DE")
    run.result.assert_outcomes(failed=1)
    assert "may use 10 ug (94.5 mJ)" in run.text


def test_the_fixture_measures_a_block(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """carbon.measure() tells what a block used, with and without --carbon."""
    pytester.makepyfile(
        """
        from work import burn

        def test_block(carbon):
            burn(0.1)
            with carbon.measure() as used:
                burn(0.2)
            assert 0.19 < used.cpu_s < 0.25
            assert used.wall_s >= 0.19
            assert 0.05 < used.reference_j < 2
        """
    )
    carbon_run().result.assert_outcomes(passed=1)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_features_by_path_and_marker(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """Paths name features, a marker wins over a path, the rest is unattributed, and shares sum to 1."""
    _shop(pytester)
    pytester.makepyfile(
        test_search="""
        import pytest
        from work import burn
        def test_find(): burn(0.1)
        @pytest.mark.carbon(feature="checkout")
        def test_find_and_buy(): burn(0.1)
        """
    )
    run = carbon_run()
    assert run.row("test_pay")["feature"] == "checkout"
    assert run.row("test_find")["feature"] == "search"
    assert run.row("test_find_and_buy")["feature"] == "checkout"
    assert "feature" not in run.row("test_other")
    features = run.report["features"]
    assert {name: use["tests"] for name, use in features.items()} == {"checkout": 2, "search": 1, "unattributed": 1}
    assert features["checkout"]["share"] > 2 * features["search"]["share"]


@pytest.mark.parametrize(
    ("limit", "on_exceeded", "code", "state"),
    [
        ("1 kJ", "fail", 0, "pass"),
        ("10 mJ", "fail", 1, "fail"),
        ("10 mJ", "warn", 0, "warn"),
        ("0.1 ug", "fail", 1, "fail"),
    ],
)
def test_a_features_budget_per_run(
    pytester: pytest.Pytester, carbon_run: CarbonRun, limit: str, on_exceeded: str, code: int, state: str
) -> None:
    """Over its per-run budget a feature fails or warns, in one line with the figures."""
    _shop(pytester, limit, on_exceeded)
    run = carbon_run()
    assert run.result.ret == code
    (budget,) = run.report["budgets"]
    assert (budget["feature"], budget["state"]) == ("checkout", state)
    over = "feature checkout used * over its limit of * per run by * %*"
    if state == "fail":
        run.result.stdout.fnmatch_lines([f"carbon budget exceeded: {over}"])
    if state == "warn":
        run.result.stdout.fnmatch_lines(["budget * feature checkout used *"])


def test_the_sessions_own_budget(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """[budget] limits the whole run."""
    pytester.path.joinpath("carbon.toml").write_text('[budget]\nper-run = "1 mJ"\non-exceeded = "fail"\n')
    pytester.makepyfile("def test_it(): pass")
    run = carbon_run()
    assert run.result.ret == 1
    run.result.stdout.fnmatch_lines(["carbon budget exceeded: this run used * over its limit of 1 mJ per run by *"])


def test_a_budget_in_grams_on_an_assumed_grid_is_not_judged(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """Grams on a grid that nobody named decide nothing, and the report says so."""
    pytester.path.joinpath("carbon.toml").write_text('[budget]\nper-run = "1 ug"\non-exceeded = "fail"\n')
    pytester.makepyfile("def test_it(): pass")
    run = carbon_run()
    assert run.result.ret == 0
    assert run.report["budgets"][0]["state"] == "inconclusive"


def test_failing_tests_keep_their_own_exit_code(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A budget never turns a worse ending into a better one, nor an interrupt into a failure."""
    _shop(pytester, "10 mJ", "fail")
    pytester.makepyfile(test_stop="def test_stop(): raise KeyboardInterrupt")
    assert carbon_run().result.ret == pytest.ExitCode.INTERRUPTED


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("carbon.toml", "zone = [", "is not valid TOML"),
        ("carbon.toml", 'zne = "DE"', 'did you mean "zone"?'),
        ("carbon.toml", 'zone = "Germany"', "no grid zone is called 'Germany'"),
        ("carbon.toml", "[features.a.budget]\nper-run = 5", "has no unit"),
        ("carbon.toml", "[machine]\nidle-w = 5", "full-w is missing"),
        ("pyproject.toml", '[tool.pytest-carbon]\ntop = "x"', "whole number"),
    ],
)
def test_a_wrong_configuration_is_one_clear_error(
    pytester: pytest.Pytester, carbon_run: CarbonRun, file: str, text: str, words: str
) -> None:
    """What is not understood stops the run before any test, in one line, with the file and the key."""
    pytester.path.joinpath("tox.ini").unlink()
    pytester.path.joinpath(file).write_text(text)
    pytester.makepyfile("def test_it(): pass")
    run = carbon_run()
    assert run.result.ret == pytest.ExitCode.USAGE_ERROR
    assert words in run.text
    assert "Traceback" not in run.text


def test_the_same_settings_in_pyproject(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """[tool.pytest-carbon] of pyproject.toml sets zone, report and machine; an option wins over it."""
    pytester.path.joinpath("tox.ini").unlink()
    pytester.path.joinpath("pyproject.toml").write_text(
        "[tool.pytest.ini_options]\n[tool.pytest-carbon]\nzone = 'FR'\nreport = 'out/carbon.json'\n"
        "[tool.pytest-carbon.machine]\nname = 'desk'\nidle-w = 20\nfull-w = 65\n"
    )
    pytester.makepyfile("def test_it(): pass")
    run = carbon_run("--carbon-zone=SE")
    run.path = pytester.path / "out" / "carbon.json"
    assert run.report["grid"]["zone"] == "SE"
    assert run.report["machine"]["name"] == "desk"
