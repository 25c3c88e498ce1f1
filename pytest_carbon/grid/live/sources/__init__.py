"""The sources of grid signals: one module for each service, and one for a file.

Begin with ``neso``.
"""
