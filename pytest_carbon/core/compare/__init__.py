"""Base against head: which tests match, how much costlier they are, and how sure that is.

Begin with ``match_tests``, then ``screen`` and ``growth_rule``.
"""
