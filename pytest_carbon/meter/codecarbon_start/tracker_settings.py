"""The settings of CodeCarbon's tracker: nothing is sent or written, and what a user set elsewhere has no effect."""

from __future__ import annotations

import inspect
from typing import Any


def tracker_settings(tracker: type, output: object, interval_s: float) -> dict[str, Any]:
    """Return the arguments of CodeCarbon's offline tracker, which measures every ``interval_s`` seconds.

    Every setting is passed, so that no ``CODECARBON_*`` variable and no configuration file takes effect. ``tracker`` is
    the class: later versions have a setting for telemetry.
    """
    settings: dict[str, Any] = {
        "country_iso_code": "DEU",  # required by the tracker; its grams are not used
        "region": None,
        "cloud_provider": None,
        "cloud_region": None,
        "country_2letter_iso_code": None,
        "project_name": "pytest-carbon",
        "measure_power_secs": interval_s,
        "api_call_interval": 1,
        "api_endpoint": None,
        "api_key": None,
        "output_dir": ".",
        "output_file": "emissions.csv",
        "output_methods": [],
        "output_handlers": [output],
        "save_to_file": False,
        "save_to_api": False,
        "save_to_logger": False,
        "save_to_prometheus": False,
        "save_to_logfire": False,
        "logging_logger": None,
        "prometheus_url": "",
        "gpu_ids": None,
        "emissions_endpoint": None,
        "experiment_id": "",
        "experiment_name": "",
        "electricitymaps_api_token": None,
        "tracking_mode": "machine",
        "log_level": "critical",
        "on_csv_write": "append",
        "logger_preamble": "",
        "force_cpu_power": None,
        "force_ram_power": None,
        "pue": 1.0,
        "wue": 0.0,
        "force_carbon_intensity_g_co2e_kwh": None,
        "force_mode_cpu_load": False,
        "allow_multiple_runs": True,
        "rapl_include_dram": False,
        "rapl_prefer_psys": False,
        "metadata": None,
    }
    if _knows(tracker, "send_telemetry"):
        settings["send_telemetry"] = False
    return settings


def _knows(tracker: type, setting: str) -> bool:
    """Return whether the constructor of a class, or of one that it is based on, has a parameter of this name."""
    constructors = [vars(base)["__init__"] for base in tracker.__mro__ if "__init__" in vars(base)]
    return any(setting in inspect.signature(constructor).parameters for constructor in constructors)
