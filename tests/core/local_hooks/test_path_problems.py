"""Problems of a policy's paths."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.energy.feature_shares import feature_of_path
from pytest_carbon.core.local_hooks.path_problems import path_problems
from pytest_carbon.core.path_globs import path_glob

_PART = st.sampled_from(["a", "b", "*", "**", "a?", "ab"])
_GLOB = st.lists(_PART, min_size=1, max_size=3).map("/".join)
_FILE = st.lists(st.sampled_from(["a", "b", "ab", "ba"]), min_size=1, max_size=4).map("/".join)


def test_files_that_two_features_claim_equally_closely() -> None:
    """The more specific path wins and is no problem; a tie has a sentence with one of its files."""
    files = ["tests/api/test_pay.py", "tests/api/test_find.py", "tests/web/test_pay.py"]
    assert path_problems({"all": ["tests/**"], "api": ["tests/api/**"]}, files) == []
    assert path_problems({"pay": ["tests/*/test_pay.py"], "rest": ["tests/**", "docs"]}, files) == [
        "the path 'docs' of feature rest matches no file in git",
        "the paths 'tests/*/test_pay.py' of feature pay and 'tests/**' of feature rest claim 2 files equally closely, "
        "such as tests/api/test_pay.py; feature pay gets them, because the policy names it first: "
        "make one of the paths more specific",
    ]


@given(st.dictionaries(st.sampled_from("xyz"), st.lists(_GLOB, min_size=1, max_size=2), max_size=3), st.sets(_FILE))
@settings(max_examples=150, deadline=None)
def test_problems_agree_with_the_matching_of_paths(claims: dict[str, list[str]], files: set[str]) -> None:
    """A path is unused exactly if it matches no file; a tie is a file whose feature depends on the features' order."""
    problems = path_problems(claims, sorted(files))
    globs = [(name, glob) for name, own in claims.items() for glob in own]
    unused = {(name, glob) for name, glob in globs if not any(path_glob(glob).matches(file) for file in files)}
    assert sum("matches no file" in line for line in problems) == len([pair for pair in globs if pair in unused])
    backwards = dict(reversed(claims.items()))
    tied = {file for file in files if feature_of_path(file, claims) != feature_of_path(file, backwards)}
    assert any("equally closely" in line for line in problems) == bool(tied)
