"""Where packages of other people plug in.

Begin with ``extensions``; the hooks that such a package can implement stand in ``pytest_carbon.hookspecs``.
"""
