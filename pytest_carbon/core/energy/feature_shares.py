"""Finds the feature that a test belongs to, and splits the energy of a run among the features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_carbon.core.model import UNATTRIBUTED, FeatureUse, Row
from pytest_carbon.core.path_globs import literal_prefix, path_glob


def feature_of_path(path: str, features: Mapping[str, Sequence[str]]) -> str | None:
    """Return the feature whose glob matches a path (with ``/``) most closely, or None if no glob matches.

    ``features`` maps names to globs. The matching glob with the longest literal prefix wins: ``tests/checkout/**`` over
    ``tests/**``. Of equally long prefixes, that of the first feature wins.
    """
    best: tuple[int, str] | None = None
    for name, patterns in features.items():
        for pattern in patterns:
            if path_glob(pattern).matches(path):
                length = len(literal_prefix(pattern))
                if best is None or length > best[0]:
                    best = (length, name)
    return best[1] if best else None


def feature_uses(rows: Sequence[Row], total_j: float, emissions_g: float) -> dict[str, FeatureUse]:
    """Split a run among features, in proportion to the energy of their tests.

    A test counts with its amortised energy, which includes its shares of wide fixtures. Energy that the run spent
    outside its tests (collection, idle, the tool) is split in the same proportion. Other processes of the machine
    (background) and tests without a feature are ``unattributed``. Shares sum to 1, joules to ``total_j`` and grams to
    ``emissions_g``. Returns an empty mapping if no row has a feature.
    """
    if not any(row.feature for row in rows) or total_j <= 0:
        return {}
    background_j = sum(row.energy_j or 0.0 for row in rows if row.kind == "background")
    own: dict[str, float] = {}
    reference: dict[str, float] = {}
    tests: dict[str, set[str]] = {}
    for row in rows:
        if row.kind in ("test", "command"):
            name = row.feature or UNATTRIBUTED
            energy_j = row.amortised_j if row.amortised_j is not None else row.energy_j
            own[name] = own.get(name, 0.0) + (energy_j or 0.0)
            reference[name] = reference.get(name, 0.0) + row.reference_j
            tests.setdefault(name, set()).add(row.nodeid)
    own.setdefault(UNATTRIBUTED, 0.0)
    whole = sum(own.values())
    uses = {}
    for name in sorted(own, key=lambda n: (n == UNATTRIBUTED, n)):
        energy_j = (total_j - background_j) * own[name] / whole if whole > 0 else 0.0
        if name == UNATTRIBUTED:
            energy_j += background_j if whole > 0 else total_j
        share = energy_j / total_j
        uses[name] = FeatureUse(
            tests=len(tests.get(name, ())),
            share=share,
            energy_j=energy_j,
            reference_j=reference.get(name, 0.0),
            emissions_g=emissions_g * share,
        )
    return uses
