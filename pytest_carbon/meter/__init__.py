"""Reads the machine: CPU clocks, speed probes, the sidecar with CodeCarbon, and the table of machines.

Begin with ``recorder``, which runs in the process of the tests, then ``sidecar``, the process beside them.
"""
