"""The command line: ``pytest-carbon VERB``, one module a verb.

Begin with ``main``; ``shared`` holds the options that several verbs take.
"""
