"""What a change of the configuration would allow that it did not before: of the policy, and of what it counts with."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_carbon.config import DEFAULT_BRANCH, Config, LedgerSettings
from pytest_carbon.core import loosening as of_policy
from pytest_carbon.core.verdict_words import NAME_CELLS, shorten


def changed(old: Config, new: Config) -> bool:
    """Say whether two configurations may judge the same run differently."""
    return of_policy.changed(old.policy, new.policy) or bool(loosened(old, new))


def loosened(old: Config, new: Config) -> list[str]:
    """Return a sentence for everything that a new configuration allows and the old one does not.

    Where it cannot be told which of the two allows more, that is told as well.
    """
    return [*of_policy.loosened(old.policy, new.policy), *_counted(old, new), *_kept(old.ledger, new.ledger)]


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
    if (_place(old), old.sql) != (_place(new), new.sql):
        other = "another database" if old.sql and new.sql else _place(new)
        yield f"runs are kept in {other}, in {_place(old)} before: what was used until now counts only if it is moved"
    elif old.sql and old.repository != new.repository:
        yield "the ledger has another name for this repository: what was used until now does not count"
    if old.organisation and not new.organisation:
        yield "only this repository's runs are counted, those of every repository before"


def _place(settings: LedgerSettings) -> str:
    if settings.sql is not None:
        return "a database"
    if settings.folder_named:
        return f"the folder {_short(str(settings.folder))}"
    return f"the branch {_short(settings.branch or DEFAULT_BRANCH)}"
