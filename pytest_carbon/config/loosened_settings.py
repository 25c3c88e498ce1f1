"""What a changed configuration allows that the old one forbids: its policy, its ledger, its zone and its machine."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_carbon.config.load import DEFAULT_LEDGER_BRANCH, Config, LedgerSettings
from pytest_carbon.core.policy import loosened_policy
from pytest_carbon.core.verdict.wording import NAME_CELLS, shorten

_COUNTS = "earlier runs count only if they"


def config_changed(old: Config, new: Config) -> bool:
    """Return whether two configurations may judge the same run differently."""
    settings = [(config.zone, config.machine, config.ledger, config.grid.detect) for config in (old, new)]
    return settings[0] != settings[1] or loosened_policy.policy_changed(old.policy, new.policy)


def loosened_settings(old: Config, new: Config) -> list[str]:
    """Return one sentence for each setting or rule that the new configuration loosens.

    Sentences about all runs (the ledger, the grid zone, the machine) come first. A setting that changed is also named
    where nobody can say which of the two configurations allows more.
    """
    return [
        *_ledger(old.ledger, new.ledger),
        *_zone_and_machine(old, new),
        *loosened_policy.loosened_rules(old.policy, new.policy),
    ]


def _zone_and_machine(old: Config, new: Config) -> Iterator[str]:
    if old.zone and new.zone and old.zone != new.zone:
        yield f"grams are counted on the grid of {_short(new.zone)}; before: of {_short(old.zone)}"
    elif old.zone and not new.zone:
        yield f"limits in grams are no longer judged, because no grid zone is set; before: {_short(old.zone)}"
    if not new.zone and old.grid.detect != new.grid.detect:
        detected, average = "the grid of the region that the machine's cloud names", "the world average"
        after, before = (detected, average) if new.grid.detect else (average, detected)
        yield f"grams of runs in CI are for {after}; before: for {before} ([grid] detect)"
    if old.machine != new.machine:
        yield "energy is modelled with another power curve ([machine])"


def _short(text: str) -> str:
    return shorten(text, NAME_CELLS)


def _ledger(old: LedgerSettings, new: LedgerSettings) -> Iterator[str]:
    if _location(old) != _location(new):
        yield f"runs are kept in {_location(new)}; before: in {_location(old)} ({_COUNTS} are moved)"
    elif old.sql != new.sql:
        yield f"the ledger's database has another URL ({_COUNTS} are in that database)"
    elif old.sql and old.repository != new.repository:
        yield f"runs are stored under the name of {_repository(new)} ({_COUNTS} were stored under that name)"
    if old.organisation and not new.organisation:
        yield "only this repository's runs are counted; before: those of every repository"


def _repository(settings: LedgerSettings) -> str:
    return _short(settings.repository) if settings.repository else "the repository that CI names"


def _location(settings: LedgerSettings) -> str:
    if settings.sql is not None:
        return "a database"
    if settings.folder_named:
        return f"the folder {_short(str(settings.folder))}"
    return f"the branch {_short(settings.branch or DEFAULT_LEDGER_BRANCH)}"
