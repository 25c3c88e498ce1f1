"""The three steps of action.yml: begin, measure, finish.

Begin with ``job``, the value that each step starts with.
"""
