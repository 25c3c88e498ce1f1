"""What a fault means for the limits per run: one that was not judged is not held."""

from __future__ import annotations

import pytest

from pytest_carbon.config.load import GATE_VARIABLE, Config

_GOOD = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


class UnjudgedLimits:
    """Fails a run whose limits per run could not be judged, if the policy says so.

    A policy says so with ``on-exceeded = "fail"`` for a limit per run, and ``on-inconclusive = "fail"``; without the
    second, it is only told. All is made ready before the tests can spoil anything.
    """

    def __init__(self, settings: Config) -> None:
        limits = [b for b in settings.budgets if b.per_run is not None and b.on_exceeded == "fail" and b.team is None]
        self._fails = bool(limits) and settings.policy.on_inconclusive == "fail" and not settings.gated
        self._sentences = [_sentence(settings)] if limits else []

    def tell(self, session: pytest.Session) -> list[str]:
        """Fail the session, unless it has failed or was interrupted, and return what to say of it, if anything."""
        if self._fails and session.exitstatus in _GOOD:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return self._sentences


def _sentence(settings: Config) -> str:
    limits = f"the limits per run of {settings.source}"
    what = f"carbon budget not judged: no whole report tells whether this run holds {limits}"
    if settings.gated:
        return f"{what}; a gate judges this later, so nothing fails here ({GATE_VARIABLE}=1)"
    if settings.policy.on_inconclusive == "fail":
        return f'{what}, so it fails (on-inconclusive = "fail")'
    return f'{what}; to let such a run fail, set on-inconclusive = "fail"'
