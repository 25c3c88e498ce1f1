"""Values of the core as text for people and machines.

Begin with the room of what you report: ``run``, ``verdict``, ``accounts`` or ``site``.
"""
