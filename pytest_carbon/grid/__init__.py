"""Grid factors: grams of CO2e per kWh, one provider a module.

Begin with ``codecarbon_tables``, the built-in provider.
"""
