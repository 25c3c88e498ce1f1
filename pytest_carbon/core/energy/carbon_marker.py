"""The ``carbon`` marker of a test: reads its feature and limit, and words the failure of a test over its limit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from pytest_carbon.core.errors import ConfigError, did_you_mean
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.quantities import format_energy, format_value_and_limit, parse_quantity

_ARGUMENTS = ("feature", "limit")


def read_marker(
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    nodeid: str,
    features: Collection[str],
    grams_to_joules: Callable[[float], float],
) -> dict[str, Any]:
    """Return the settings of one marker: ``feature``, ``limit`` (its text) and ``limit_j`` (joules), if they are given.

    ``grams_to_joules`` converts a limit in grams with the factor of the configured grid. A feature may be missing from
    the configured ``features``, unless its name is so similar to a configured one that it must be a misspelling.
    Raises ConfigError for a marker that cannot be used.
    """
    where = f"{nodeid}: @pytest.mark.carbon"
    if args:
        raise ConfigError(
            f'{where} takes only keyword arguments, such as feature="checkout", limit="2 J"; it got {args[0]!r}'
        )
    for name in kwargs:
        if name not in _ARGUMENTS:
            raise ConfigError(
                f"{where} has no argument {name!r}{did_you_mean(name, _ARGUMENTS)} (known: feature, limit)"
            )
    settings: dict[str, Any] = {}
    feature = kwargs.get("feature")
    if feature is not None:
        if not isinstance(feature, str) or not feature:
            raise ConfigError(f'{where}: feature is {feature!r}; it must be a name such as "checkout"')
        if feature == UNATTRIBUTED:
            raise ConfigError(
                f"{where}: the name {feature!r} is reserved for tests without a feature; choose another name"
            )
        if feature not in features and did_you_mean(feature, features):
            raise ConfigError(f"{where}: no feature is called {feature!r}{did_you_mean(feature, features)}")
        settings["feature"] = feature
    if kwargs.get("limit") is not None:
        limit = parse_quantity(kwargs["limit"], f"{where}: limit")
        settings["limit"] = limit.text
        settings["limit_j"] = grams_to_joules(limit.value) if limit.kind == "mass" else limit.value
    return settings


def limit_exceeded_message(cpu_s: float, used_j: float, limit_j: float, limit_text: str) -> str | None:
    """Return the message that fails a test whose reference energy is over its limit (J), or None within the limit."""
    if used_j <= limit_j:
        return None
    used_text, joules_text = format_value_and_limit(used_j, limit_j, "energy")
    allowed_text = joules_text if joules_text == limit_text else f"{limit_text} ({joules_text})"
    return (
        f"carbon limit exceeded: this test used {used_text} of reference energy; its limit is {allowed_text}.\n"
        f"The test took {cpu_s:.3g} CPU seconds. Make it do less work, or raise its limit "
        f'with @pytest.mark.carbon(limit="{format_energy(used_j * 1.2, 2)}").'
    )
