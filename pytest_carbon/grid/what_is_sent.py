"""What the sources of a policy send, to whom and when, in plain words."""

from __future__ import annotations

from urllib.parse import urlsplit

from pytest_carbon.config.grid_settings import FILE, SDK, TABLE, GridSettings
from pytest_carbon.grid.live.registry import SOURCES


def describe_network(settings: GridSettings) -> list[tuple[str, str]]:
    """Return pairs of a source and what it is sent, for all that the policy lets be asked."""
    pairs = [(name, _sent_to(name, settings)) for name in settings.sources if name != TABLE]
    if settings.detect:
        pairs.append(
            (
                "detect",
                "asks 169.254.169.254, the metadata service of the machine's own cloud, for the name of the region, "
                "and sends nothing else; after a run and at doctor, at most 1 s, only in CI and only without a zone. "
                "Off: remove detect from [grid], or set zone",
            )
        )
    return [
        *pairs,
        ("CodeCarbon", "asks nobody: pytest-carbon starts its offline tracker"),
        ("never sent", "to any of these: your code, names of tests and files, and what was measured"),
    ]


def _sent_to(name: str, settings: GridSettings) -> str:
    if name == FILE:
        return "is a file: nobody is asked"
    source = next((source for source in SOURCES if source.name == name), None)
    own = settings.carbon_aware_sdk
    address = source.address if source else own.place if name == SDK and own else ""
    host = urlsplit(address).hostname or "a host that this version does not know"
    key = f", and your key ({', '.join(source.needs)})" if source and source.needs else ""
    return (
        f"asks {host}, and sends the zone's code, the times{key}; only at pytest-carbon grid, never while tests run. "
        f"Off: remove {name} from [grid] sources"
    )
