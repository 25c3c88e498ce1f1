"""The fingerprint of the environment, which must be equal in two runs for a comparison; and the commit and branch."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

from pytest_carbon import __version__
from pytest_carbon.config.load import Config, default_branch
from pytest_carbon.core.energy.reference_energy import PROBES
from pytest_carbon.git import branches, run_git
from pytest_carbon.meter.ci_variables import ci_branch
from pytest_carbon.meter.ci_variables.dropped_variables import hash_seed
from pytest_carbon.meter.ci_variables.teamcity_properties import with_teamcity
from pytest_carbon.meter.power.cpu_share import own_quota

_THREAD_PINS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def fingerprint(cpu: str, vcpus: int, workers: int, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the fields that must be equal for runs to be comparable, as short texts.

    ``packages`` is a hash of the names and versions of the installed distributions. ``threads`` holds the variables
    that set how many cores numeric libraries use.
    """
    quota = own_quota()
    return {
        "cpu": cpu,
        "vcpus": str(vcpus) if quota is None else f"{quota.cpus:.3g} of {vcpus}",
        "os": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": _packages(),
        "plugin": __version__,
        "probes": PROBES,
        "workers": str(workers),
        "threads": " ".join(f"{pin}={environment[pin]}" for pin in _THREAD_PINS if pin in environment),
        "hashseed": hash_seed(environment),
    }


def _packages() -> str:
    distributions = set()
    for entry in sys.path:
        try:
            names = [path.name for path in Path(entry or ".").iterdir()]
        except OSError:
            continue
        distributions |= {name for name in names if name.endswith((".dist-info", ".egg-info"))}
    return hashlib.sha256("\n".join(sorted(distributions)).encode()).hexdigest()[:12]


def checked_out_commit(root: Path) -> str | None:
    """Return the commit that is checked out. Returns None outside a git repository or without git."""
    return run_git.find_commit("HEAD", root)


def commit_of_run(root: Path, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the commit of a run: the one checked out, else the one that CI variables name.

    Git tells nothing of a folder without its repository, as a container may have it.
    """
    return checked_out_commit(root) or ci_branch.named_commit(with_teamcity(environment))


def branch_of_run(root: Path, config: Config, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the branch of a run, as ``checked_out_branch`` does; never the default branch for a pull request."""
    pull = branch_of_pull_request(config, environment)
    return pull or checked_out_branch(root, with_teamcity(environment), config.ledger.remote)


def branch_of_pull_request(config: Config, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the branch that a pull request wants to merge, never the default branch; None for no pull request."""
    variables = with_teamcity(environment)
    if ci_branch.branch_of_pull_request(variables) is None:
        return None
    return ci_branch.branch_of_pull_request(variables, default_branch(config))


def checked_out_branch(root: Path, environment: Mapping[str, str] = os.environ, remote: str = "origin") -> str | None:
    """Return the branch of the run: of a pull request, else the one checked out, else the one that CI variables name.

    A CI system that checks out a branch and not a commit says the truth, whatever the variables say. But if they name
    the same branch at another commit, the run's branch is unknown: a workflow on the default branch may have checked
    out a fork, whose branch has the same name.
    """
    pull = ci_branch.branch_of_pull_request(environment)
    branch = pull or branches.checked_out_branch(root)
    named = [] if pull else list(ci_branch.named_branches(environment, remote))
    if not named:
        return branch
    commit = checked_out_commit(root)
    contradicted = {name for name, of_commit in named if commit and of_commit and commit != of_commit}
    if branch:
        return None if branch in contradicted else branch
    return next((name for name, of_commit in named if name not in contradicted), None)
