"""Proposes features from folders of tests: their names, labels, paths, and the sources that belong to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pytest_carbon.core.energy.feature_shares import feature_of_path
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.path_globs import literal_prefix
from pytest_carbon.core.policy.policy import Feature
from pytest_carbon.core.proposal.find_test_files import is_nameable
from pytest_carbon.core.proposal.group_files import TESTS, FileGroup, group_files, name_of_folder
from pytest_carbon.core.proposal.project_facts import MeasuredRun

OTHER = "other"
_NO_NAMES = frozenset({"repository", "default", UNATTRIBUTED})
_MOST_TOPS = 3
_SOURCE_DEPTH = 3


@dataclass(frozen=True, slots=True)
class ProposedFeature:
    """A feature for the policy, and the files of tests that count for it.

    ``reference_j`` and ``tests`` are what was measured of it; None where no run of the whole suite was measured.
    """

    name: str
    label: str
    paths: tuple[str, ...]
    files: tuple[str, ...]
    reference_j: float | None = None
    tests: int | None = None


def propose_features(
    project: str, files: Sequence[str], test_files: Sequence[str], measured: MeasuredRun | None
) -> list[ProposedFeature]:
    """Return the features of a project without a policy: one for each group of files, and one for the rest.

    ``project`` names the only feature of a project without groups. A feature that only markers name has no paths.
    """
    costs = {file: joules for file, (joules, _) in measured.files.items()} if measured else {}
    claims = _claims(group_files(test_files, costs), files, test_files, {})
    rest = [file for file in test_files if feature_of_path(file, claims) is None]
    if rest:
        claims[_free(OTHER if claims else name_of_folder(project) or "tests", claims)] = _paths_of_rest(rest)
    return _features(claims, test_files, measured)


def propose_new_features(
    existing: Mapping[str, Feature], files: Sequence[str], test_files: Sequence[str], measured: MeasuredRun | None
) -> list[ProposedFeature]:
    """Return features for the folders that no feature of a policy claims by a path of their own or of one inside.

    A glob of all tests is no such claim: whoever has ``tests/**`` for the rest may want a new folder apart.
    """
    claimed = {name: feature.paths for name, feature in existing.items()}
    globs = [literal_prefix(path).rstrip("/") for paths in claimed.values() for path in paths]
    costs = {file: joules for file, (joules, _) in measured.files.items()} if measured else {}
    groups = [
        group
        for group in group_files(test_files, costs)
        if not any(_is_within(glob, folder) for glob in globs for folder in group.folders)
    ]
    claims = _claims(groups, files, test_files, claimed)
    rest = [file for file in test_files if feature_of_path(file, {**claimed, **claims}) is None]
    if rest and len(rest) * 25 >= len(test_files):
        claims[_free(OTHER, {**claimed, **claims})] = _paths_of_rest(rest)
    labels = {label.casefold() for feature in existing.values() for label in feature.labels}
    features = _features({**claimed, **claims}, test_files, measured)
    return [f for f in features if f.name not in existing and f.label.casefold() not in labels]


def measured_features(
    existing: Mapping[str, Feature], test_files: Sequence[str], measured: MeasuredRun
) -> list[ProposedFeature]:
    """Return the features of a policy with what was measured of them."""
    claims = {name: feature.paths for name, feature in existing.items()}
    return [feature for feature in _features(claims, test_files, measured) if feature.name in existing]


def _claims(
    groups: Sequence[FileGroup], files: Sequence[str], test_files: Sequence[str], taken: Collection[str]
) -> dict[str, tuple[str, ...]]:
    sources = _Sources(files, test_files, [folder for group in groups for folder in group.folders])
    claims: dict[str, tuple[str, ...]] = {}
    counts = Counter(group.name for group in groups)
    for group in groups:
        parts = group.around[-1:] if counts[group.name] > 1 else ()
        name = _free("-".join([*parts, group.name]), {*claims, *taken})
        own = tuple(f"{folder}/**" for folder in group.folders)
        claims[name] = (*own, *([] if parts else sources.of(group.name)))
    return claims


def _free(name: str, taken: Collection[str]) -> str:
    """Return a name that no feature has, and that means nothing else in a policy."""
    name = f"{name}-tests" if name in _NO_NAMES else name
    numbered = (name if number == 1 else f"{name}-{number}" for number in range(1, len(taken) + 2))
    return next(free for free in numbered if free not in taken)


def _paths_of_rest(rest: Sequence[str]) -> tuple[str, ...]:
    """Return globs of the folders at the top that hold what no group has, so that new folders count there, too."""
    tops = dict.fromkeys(f"{file.partition('/')[0]}/**" if "/" in file else "*.py" for file in rest)
    return tuple(tops) if len(tops) <= _MOST_TOPS else ("**",)


def _features(
    claims: Mapping[str, Sequence[str]], test_files: Sequence[str], measured: MeasuredRun | None
) -> list[ProposedFeature]:
    own: dict[str, list[str]] = {name: [] for name in claims}
    for file in test_files:
        name = feature_of_path(file, claims)
        if name is not None:
            own[name].append(file)
    marked = {} if measured is None else measured.features
    found = []
    for name in [*claims, *(name for name in marked if name not in claims and _may_be_named(name))]:
        files, figures = own.get(name, []), None
        if measured is not None:
            figures = [*(measured.files.get(file, (0.0, 0)) for file in files), marked.get(name, (0.0, 0))]
        found.append(
            ProposedFeature(
                name,
                f"feature:{name}",
                tuple(claims.get(name, ())),
                tuple(files),
                None if figures is None else sum(joules for joules, _ in figures),
                None if figures is None else sum(tests for _, tests in figures),
            )
        )
    return found


def _may_be_named(name: str) -> bool:
    return name not in _NO_NAMES and name.isprintable() and name.strip() == name and 0 < len(name) <= 40


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


class _Sources:
    """The folders and modules of a project's own code, found by the name that they give to a part of the product.

    What is in a folder of tests, or in a folder of a group (``taken``), belongs to tests or to that group already.
    """

    def __init__(self, files: Iterable[str], test_files: Iterable[str], taken: Iterable[str]) -> None:
        self._places: dict[str, set[str]] = {}
        self._taken = {*filter(None, map(_top_of_tests, test_files)), *taken}
        self._holding_tests = {place for file in test_files for place in _folders_above(file)}
        for file in files:
            for name, place in self._named(file):
                self._places.setdefault(name, set()).add(place)

    def _named(self, file: str) -> Iterator[tuple[str, str]]:
        """Yield the names that a module and the folders above it give, each with its glob."""
        folders = _folders_above(file)
        if not file.endswith(".py") or not folders or not is_nameable(file) or not self._taken.isdisjoint(folders):
            return
        for folder in folders[:_SOURCE_DEPTH]:
            if folder not in self._holding_tests and not folder.rpartition("/")[2].startswith("."):
                yield name_of_folder(folder.rpartition("/")[2]), f"{folder}/**"
        module = file.rpartition("/")[2].removesuffix(".py")
        if len(folders) <= _SOURCE_DEPTH and module != "__init__":
            yield name_of_folder(module), file

    def of(self, name: str) -> list[str]:
        """Return the one folder or module that bears a name; nothing if there are several, or none."""
        places = self._places.get(name, set())
        chosen = {place for place in places if place.endswith("/**")} or places
        return list(chosen) if len(chosen) == 1 else []


def _folders_above(file: str) -> list[str]:
    """Return the folders above a file, from the top down."""
    parts = file.split("/")[:-1]
    return ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


def _top_of_tests(file: str) -> str:
    """Return the folder of tests at whose top a file lies; empty for tests beside the code."""
    parts = file.split("/")[:-1]
    at = next((n for n, part in enumerate(parts) if part.casefold() in TESTS), None)
    return "" if at is None else "/".join(parts[: at + 1])
