"""Counters of the CPU and the kernel that tell how much work was done.

Begin with ``instruction_counter``.
"""
