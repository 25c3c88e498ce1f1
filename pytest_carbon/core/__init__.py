"""The pure core: it takes values and returns values, and uses no file, clock, process or network.

Begin with ``model``, the values that all rooms share; each room below it is about one subject.
"""
