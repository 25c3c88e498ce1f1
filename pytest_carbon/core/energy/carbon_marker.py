"""The ``carbon`` marker: what it may say, and when a test is over its limit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from pytest_carbon.core.energy.reference_energy import reference_j
from pytest_carbon.core.errors import ConfigError, did_you_mean
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.quantities import format_energy, format_value_and_limit, parse_quantity

_KNOWN = ("feature", "limit")


def read_marker(
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    nodeid: str,
    features: Collection[str],
    grams_to_joules: Callable[[float], float],
) -> dict[str, Any]:
    """Return what one marker says: ``feature``, ``limit`` (its text) and ``limit_j``; ConfigError if wrong.

    A limit in grams is turned into joules by ``grams_to_joules`` (the grid's factor, which must be known). A
    feature need not be in the configuration, unless the configuration has features and one is spelt nearly so.
    """
    where = f"{nodeid}: @pytest.mark.carbon"
    if args:
        raise ConfigError(f'{where} takes only names, as in feature="checkout", limit="2 J"; it got {args[0]!r}')
    for name in kwargs:
        if name not in _KNOWN:
            raise ConfigError(f"{where} has no {name!r}{did_you_mean(name, _KNOWN)} (known: feature, limit)")
    told: dict[str, Any] = {}
    feature = kwargs.get("feature")
    if feature is not None:
        if not isinstance(feature, str) or not feature:
            raise ConfigError(f'{where}: feature is {feature!r}; it must be a name such as "checkout"')
        if feature == UNATTRIBUTED:
            raise ConfigError(f"{where}: the name {feature!r} is kept for what no feature claims")
        if feature not in features and did_you_mean(feature, features):
            raise ConfigError(f"{where}: no feature is called {feature!r}{did_you_mean(feature, features)}")
        told["feature"] = feature
    if kwargs.get("limit") is not None:
        limit = parse_quantity(kwargs["limit"], f"{where}: limit")
        told["limit"] = limit.text
        told["limit_j"] = grams_to_joules(limit.value) if limit.kind == "mass" else limit.value
    return told


def limit_exceeded_message(cpu_s: float, slowdown: float, limit_j: float, limit_text: str) -> str | None:
    """Return the sentence that fails a test, if its reference energy is over its limit (J); else None."""
    used_j = reference_j(cpu_s, slowdown)
    if used_j <= limit_j:
        return None
    used_text, joules_text = format_value_and_limit(used_j, limit_j, "energy")
    written = joules_text if joules_text == limit_text else f"{limit_text} ({joules_text})"
    return (
        f"carbon limit exceeded: this test used {used_text} of reference energy and may use {written}.\n"
        f"That is {cpu_s:.3g} CPU seconds; make the test do less work, or raise its limit "
        f'in @pytest.mark.carbon(limit="{format_energy(used_j * 1.2, 2)}").'
    )
