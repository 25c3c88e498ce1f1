"""A verdict for the terminal, Markdown, JSON, JUnit and SARIF.

Begin with ``markdown``.
"""
