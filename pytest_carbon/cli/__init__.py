"""The command line, ``pytest-carbon VERB``: one module for each verb, or for a few verbs that belong together.

Begin with ``main``; ``shared`` holds what several verbs use, ``ledger`` the verbs below ``pytest-carbon ledger``.
"""
