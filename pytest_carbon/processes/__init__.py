"""Sees from outside what commands and all the processes that they start use, and what they leave running.

Begin with ``watch``; ``descendants`` finds the processes below this one.
"""
