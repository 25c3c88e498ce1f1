"""Plain files that a commit can hold, and that git takes for a bare repository whose settings run commands."""

from __future__ import annotations

from pathlib import Path

from tests.git.small_repository import git

_SETTINGS = """
[core]
\trepositoryformatversion = 0
\tbare = {bare}
{worktree}\tsshCommand = {command}
\tgitProxy = {command}
\tfsmonitor = {command}
\thooksPath = {hooks}
\tpager = {command}
\taskPass = {command}
[remote "origin"]
\turl = {url}
\tuploadpack = {command}
\tpromisor = true
[url "ext::{command} "]
\tinsteadOf = http
\tinsteadOf = file
\tinsteadOf = /
[protocol]
\tallow = always
[uploadpack]
\tpackObjectsHook = {command}
[credential]
\thelper = {command}
[diff]
\texternal = {command}
[diff "x"]
\ttextconv = {command}
[filter "x"]
\tclean = {command}
\tsmudge = {command}
\tprocess = {command}
[alias]
\tx = !{command}
"""


def plant(folder: Path, command: Path, url: str = "ssh://git.example.org/x.git", work_tree: bool = False) -> Path:
    """Write the files of a bare repository with one commit; its settings name the command wherever git would run one.

    With ``work_tree`` the repository says that the folder itself is its work tree.
    """
    git(folder.parent, "init", "-q", "--bare", "-b", "main", str(folder))
    tree = git(folder, "hash-object", "-t", "tree", "-w", "/dev/null")
    git(folder, "update-ref", "refs/heads/carbon-ledger", git(folder, "commit-tree", "-m", "x", tree))
    git(folder, "update-ref", "refs/heads/main", "refs/heads/carbon-ledger")
    (folder / "refs" / ".keep").touch()  # git commits no empty folder
    for hook in ("pre-push", "post-checkout", "reference-transaction", "post-index-change"):
        (folder / hook).symlink_to(command)
    place = f"\tworktree = {folder}\n" if work_tree else ""
    (folder / ".gitattributes").write_text("* filter=x diff=x\n", encoding="ascii")
    text = _SETTINGS.format(command=command, hooks=folder, url=url, bare=str(not work_tree).lower(), worktree=place)
    (folder / "config").write_text(text, encoding="utf-8")
    return folder
