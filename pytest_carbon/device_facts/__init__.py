"""Facts about devices and releases: how long they are supported and which exist.

Begin with ``lifecycles``; ``endoflife_date`` fetches newer ones.
"""
