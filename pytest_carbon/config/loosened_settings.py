"""What a change of the configuration would allow that it did not before: of the policy, and of what it counts with."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_carbon.config.load import DEFAULT_BRANCH, Config, LedgerSettings
from pytest_carbon.core.policy import loosened_policy as of_policy
from pytest_carbon.core.verdict.wording import NAME_CELLS, shorten

_COUNTS = "what was used until now counts only if it"


def changed(old: Config, new: Config) -> bool:
    """Say whether two configurations may judge the same run differently."""
    counts = (old.zone, old.machine, old.ledger) != (new.zone, new.machine, new.ledger)
    return counts or of_policy.changed(old.policy, new.policy)


def loosened(old: Config, new: Config) -> list[str]:
    """Return a sentence for everything that a new configuration allows and the old one does not.

    What concerns all that is counted comes first. Where it cannot be told which of the two allows more, that is told
    as well.
    """
    return [*_kept(old.ledger, new.ledger), *_counted(old, new), *of_policy.loosened(old.policy, new.policy)]


def _counted(old: Config, new: Config) -> Iterator[str]:
    if old.zone and new.zone and old.zone != new.zone:
        yield f"grams are counted on the grid of {_short(new.zone)}, of {_short(old.zone)} before"
    elif old.zone and not new.zone:
        yield f"no limit in grams is judged any more, for there is no grid zone, {_short(old.zone)} before"
    if old.machine != new.machine:
        yield "energy is modelled from another power curve ([machine])"


def _short(text: str) -> str:
    return shorten(text, NAME_CELLS)


def _kept(old: LedgerSettings, new: LedgerSettings) -> Iterator[str]:
    if _place(old) != _place(new):
        yield f"runs are kept in {_place(new)}, in {_place(old)} before: {_COUNTS} is moved"
    elif old.sql != new.sql:
        yield f"the ledger's database is told otherwise: {_COUNTS} is in that one"
    elif old.sql and old.repository != new.repository:
        yield f"runs are kept as those of {_named(new)}: {_COUNTS} was kept so before"
    if old.organisation and not new.organisation:
        yield "only this repository's runs are counted, those of every repository before"


def _named(settings: LedgerSettings) -> str:
    return _short(settings.repository) if settings.repository else "the repository that CI names"


def _place(settings: LedgerSettings) -> str:
    if settings.sql is not None:
        return "a database"
    if settings.folder_named:
        return f"the folder {_short(str(settings.folder))}"
    return f"the branch {_short(settings.branch or DEFAULT_BRANCH)}"
