"""Where other packages plug in.

Begin with ``plugin_manager``; what they implement stands in ``pytest_carbon.hookspecs``.
"""
