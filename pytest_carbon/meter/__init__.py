"""Reads the machine: clocks, counters, the sidecar with CodeCarbon, the machine table.

Begin with ``recorder`` for the tests' process and ``sidecar`` for the other one.
"""
