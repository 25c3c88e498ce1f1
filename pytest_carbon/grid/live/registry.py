"""The built-in live sources. A new source is one module in ``sources/`` and one line here."""

from __future__ import annotations

from pytest_carbon.grid.live.signal_source import SignalSource
from pytest_carbon.grid.live.sources.eia import Eia
from pytest_carbon.grid.live.sources.electricity_maps import ElectricityMaps
from pytest_carbon.grid.live.sources.energinet import Energinet
from pytest_carbon.grid.live.sources.energy_charts import EnergyCharts
from pytest_carbon.grid.live.sources.entsoe import EntsoE
from pytest_carbon.grid.live.sources.fingrid import Fingrid
from pytest_carbon.grid.live.sources.neso import Neso
from pytest_carbon.grid.live.sources.rte import Rte
from pytest_carbon.grid.live.sources.watttime import WattTime

SOURCES: tuple[SignalSource, ...] = (
    Neso(),
    EnergyCharts(),
    Energinet(),
    Rte(),
    ElectricityMaps(),
    Eia(),
    EntsoE(),
    Fingrid(),
    WattTime(),
)
