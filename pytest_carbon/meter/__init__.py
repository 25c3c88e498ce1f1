"""Reads the machine: clocks, counters, the sidecar, the machine table."""
