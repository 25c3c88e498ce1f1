"""The settings of CodeCarbon's tracker."""

from __future__ import annotations

import inspect

from codecarbon import EmissionsTracker, OfflineEmissionsTracker

from pytest_carbon.meter.codecarbon_start.tracker_settings import tracker_settings

DEPRECATED = {"co2_signal_api_token"}
"""CodeCarbon warns where it is passed; ``electricitymaps_api_token`` is the same setting."""


class _Telling:
    def __init__(self, *, send_telemetry: bool = True, **settings: object) -> None: ...


class _TellingOffline(_Telling):
    def __init__(self, *arguments: object, country_iso_code: str, **settings: object) -> None: ...


def test_every_setting_is_passed() -> None:
    """A setting that is not passed could be set by a variable or a file of the project."""
    output = object()
    settings = tracker_settings(OfflineEmissionsTracker, output, 0.5)
    known = set(inspect.signature(EmissionsTracker.__init__).parameters) - {"self"} - DEPRECATED
    known |= {"country_iso_code", "region", "cloud_provider", "cloud_region", "country_2letter_iso_code"}
    assert settings.keys() >= known
    assert settings["output_handlers"] == [output]
    assert settings["measure_power_secs"] == 0.5


def test_telemetry_is_off_where_codecarbon_knows_it() -> None:
    """``send_telemetry`` is passed only to versions that have it, also where a base class takes it."""
    assert tracker_settings(_Telling, object(), 1.0)["send_telemetry"] is False
    assert tracker_settings(_TellingOffline, object(), 1.0)["send_telemetry"] is False
    assert "send_telemetry" not in tracker_settings(type("Silent", (), {}), object(), 1.0)
