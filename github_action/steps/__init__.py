"""The three steps of action.yml: begin, measure and finish.

Begin with ``finish``, which judges or records; ``job`` is the value that every step starts with.
"""
