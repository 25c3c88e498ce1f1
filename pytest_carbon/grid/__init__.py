"""Grid factors: grams of CO2e per kWh, one provider a file."""
