"""What shows that a ledger has lost runs that it once had."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LostRuns:
    """What shows that a ledger has lost runs, and what to do about it; both are parts of a sentence.

    ``until_new_base`` says that the loss no longer counts once the ledger has enough runs to compare with again.
    ``only_base`` says that all runs are counted, and only those to compare with are missing. With ``doubtful``, it may
    as well be the beginning of another ledger: it is worth a note and blocks nobody.
    """

    seen: str
    remedy: str
    until_new_base: bool = False
    only_base: bool = False
    doubtful: bool = False
