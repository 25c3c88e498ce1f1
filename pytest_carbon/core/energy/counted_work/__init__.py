"""Work that the CPU itself counted, in instructions, instead of CPU time that speed probes correct.

Begin with ``instruction_counts``.
"""
