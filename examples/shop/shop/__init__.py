"""A small shop: a catalogue, a search and a checkout, to show where the energy of its tests goes."""
