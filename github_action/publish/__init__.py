"""One verdict, told everywhere: commit status, comment, check run, job summary, outputs.

Begin with ``publish``; ``publication`` is the value that all of them read.
"""
