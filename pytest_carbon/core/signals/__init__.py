"""Grid signals: how many grams of CO2e a kWh means in a zone and a slot of time, with what the figure means.

Begin with ``signal``.
"""
