"""Extensions: packages of other people, found by entry points, that add grids, reporters and kinds of ledgers.

Begin with ``extensions``; ``pytest_carbon.hookspecs`` has the hooks that such a package can implement.
"""
