"""``grid``: the carbon intensity of a zone now, in the past and ahead, by the sources that the policy names."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pytest_carbon.cli.shared import options, output
from pytest_carbon.cli.shared.verb import Verbs, add_verb
from pytest_carbon.core.errors import ConfigError, ZoneError

if TYPE_CHECKING:
    from pytest_carbon.config.load import Config
    from pytest_carbon.core.model import GridFactor
    from pytest_carbon.core.signals.signal import Signal
    from pytest_carbon.grid.live.chain import Chain, ChainAnswer

LONGEST_HISTORY = timedelta(days=31)
EARLIEST_YEAR, LATEST_YEAR = 2000, 2199
_CODES = {0: "done", 1: "no source knows the zone at this time"}


def add(verbs: Verbs) -> None:
    """Add the verb and the verbs below it."""
    grid = add_verb(
        verbs,
        "grid",
        _now,
        summary="show the carbon intensity of a grid: now, past, forecast",
        description="Show grams of CO2e per kWh by the half-hour. Nobody is asked unless [grid] sources of the policy "
        'names a live source, such as sources = ["energy-charts", "table"].',
        example="pytest-carbon grid now --zone DE",
        exit_codes=_CODES,
    )
    below = grid.add_subparsers(title="verbs", dest="grid_verb", metavar="VERB", required=True)
    now = add_verb(
        below,
        "now",
        _now,
        summary="show the intensity of this moment, with its source and age",
        description="Show the intensity of this moment by the first source that knows, and why each source before it "
        "does not. A source is asked at most once in a half-hour by all processes of a user.",
        example="pytest-carbon grid now --zone GB",
        exit_codes=_CODES,
    )
    forecast = add_verb(
        below,
        "forecast",
        _forecast,
        summary="show the intensity ahead: as published, or from the past",
        description="Show the half-hours ahead as the first source that has a forecast publishes them. Without one, "
        "the grid's own past tells them, with a range, if such forecasts were good in the last 60 days.",
        example="pytest-carbon grid forecast --zone GB",
        exit_codes=_CODES,
    )
    history = add_verb(
        below,
        "history",
        _history,
        summary="show the intensity of a time that is over",
        description="Show the half-hours of a time that is over, at most 31 days, by the first source that knows.",
        example="pytest-carbon grid history --zone GB --since 2026-11-01T00:00Z --until 2026-11-02T00:00Z",
        exit_codes=_CODES,
    )
    history.add_argument("--since", metavar="TIME", required=True, help="the beginning, such as 2026-11-01T00:00Z")
    history.add_argument("--until", metavar="TIME", help="the end (default: now)")
    score = add_verb(
        below,
        "score",
        _score,
        summary="show how good the forecasts of a zone were",
        description="Show what the forecasts of the last 60 days would have saved a job of one hour on weekdays, as a "
        "share of the best possible saving, and how often waiting was worse: each source's own, as they were kept when "
        "issued, and those of pytest-carbon from the source's past.",
        example="pytest-carbon grid score --zone GB",
        exit_codes={0: "done", 1: "no source tells the past of the zone"},
    )
    for parser in (now, forecast, history, score):
        parser.add_argument("--zone", metavar="ZONE", help="the grid zone (default: the policy's)")
        parser.add_argument("--now", metavar="TIME", help="act as of this time, such as 2026-01-02T03:04:05Z")
        parser.add_argument("--json", action="store_true", help="print JSON")
    zones = add_verb(
        below,
        "zones",
        _zones,
        summary="list the zones that live sources know",
        description="List zones with the sources that know them and the regions of clouds that lie in them.",
        example="pytest-carbon grid zones denmark",
    )
    zones.add_argument("text", nargs="?", default="", metavar="TEXT", help="only zones and regions with this text")
    zones.add_argument("--json", action="store_true", help="print JSON")


def _now(arguments: argparse.Namespace) -> int:
    config, zone, chain, now = _opened(arguments)
    answer = chain.near_now(zone, now)
    signal = answer.at(now) or _newest(answer, now)
    if signal is None:
        return _nobody_knows(arguments, config, zone, answer)
    _print(arguments, answer, [signal], now)
    return 0


def _forecast(arguments: argparse.Namespace) -> int:
    config, zone, chain, now = _opened(arguments)
    answer = chain.ahead(zone, now)
    ahead = [signal for signal in answer.signals if signal.end > now and signal.status == "forecast"]
    if not ahead:
        return _own_forecast(arguments, config, zone, chain, answer, now)
    _print(arguments, answer, ahead, now, (max(now, ahead[0].start), ahead[-1].end))
    return 0


def _own_forecast(
    arguments: argparse.Namespace, config: Config, zone: str, chain: Chain, answer: ChainAnswer, now: datetime
) -> int:
    from dataclasses import replace

    from pytest_carbon.cli.grid.forecast import print_own_forecast
    from pytest_carbon.grid.forecast.own_forecast import own_forecast

    own = own_forecast(chain, zone, now)
    if not own.signals:
        faults = dict.fromkeys([*answer.faults, *own.faults])
        return _nobody_knows(arguments, config, zone, replace(answer, faults=tuple(faults)), "publishes a forecast")
    print_own_forecast(arguments, own, now)
    return 0


def _score(arguments: argparse.Namespace) -> int:
    from pytest_carbon.cli.grid.forecast import print_scores

    _, zone, chain, now = _opened(arguments)
    return print_scores(arguments, chain, zone, now)


def _history(arguments: argparse.Namespace) -> int:
    config, zone, chain, now = _opened(arguments)
    start = _read_time(arguments.since, "--since")
    end = _read_time(arguments.until, "--until") if arguments.until else now
    _refuse_wrong_time(start, end, now)
    answer = chain.between(zone, start, end)
    if not answer.signals:
        return _nobody_knows(arguments, config, zone, answer)
    _print(arguments, answer, answer.signals, now, (start, end))
    return 0


def _refuse_wrong_time(start: datetime, end: datetime, now: datetime) -> None:
    if not start < now:
        raise ConfigError(f"--since {start.isoformat()} is not over yet; write an earlier --since")
    if not start < end:
        raise ConfigError(f"--until {end.isoformat()} is not after --since {start.isoformat()}; write a later --until")
    if end > now:
        raise ConfigError(f"--until {end.isoformat()} is not over yet; write an earlier --until, or leave --until out")
    if end - start > LONGEST_HISTORY:
        raise ConfigError(
            f"from {start.isoformat()} to {end.isoformat()} are more than 31 days; ask for a shorter time"
        )


def _zones(arguments: argparse.Namespace) -> int:
    from pytest_carbon.grid.live.zone_codes import live_zones, regions_of

    wanted = arguments.text.casefold()
    found = {
        zone: {"sources": sorted(codes), "regions": regions}
        for zone, codes in live_zones().items()
        for regions in [regions_of(zone)]
        if any(wanted in word.casefold() for word in (zone, *codes, *regions))
    }
    if arguments.json:
        output.print_json(found)
        return 0
    for zone, entry in found.items():
        regions = f"  ({', '.join(entry['regions'])})" if entry["regions"] else ""
        output.print_line(f"{zone:<12} {', '.join(entry['sources'])}{regions}")
    if not found:
        output.print_line(f"no live source knows a zone with {arguments.text!r}; the yearly tables know more")
    return 0


def _opened(arguments: argparse.Namespace) -> tuple[Config, str, Chain, datetime]:
    """Return the policy, the zone that is meant, the chain of sources, and the time as of which to act."""
    from pytest_carbon.core.policy.spell_zone import spell_zone
    from pytest_carbon.grid.live.configured_chain import configured_chain

    config, now = options.load_project_config(), options.read_now(arguments)
    zone = spell_zone(arguments.zone or config.zone or "")
    if not zone:
        raise ConfigError('no grid zone is set; name one, such as --zone DE, or write zone = "DE" in carbon.toml')
    return config, zone, configured_chain(config.grid, config.root), _in_range(now, "--now")


def _read_time(text: str, option: str) -> datetime:
    from pytest_carbon.core.signals.signal import in_utc

    try:
        return _in_range(in_utc(datetime.fromisoformat(text)), option)
    except ValueError:
        raise ConfigError(f"{option} is {text!r}; write a time with its zone, such as 2026-11-01T00:00Z") from None


def _in_range(moment: datetime, option: str) -> datetime:
    """Return a time of which signals may tell. Raises ConfigError for one that no source knows."""
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise ConfigError(
            f"{option} is {moment.isoformat()}, of which no source knows; write a time from {EARLIEST_YEAR} to "
            f"{LATEST_YEAR}, such as 2026-11-01T00:00Z"
        )
    return moment


def _newest(answer: ChainAnswer, now: datetime) -> Signal | None:
    past = [signal for signal in answer.signals if signal.end <= now]
    return past[-1] if past else None


def _nobody_knows(
    arguments: argparse.Namespace, config: Config, zone: str, answer: ChainAnswer, what: str = "tells the intensity"
) -> int:
    """Say what the yearly tables know, and why no live source answers; return the exit code.

    The yearly tables are an answer if the policy has them among its sources, but to no question about hours.
    """
    from pytest_carbon.config.grid_settings import TABLE
    from pytest_carbon.grid.live.zone_codes import codes_of

    year, no_year = _yearly_average(config, zone)
    faults = [*answer.faults, *no_year]
    if not config.grid.is_live:
        known = ", ".join(f'"{name}"' for name in codes_of(zone)) or "none"
        faults.append(f"the policy names no live source in [grid] sources; these know {zone}: {known}")
    is_answer = arguments.grid_verb == "now" and TABLE in config.grid.sources and year is not None
    if arguments.json:
        average = year and {"g_per_kwh": year.g_per_kwh.central, "source": year.source, "year": year.year}
        output.print_json({"zone": zone, "slots": [], "yearly_average": average, "faults": faults})
        return 0 if is_answer else 1
    if is_answer and year is not None:
        output.print_line(f"{zone}: {year.g_per_kwh.central:.0f} g/kWh, the average of {year.year}")
        output.print_line(f"source   {year.source}")
    else:
        output.print_line(f"no live source {what} of {zone}")
    for fault in faults:
        output.print_line(f"not used {fault}")
    return 0 if is_answer else 1


def _yearly_average(config: Config, zone: str) -> tuple[GridFactor | None, list[str]]:
    """Return what the yearly tables know of a zone, or why they know nothing: the zone may be a file's own."""
    from dataclasses import replace

    from pytest_carbon.config.grid_settings import TABLE
    from pytest_carbon.usecases.configured_grid import configured_grid_factor

    try:
        return configured_grid_factor(replace(config, zone=zone, zone_from="--zone")), []
    except ZoneError as error:
        if not config.grid.is_live:
            raise
        return None, [f"{TABLE}: {error}"]


def _print(
    arguments: argparse.Namespace,
    answer: ChainAnswer,
    signals: Sequence[Signal],
    now: datetime,
    span: tuple[datetime, datetime] | None = None,
) -> None:
    """Print a signal of this moment, or all signals of a span with the gaps between them."""
    from pytest_carbon.core.signals.signal_json import to_json
    from pytest_carbon.core.signals.split_by_time import gaps_between
    from pytest_carbon.reporters.run.grid_table import signal_lines

    if arguments.json:
        gaps = [[low.isoformat(), high.isoformat()] for low, high in gaps_between(signals, *span)] if span else []
        more = {"gaps": gaps, "kept_because": answer.fault or None, "faults": list(answer.faults)}
        output.print_json({**to_json(signals), **more})
        return
    for line in signal_lines(signals, answer.asked, answer.faults, now, span=span, fault=answer.fault):
        output.print_line(line)
