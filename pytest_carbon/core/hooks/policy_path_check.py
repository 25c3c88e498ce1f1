"""Whether the paths of a policy mean what they should, held against the files that there are."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from pytest_carbon.core.energy.feature_shares import glob_regex, literal_prefix
from pytest_carbon.core.verdict.wording import count_text

PathClaims = Mapping[str, Sequence[str]]


def path_problems(claims: PathClaims, files: Sequence[str]) -> list[str]:
    """Return a sentence for every glob that fits no file, and for files that two features claim equally closely.

    ``claims`` maps features to their globs. That ``tests/**`` also fits what ``tests/checkout/**`` fits is no problem:
    the closer one wins.
    """
    ordered = sorted(files)
    fitting = [(name, glob, list(_matching_files(glob, ordered))) for name, globs in claims.items() for glob in globs]
    unused = [f"the path {glob!r} of {name} fits no file that git knows" for name, glob, found in fitting if not found]
    return [*unused, *_ties(fitting)]


def _matching_files(glob: str, ordered: Sequence[str]) -> Iterator[str]:
    """Yield the files that a glob fits; only those with its beginning are looked at."""
    beginning = literal_prefix(glob).rstrip("/")
    fits = glob_regex(glob).fullmatch
    for at in range(bisect_left(ordered, beginning), len(ordered)):
        if not ordered[at].startswith(beginning):
            return
        if fits(ordered[at]):
            yield ordered[at]


def _ties(fitting: Sequence[tuple[str, str, Sequence[str]]]) -> Iterator[str]:
    closest: dict[str, list[tuple[str, str]]] = {}
    for name, glob, found in fitting:
        for file in found:
            known = closest.setdefault(file, [])
            length = len(literal_prefix(glob))
            longest = len(literal_prefix(known[0][1])) if known else -1
            if length > longest:
                known[:] = [(name, glob)]
            elif length == longest and name not in [other for other, _ in known]:
                known.append((name, glob))
    files: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for file, claimed in closest.items():
        if len(claimed) > 1:
            files.setdefault(tuple(claimed), []).append(file)
    for pairs, shared in files.items():
        who = " and ".join(f"{glob!r} of {name}" for name, glob in pairs)
        yield (
            f"{who} claim {count_text(len(shared), 'file')} equally closely, such as {min(shared)}; {pairs[0][0]} has them, "
            "as it is named first: make one of the paths closer"
        )
