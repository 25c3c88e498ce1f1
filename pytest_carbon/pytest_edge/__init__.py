"""The pytest hooks, imported only with ``--carbon``, and the object behind the ``carbon`` fixture.

Begin with ``hooks``, which registers them; then ``recording_hooks`` and ``controller_hooks``.
"""
