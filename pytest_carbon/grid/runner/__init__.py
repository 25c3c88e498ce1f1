"""Asks the metadata service of a cloud for the region of the machine, if the policy allows that.

Begin with ``detect_region``.
"""
