"""What a ledger's branch had before: its own history, and the commit at which this clone last saw it whole."""

from __future__ import annotations

from datetime import date

from pytest_carbon.core.records.lost_runs import LostRuns
from pytest_carbon.core.verdict.wording import count_text
from pytest_carbon.git.run_git import GitError
from pytest_carbon.ledgers.branch.commit_tree import LIST_FILES, CommitTree, split_listing
from pytest_carbon.ledgers.lost_files import LOG_OF_REMOVED, ONLY_REMOVED, is_of_a_run, listed_names, lost_files
from pytest_carbon.ledgers.read_tree import paths_with_packed


def find_loss(tree: CommitTree, since: date) -> LostRuns | None:
    """Return what a branch has lost of the days from ``since`` on; remember the commit if it has lost nothing.

    A branch that is gone has lost what the newest copy in this clone has. A branch that is there has lost the records
    that were removed without being packed, and baselines of which too few are left.
    """
    repository = tree.repository
    copy = repository.last_seen()
    if tree.tip is None:
        if copy is None or not any(map(is_of_a_run, split_listing(copy.git(*LIST_FILES, names=[copy.commit]))[0])):
            return None
        return LostRuns(
            f"the {repository.where} is gone, which had runs at commit {copy.commit[:12]}",
            f"bring the branch back: {copy.how_to_restore}; or begin anew: {copy.how_to_forget}",
        )
    removed = listed_names(repository.git(*LOG_OF_REMOVED, names=[tree.tip]))
    remedy = "bring them back: revert the commit that removed them"
    if copy is not None and copy.commit != tree.tip:
        removed |= _removed_since(copy.commit, tree)
        remedy = f"bring them back: {copy.how_to_restore}; or begin anew: {copy.how_to_forget}"
    lost = lost_files(removed, paths_with_packed(tree, removed), since)
    if not lost:
        repository.remember(tree.tip)
        return None
    files = count_text(len(lost), "file")
    return LostRuns(f"the {repository.where} has lost {files} of runs, such as {lost[0]}", remedy)


def _removed_since(commit: str, tree: CommitTree) -> set[str]:
    try:
        return listed_names(tree.repository.git("diff-tree", "-r", *ONLY_REMOVED, names=[commit, str(tree.tip)]))
    except GitError:  # the old commit is not complete here any more
        return set()
