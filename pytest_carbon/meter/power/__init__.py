"""Where watts can be read or looked up on this machine: counters, batteries, commands, the rated power of a CPU.

Begin with ``power_sources``, which finds what can be read; ``rated_power`` is for machines where nothing can.
"""
