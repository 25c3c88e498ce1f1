"""Starts CodeCarbon with an eighth of the CPU time: what it would ask others is answered here.

Begin with ``light_start``, then ``kernel_cpu_name``.
"""
