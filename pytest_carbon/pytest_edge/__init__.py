"""The pytest hooks, loaded only with ``--carbon``.

Begin with ``hooks``; ``carbon_fixture`` is behind the fixture.
"""
