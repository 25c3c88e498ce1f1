"""The pure core: plain values in, plain values out; no file, clock, process or network.

Begin with ``model``, the values that every room shares; each room below is one story.
"""
