"""The measuring step runs the command or merges reports; a problem is a sentence, and the exit code the command's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_action.event.inputs import read_inputs
from github_action.steps.command_result import CommandResult
from github_action.steps.measure_command import describe_survivors
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.report import Report
from pytest_carbon.processes.watch import CountedOutside
from pytest_carbon.reporters.run import report_file
from tests.attack import Attack
from tests.github_action.steps.project_job import COPY, ProjectJob, report_of_now, write_reports
from tests.samples import make_report


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("true", 0),
        ("exit 3", 3),
        ("false | true", 1),
        ("false; true", 1),
        ("kill -9 $$", 137),
        ("no-such-program", 127),
    ],
)
def test_exit_code_is_the_commands_own(job: ProjectJob, end: str, code: int) -> None:
    """The exit code is that of the command, and a report that it wrote before counts."""
    assert job.measure(f"{COPY}; {end}") == CommandResult(code, job.kept)
    job.report.unlink()
    result = job.measure(end)
    assert (result.exit_code, result.report) == (code, None)
    assert f"the command ended with exit code {code} and wrote no report to ./.carbon/report.json" in result.problem


def test_report_is_where_the_policy_says(job: ProjectJob) -> None:
    """The policy of the working directory names the report's path."""
    (job.shop / "sub").mkdir()
    (job.shop / "sub" / "carbon.toml").write_text('report = "out/energy.json"\n', encoding="utf-8")
    result = job.measure("mkdir out && cp ../../made.json out/energy.json", working_directory="sub")
    assert result == CommandResult(0, job.kept)


def test_report_of_an_earlier_run_is_not_taken(job: ProjectJob) -> None:
    """A report that a self-hosted runner kept from an earlier run is removed."""
    report_file.write(make_report(9), job.report)
    result = job.measure("test ! -e .carbon/report.json")
    assert (result.exit_code, result.report) == (0, None)
    assert "wrote no report" in result.problem


@pytest.mark.attack("files-and-links")
@pytest.mark.parametrize("how", ["policy", "folder", "file", "git"])
def test_no_report_is_removed_or_read_outside_of_the_checkout(job: ProjectJob, attack: Attack, how: str) -> None:
    """Whether the policy names a place outside, or a link of the checkout leads there."""
    report = attack.folder / "report.json"
    report.write_text(report_file.to_text(report_of_now()), encoding="utf-8")
    if how == "policy":
        job.write_policy(f'report = "{report}"\n')
    elif how == "git":
        (job.shop / ".git").mkdir(exist_ok=True)
        job.write_policy('report = ".git/config"\n')
    elif how == "folder":
        (job.shop / ".carbon").symlink_to(attack.folder)
    else:
        (job.shop / ".carbon").mkdir()
    result = job.measure(f"ln -s '{report}' .carbon/report.json" if how == "file" else "true")
    attack.harmless(result.problem)
    assert result.report is None
    assert "outside of the project" in result.problem or "a link that leaves" in result.problem or how == "git"
    assert report.exists()


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        ("zone = [", "carbon.toml is not valid TOML"),
        ('report = "taken"\n', "taken"),
        ('report = "a\\u0000b"\n', "null"),
        ("[tool]\nx = 1\n", "unknown key 'tool'"),
    ],
    ids=["broken", "a folder", "no path", "unknown key"],
)
def test_tests_run_whatever_the_policy_says(job: ProjectJob, policy: str, why: str) -> None:
    """A broken policy does not stop the tests: their exit code is the job's."""
    job.write_policy(policy)
    (job.shop / "taken").mkdir()
    result = job.measure(f"{COPY}; touch ran; exit 5")
    assert (result.exit_code, result.report) == (5, None)
    assert why in result.problem
    assert str(job.folder) not in result.problem
    assert (job.shop / "ran").exists()


def test_broken_report_is_a_problem(job: ProjectJob) -> None:
    """The command's report is read before it is uploaded."""
    result = job.measure("mkdir .carbon; echo '{' > .carbon/report.json")
    assert (result.exit_code, result.report) == (0, None)
    assert result.problem.startswith("./.carbon/report.json is not complete JSON")


def test_what_survives_is_a_problem_unless_it_is_another_users() -> None:
    """A report is not believed beside a process that could still write to it."""
    kept = ("dockerd (7)", "python (8)")
    assert describe_survivors(CountedOutside(1.0, 1.0, 0.0, (), kept)) == ""
    problem = describe_survivors(CountedOutside(1.0, 1.0, 0.0, (), kept, survived=kept[1:]))
    assert "left running what could not be killed (python (8)), so its report could still change" in problem


def test_missing_working_directory(job: ProjectJob) -> None:
    """The job fails, because nothing was tested."""
    result = job.measure("touch ../ran", working_directory="nowhere")
    assert (result.exit_code, result.report) == (1, None)
    assert "there is no folder 'nowhere'" in result.problem
    assert not (job.folder / "ran").exists()


@pytest.mark.parametrize("folder", ["/etc", "..", "a/../../b", "../shop"])
def test_working_directory_outside_of_the_workspace(folder: str) -> None:
    """A working directory outside of the workspace is refused."""
    with pytest.raises(ConfigError, match="must lie below the workspace"):
        read_inputs({"CARBON_WORKING_DIRECTORY": folder})


def test_environment_of_the_command(job: ProjectJob) -> None:
    """The command gets all variables but the token and our inputs, and one that says a gate judges later."""
    job.measure(f"env > ../env; {COPY}")
    env = dict(line.partition("=")[::2] for line in (job.folder / "env").read_text(encoding="utf-8").splitlines())
    assert not any(name.startswith(("CARBON_", "INPUT_")) for name in env)
    assert "ghs_secret" not in env.values()
    assert (env["OTHER"], env["PYTEST_CARBON_GATE"], env["PWD"]) == ("kept", "1", str(job.shop))


ODD_NAMES = [
    "a.json",
    "b c.json",
    "::error::owned.json",
    "new\nline.json",
    "ü\u202e.json",
    "-x.json",
    "\udcff.json",
    "deep/er/a.json",
]


def test_reports_are_merged(job: ProjectJob) -> None:
    """Each report counts once, whatever its name and however many patterns match; nothing is run or removed."""
    write_reports(job, ODD_NAMES)
    before = sorted(job.shop.rglob("*"))
    result = job.measure(reports=("out/*.json", "out/**/*.json"))
    assert (result.exit_code, result.problem) == (0, "")
    merged = _read(result)
    assert merged.totals.energy_j == pytest.approx(len(ODD_NAMES) * (make_report().totals.energy_j or 0))
    assert {row.worker for row in merged.rows} == {f"out/{name}" for name in ODD_NAMES}
    assert sorted(job.shop.rglob("*")) == before


def _read(result: CommandResult) -> Report:
    assert result.report is not None
    return report_file.read(result.report)


def test_all_reports_of_a_command_are_taken(job: ProjectJob) -> None:
    """tox ran two environments, and the last one's report is also where one run would write it; none is older."""
    report_file.write(report_of_now(2), job.folder / "other.json")
    report_file.write(make_report(9), job.shop / ".carbon" / "reports" / "old.json")
    result = job.measure(
        "test ! -e .carbon/reports/old.json; cp ../made.json .carbon/reports/a.json; "
        "cp ../other.json .carbon/reports/b.json; cp ../other.json .carbon/report.json"
    )
    assert (result.exit_code, result.problem) == (0, "")
    merged = _read(result)
    assert {row.worker for row in merged.rows} == {"a", "b"}
    assert merged.totals.energy_j == pytest.approx(2 * (make_report().totals.energy_j or 0))


def test_two_reports_of_one_run_that_differ_are_refused(job: ProjectJob) -> None:
    """One of them was changed."""
    made = report_of_now()
    report_file.write(replace(made, gaps=("changed",)), job.folder / "other.json")
    report_file.write(made, job.folder / "made.json")
    result = job.measure("mkdir -p .carbon/reports; cp ../other.json .carbon/reports/a.json; " + COPY)
    assert "with different figures; was a report changed?" in result.problem


def test_one_report_is_taken_as_it_is(job: ProjectJob) -> None:
    """The rows of a single report keep their workers."""
    write_reports(job, ["a.json"])
    assert _read(job.measure(reports=("out/a.json",))) == report_file.read(job.shop / "out" / "a.json")


@pytest.mark.parametrize(
    ("patterns", "why"),
    [
        (("none/*.json",), "no file in . matches the input reports"),
        (("out",), "no file in . matches the input reports"),
        (("/etc/*.json",), "a pattern that is not below working-directory"),
        (("out/*",), "./out/broken is not complete JSON"),
        (("out/*.json",), "the parts are not of one commit"),
    ],
)
def test_reports_that_cannot_be_merged(job: ProjectJob, patterns: tuple[str, ...], why: str) -> None:
    """No file, a folder, a path elsewhere, a broken report and reports of two commits are each a problem."""
    write_reports(job, ["a.json"])
    report_file.write(report_of_now(2, commit="b" * 40), job.shop / "out" / "b.json")
    (job.shop / "out" / "broken").write_text("{", encoding="utf-8")
    result = job.measure(reports=patterns)
    assert (result.exit_code, result.report) == (0, None)
    assert why in result.problem
    assert str(job.folder) not in result.problem
