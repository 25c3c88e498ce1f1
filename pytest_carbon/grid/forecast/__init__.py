"""What a grid's past tells of the hours ahead, from what sources tell now or told before.

Begin with ``own_forecast``.
"""
