"""Publishes one verdict in five places: commit status, comment, check run, job summary and step outputs.

Begin with ``publish``, which writes the first three; all five read the value in ``publication``.
"""
