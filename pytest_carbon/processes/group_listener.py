"""A program of its own in the process group of its parent: it writes the number of each signal that it receives.

What it hears was sent to the whole group, as a terminal sends Ctrl-C. It ends when its parent does.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

READY = b"."
_INPUT, _OUTPUT = 0, 1


def listen(numbers: list[int]) -> None:
    """Write the numbers of received signals, one byte each, until the end of the input."""
    os.set_blocking(_OUTPUT, False)
    signal.set_wakeup_fd(_OUTPUT, warn_on_full_buffer=False)
    for number in numbers:
        signal.signal(number, lambda *_: None)
    with suppress(BrokenPipeError):
        os.write(_OUTPUT, READY)
        while os.read(_INPUT, 1):
            pass


if __name__ == "__main__":
    listen([int(word) for word in sys.argv[1:]])
