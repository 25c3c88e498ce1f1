"""Problems of a policy's paths: globs that match no file, and files that two features claim equally closely."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from pytest_carbon.core.budget.budget import holder_phrase
from pytest_carbon.core.path_globs import literal_prefix, path_glob
from pytest_carbon.core.verdict.wording import count_text

PathClaims = Mapping[str, Sequence[str]]


def path_problems(claims: PathClaims, files: Sequence[str]) -> list[str]:
    """Return a sentence for each glob that matches no file, and for files that two features claim equally closely.

    ``claims`` maps features to their globs. A file that ``tests/**`` and ``tests/checkout/**`` match is no problem: it
    belongs to the more specific glob.
    """
    ordered = sorted(files)
    matches = [(name, glob, list(_matching_files(glob, ordered))) for name, globs in claims.items() for glob in globs]
    unused = [
        f"the path {glob!r} of {holder_phrase(name)} matches no file in git"
        for name, glob, found in matches
        if not found
    ]
    return [*unused, *_ties(matches)]


def _matching_files(glob: str, ordered: Sequence[str]) -> Iterator[str]:
    """Yield the files that a glob matches. Only files with the glob's literal prefix are tried."""
    prefix = literal_prefix(glob).rstrip("/")
    matches = path_glob(glob).matches
    for index in range(bisect_left(ordered, prefix), len(ordered)):
        if not ordered[index].startswith(prefix):
            return
        if matches(ordered[index]):
            yield ordered[index]


def _ties(matches: Sequence[tuple[str, str, Sequence[str]]]) -> Iterator[str]:
    """Yield a sentence for each group of features that claim the same files equally closely."""
    closest: dict[str, list[tuple[str, str]]] = {}
    for name, glob, matched in matches:
        for file in matched:
            claims = closest.setdefault(file, [])
            length = len(literal_prefix(glob))
            longest = len(literal_prefix(claims[0][1])) if claims else -1
            if length > longest:
                claims[:] = [(name, glob)]
            elif length == longest and name not in [other for other, _ in claims]:
                claims.append((name, glob))
    tied: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for file, claims in closest.items():
        if len(claims) > 1:
            tied.setdefault(tuple(claims), []).append(file)
    for claims_of_files, files in tied.items():
        paths = " and ".join(f"{glob!r} of {holder_phrase(name)}" for name, glob in claims_of_files)
        yield (
            f"the paths {paths} claim {count_text(len(files), 'file')} equally closely, such as {min(files)}; "
            f"{holder_phrase(claims_of_files[0][0])} gets them, because the policy names it first: "
            "make one of the paths more specific"
        )
