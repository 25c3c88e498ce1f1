"""The grid as it is now: live sources, their cache, their order. Nobody is asked unless ``[grid] sources`` names them.

Begin with ``chain``.
"""
