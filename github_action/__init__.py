"""The GitHub Action: from an event to the reports, the verdict and what is published. All that knows GitHub is here.

Begin with ``__main__``, the three steps of action.yml; ``install`` makes the environment that they run in.
"""
