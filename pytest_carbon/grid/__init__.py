"""Grid factors: grams of CO2e per kWh of a zone. Each provider is one module.

Begin with ``grid_provider``, the protocol; ``registry`` lists the built-in providers.
"""
