"""Accounts as text: the headline, tables and a chart.

Begin with ``headline``.
"""
