"""The order of groups of devices."""

from __future__ import annotations

from datetime import date

from pytest_carbon.core.devices.support_values import DeviceGroup, newest_first

OLD, NEW = DeviceGroup("old", "1", date(2010, 1, 1)), DeviceGroup("new", "2", date(2020, 1, 1))
UNDATED, SAME_DAY = DeviceGroup("undated", "3"), DeviceGroup("same day", "4", date(2020, 1, 1))


def test_groups_are_ordered_by_their_newest_device() -> None:
    """The newest comes first, groups of unknown age last, and groups of one day keep their order."""
    assert newest_first([]) == []
    assert newest_first([UNDATED, OLD, NEW, SAME_DAY]) == [NEW, SAME_DAY, OLD, UNDATED]
    assert newest_first([SAME_DAY, NEW]) == [SAME_DAY, NEW]
