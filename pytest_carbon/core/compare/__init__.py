"""Base against head: which tests match, how much costlier the same tests are, and how sure the answer is.

Begin with ``match_tests``, then ``screen`` and ``growth_rule``.
"""
