"""Which working devices a change strands, and whether the policy allows that.

Begin with ``find_drops``, then ``judge_drops``.
"""
