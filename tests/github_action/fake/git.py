"""A bare repository, read and written with the git command."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_SETTINGS = """[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
[gc]
\tauto = 0
[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
"""
_OF_OBJECTS = {"ls-tree", "cat-file", "rev-parse", "merge-base", "merge-tree", "diff"}
"""Commands whose answer cannot change if all their names are hashes."""
_HASH = re.compile(r"[0-9a-f]{40}(\^\{\w+\})?")


@dataclass(frozen=True)
class Entry:
    """A line of a tree; ``size`` is None for folders and submodules."""

    mode: str
    kind: str
    sha: str
    size: int | None
    path: str


@dataclass(frozen=True)
class Commit:
    """A commit as git shows it."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: str
    email: str
    date: str
    message: str
    committer: str = ""
    committer_email: str = ""


def git(folder: Path, *arguments: str, stdin: bytes = b"", check: bool = True) -> bytes:
    """Run git without any settings of the user; return its output, empty for a failure with ``check`` False."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, input=stdin, capture_output=True, check=False, env=environment(folder)
    )
    if check and done.returncode:
        raise ValueError(f"git {' '.join(arguments)}: {done.stderr.decode(errors='replace')}")
    return done.stdout if done.returncode == 0 else b""


def environment(folder: Path) -> dict[str, str]:
    """Return environment variables for git without the settings of the machine or of its user."""
    environment = {key: value for key, value in os.environ.items() if key in {"PATH", "TMPDIR", "SYSTEMROOT"}}
    nobody = {f"GIT_{who}_{what}": "GitHub" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {**environment, **nobody, "HOME": str(folder), "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1"}


class Bare:
    """A bare repository in a folder. A fork shares the objects of its parent, as on GitHub."""

    def __init__(self, path: Path, branch: str, parent: Bare | None = None) -> None:
        self.path = path
        self.branch = branch
        self._known: dict[tuple[str, ...], bytes] = {}
        for folder in ("refs/heads", "refs/tags"):
            (path / folder).mkdir(parents=True)
        (path / "config").write_text(_SETTINGS, encoding="ascii")
        (path / "HEAD").write_text(f"ref: refs/heads/{branch}\n", encoding="utf-8")
        if parent is None:
            (path / "objects").mkdir()
        else:
            (path / "objects").symlink_to(parent.path / "objects", target_is_directory=True)
            self.point(f"refs/heads/{branch}", parent.branches()[parent.branch])

    def text(self, *arguments: str, check: bool = True) -> str:
        return self._answer(*arguments, check=check).decode("utf-8", "replace")

    def _answer(self, *arguments: str, check: bool = True) -> bytes:
        """Run git; what it said about objects before is not asked again."""
        if arguments in self._known:
            return self._known[arguments]
        answer = git(self.path, *arguments, check=check)
        names = [word for word in arguments[1:] if not word.startswith("-") and word != "blob"]
        if answer and arguments[0] in _OF_OBJECTS and all(map(_HASH.fullmatch, names)):
            self._known[arguments] = answer
        return answer

    def commit_of(self, name: str) -> str | None:
        """Return the hash of the commit that a name stands for; None without such a commit."""
        return self.text("rev-parse", "--verify", "-q", f"{name}^{{commit}}", check=False).strip() or None

    def branches(self) -> dict[str, str]:
        """Return the newest commit of each branch. The refs are files, because nothing packs them here."""
        heads = self.path / "refs" / "heads"
        files = [file for file in heads.rglob("*") if file.is_file() and file.suffix != ".lock"]
        return {file.relative_to(heads).as_posix(): file.read_text(encoding="ascii").strip() for file in files}

    def point(self, ref: str, sha: str) -> None:
        """Point a ref at a commit."""
        (self.path / ref).parent.mkdir(parents=True, exist_ok=True)
        (self.path / ref).write_text(f"{sha}\n", encoding="ascii")

    def commit(
        self,
        files: Mapping[str, str | bytes | None],
        branch: str,
        message: str,
        author: str,
        when: datetime,
        committer: str = "",
    ) -> str:
        """Commit files to a branch; a new branch starts at the default branch. None deletes a file."""
        who, other = (
            f"{name} <{name.lower().replace(' ', '.')}@example.org> {int(when.timestamp())} +0000"
            for name in (author, committer or author)
        )
        tips = self.branches()
        parent = tips.get(branch) or tips.get(self.branch)
        stream = f"commit refs/heads/{branch}\nmark :1\nauthor {who}\ncommitter {other}\n".encode() + _data(message)
        stream += f"from {parent}\n".encode() if parent else b""
        for path, content in files.items():
            quoted = '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
            line = f"D {quoted}\n" if content is None else f"M 100644 inline {quoted}\n"
            stream += line.encode() + (b"" if content is None else _data(content))
        return git(self.path, "fast-import", "--quiet", stdin=stream + b"\nget-mark :1\n").decode().strip()

    def merged(self, base: str, head: str) -> str | None:
        """Make a merge commit on no branch; None if the two commits conflict."""
        tree = self.text("merge-tree", "--write-tree", base, head, check=False).strip()
        if not tree:
            return None
        return self.text("commit-tree", tree, "-p", base, "-p", head, "-m", f"Merge {head} into {base}").strip()

    def commits(self, *arguments: str) -> list[Commit]:
        """Return the commits of ``git log ARGUMENTS``, newest first."""
        form = "%x00".join(("%H", "%T", "%P", "%an", "%ae", "%aI", "%B", "%cn", "%ce")) + "%x00"
        fields = self.text("log", "-z", f"--format={form}", *arguments, "--").split("\0")
        rows = [fields[i : i + 9] for i in range(0, len(fields) - 9, 10)]
        return [Commit(s, t, tuple(p.split()), a, e, d, m.rstrip("\n"), *c) for s, t, p, a, e, d, m, *c in rows]

    def entries(self, treeish: str, *paths: str, recursive: bool = False) -> list[Entry]:
        """Return the entries of a tree, ``recursive`` with all subfolders, or only the entries at some paths."""
        deep = ("-r", "-t") if recursive else ()
        out = []
        for line in self.text("ls-tree", "-z", "-l", *deep, treeish, *paths, check=False).split("\0"):
            if line:
                facts, _, path = line.partition("\t")
                mode, kind, sha, size = facts.split()
                out.append(Entry(mode, kind, sha, int(size) if size.isdigit() else None, path))
        return out

    def kind(self, sha: str) -> str:
        return self.text("cat-file", "-t", sha, check=False).strip()

    def blob(self, sha: str) -> bytes:
        return self._answer("cat-file", "blob", sha)

    def changed_count(self, base: str, head: str) -> int:
        """Return how many files a head changes since it left its base; 0 without a common commit."""
        start = self.text("merge-base", base, head, check=False).strip()
        return self.text("diff", "-z", "--name-only", "--no-renames", start, head).count("\0") if start else 0

    def changes(self, base: str, head: str) -> list[dict[str, object]]:
        """Return the files that differ between two commits; a renamed file is a removed and an added file."""
        fields = self.text("diff", "-z", "--raw", "--numstat", "--no-renames", "--no-abbrev", base, head).split("\0")
        kinds = {"A": "added", "M": "modified", "D": "removed", "T": "changed"}
        files: dict[str, dict[str, object]] = {}
        while fields[0].startswith(":"):
            (_, _, old, new, kind), name = fields.pop(0).split(), fields.pop(0)
            files[name] = {"filename": name, "status": kinds[kind], "sha": old if kind == "D" else new}
        for line in filter(None, fields):
            more, less, name = line.split("\t", 2)
            added, gone = int(more.replace("-", "0")), int(less.replace("-", "0"))
            files[name] |= {"additions": added, "deletions": gone, "changes": added + gone}
        return list(files.values())


def _data(content: str | bytes) -> bytes:
    data = content.encode() if isinstance(content, str) else content
    return b"data %d\n%b\n" % (len(data), data)
