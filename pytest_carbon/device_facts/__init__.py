"""Facts about devices and releases: which exist, what they can run, and how long they are supported.

Begin with ``lifecycles``; ``endoflife_date`` fetches newer facts.
"""
