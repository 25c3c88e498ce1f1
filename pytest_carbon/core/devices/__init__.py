"""Finds the working devices that a change strands, and judges whether the policy allows that.

Begin with ``find_drops``, then ``judge_drops``.
"""
