"""All that speaks to GitHub's API: one client, its responses, and creating an object once.

Begin with ``client``: no other module of the project sends requests to GitHub.
"""
