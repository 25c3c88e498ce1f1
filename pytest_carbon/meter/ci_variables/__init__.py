"""Which branch, commit and pull request a run is of, as the variables of CI systems say.

Begin with ``ci_branch``.
"""
