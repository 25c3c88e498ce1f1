"""Everything that speaks to GitHub's API: one client, its answers, and writing a thing once.

Begin with ``client``: no other module of the project makes a request to GitHub.
"""
