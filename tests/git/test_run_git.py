"""Git is run without the variables of a hook, its output is parsed, and no secret is shown."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pytest_carbon.git import run_git
from pytest_carbon.git.run_git import GitError
from tests.attack import Attack
from tests.git.hostile_folder import plant

TOKEN = "c2VjcmV0LXRva2Vu"  # noqa: S105 - it opens nothing


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with one commit of one file."""
    (tmp_path / "file.txt").write_text("text\n", encoding="utf-8")
    identity = ("-c", "user.name=n", "-c", "user.email=n@example.org")
    for arguments in (("init", "-q", "-b", "main"), ("add", "-A"), (*identity, "commit", "-q", "-m", "a commit")):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True, capture_output=True)
    return tmp_path


def test_failure_of_git_is_an_error_with_its_message(repository: Path, tmp_path: Path) -> None:
    """The error names the command, the exit code and git's message; or the missing folder."""
    with pytest.raises(GitError, match=r"^git rev-parse --verify nonsense failed with 128: fatal: ") as caught:
        run_git.run(["rev-parse", "--verify", "nonsense"], repository)
    assert caught.value.output.startswith("fatal: ")
    with pytest.raises(GitError, match=r"^git status could not be run: there is no folder .*/gone$"):
        run_git.run(["status"], tmp_path / "gone")


def test_command_past_its_time_limit_is_ended(repository: Path) -> None:
    """The error names the limit and has no output."""
    with pytest.raises(
        GitError, match=r"took longer than 0 s and was ended; is the disk slow, or the repository large\?"
    ) as caught:
        run_git.run(["hash-object", "--stdin"], repository, timeout_s=0.0001)
    assert caught.value.output == ""


def test_variables_of_a_hook_are_left_out(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The repository is that of the folder, though a hook's variables name another one."""
    for name in run_git.REPOSITORY_VARIABLES:
        monkeypatch.setenv(name, "/nowhere")
    assert run_git.run_text(["rev-parse", "--show-toplevel"], repository) == str(repository.resolve())


@pytest.mark.attack("git-in-checkout")
@pytest.mark.parametrize("work_tree", [False, True], ids=["bare", "with a work tree"])
@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["fetch", "--quiet"], ["origin", "main"]),
        (["fetch", "--quiet"], ["https://git.example.org/a/b", "main"]),
        (["ls-remote"], ["origin"]),
        (["status", "--porcelain"], []),
        (["diff", "--name-only"], ["HEAD"]),
        (["remote", "get-url"], ["origin"]),
        (["rev-parse", "--verify"], ["HEAD"]),
        (["cat-file", "-p"], ["4b825dc642cb6eb9a060e54bf8d69288fbee4905"]),
        (["x"], []),
    ],
    ids=" ".join,
)
def test_folder_of_a_commit_is_no_repository(
    repository: Path, attack: Attack, arguments: list[str], names: list[str], work_tree: bool
) -> None:
    """Whatever is asked for there, git refuses, and obeys no setting of the folder."""
    evil = plant(repository / "evil", attack.command, work_tree=work_tree)
    for folder in (evil, evil / "refs"):
        with pytest.raises(GitError) as caught:
            run_git.run(arguments, folder, names=names)
        attack.ended("refused", str(caught.value))


@pytest.mark.parametrize("arguments", [["fetch", "https://git.example.org/a"], ["fetch", "origin"], ["x"]])
def test_the_bait_of_such_a_folder_is_live(repository: Path, tmp_path: Path, arguments: list[str]) -> None:
    """Git itself runs the command: without this, the tests of the attack prove nothing."""
    live = Attack(tmp_path / "live")
    evil = plant(repository / "evil", live.command)
    subprocess.run(["git", *arguments], cwd=evil, check=False, capture_output=True, stdin=subprocess.DEVNULL)
    live.harmless()
    with pytest.raises(AssertionError, match="ran a command"):
        live.check()


@pytest.mark.attack("git-in-checkout")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GIT_TRACE", "{outside}"),
        ("GIT_TRACE_CURL", "{outside}"),
        ("GIT_TRACE2_EVENT", "{outside}"),
        ("GIT_EXTERNAL_DIFF", "{command}"),
        ("GIT_PAGER", "{command}"),
        ("GIT_CONFIG_PARAMETERS", "'core.fsmonitor={command}'"),
        ("GIT_ALLOW_PROTOCOL", "ext"),
        ("GIT_PROTOCOL_FROM_USER", "0"),
        ("GIT_OBJECT_DIRECTORY", "/nowhere"),
        ("GIT_REPLACE_REF_BASE", "refs/evil/"),
        ("GIT_EXEC_PATH", "/nowhere"),
    ],
)
def test_variables_of_git_are_left_out(
    repository: Path, monkeypatch: pytest.MonkeyPatch, attack: Attack, name: str, value: str
) -> None:
    """No trace is written, and nothing is run or found in another place, whatever a step before has set."""
    monkeypatch.setenv(name, value.format(outside=attack.outside, command=attack.command))
    (repository / "file.txt").write_text("changed", encoding="utf-8")
    assert run_git.run_text(["diff", "--name-only"], repository, names=["HEAD"]) == "file.txt"
    assert run_git.run_text(["ls-remote"], repository, names=[repository.as_uri(), "refs/heads/main"])
    with pytest.raises(GitError, match="transport 'ext' not allowed") as caught:
        run_git.run(["ls-remote"], repository, names=[f"ext::{attack.command} x"])
    attack.ended("refused", str(caught.value))


@pytest.mark.attack("git-in-checkout")
def test_other_protocols_are_not_used(repository: Path, attack: Attack) -> None:
    """Whatever the settings allow, and however an address is rewritten, git starts no program that it names."""
    for key, value in (("protocol.allow", "always"), (f"url.ext::{attack.command} .insteadOf", "https://x.example/")):
        subprocess.run(["git", "config", key, value], cwd=repository, check=True)
    for address in ("https://x.example/y", f"ext::{attack.command} x", "foo://x"):
        with pytest.raises(GitError, match=r"transport '\w+' not allowed") as caught:
            run_git.run(["ls-remote", address], repository)
        attack.ended("refused", str(caught.value))


def test_ways_to_reach_a_server_are_kept(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's settings and programs for ssh and passwords are; the Action's own variables are not."""
    for name, value in (("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "alias.env"), ("GIT_CONFIG_VALUE_0", "!env")):
        monkeypatch.setenv(name, value)
    for name in (
        "GIT_SSH_COMMAND",
        "GIT_ASKPASS",
        "GIT_SSL_CAINFO",
        "SSH_AUTH_SOCK",
        "GIT_TRACE_SETUP",
        "CARBON_TOKEN",
    ):
        monkeypatch.setenv(name, "mine")
    lines = run_git.run_text(["env"], repository).splitlines()
    mine = {line.removesuffix("=mine") for line in lines if line.endswith("=mine")}
    assert mine == {"GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_SSL_CAINFO", "SSH_AUTH_SOCK"}
    assert "GIT_NO_REPLACE_OBJECTS=1" in lines


@pytest.mark.attack("git-in-checkout")
def test_replaced_commit_is_not_read(repository: Path, attack: Attack) -> None:
    """A ref that replaces one commit with another one does not count, nor does a hook or a monitor of files run."""
    commit = run_git.find_commit("HEAD", repository)
    (repository / "file.txt").write_text("other", encoding="utf-8")
    identity = ("-c", "user.name=n", "-c", "user.email=n@example.org")
    subprocess.run(["git", *identity, "commit", "-aqm", "other"], cwd=repository, check=True)
    subprocess.run(["git", "replace", str(commit), "HEAD"], cwd=repository, check=True)
    for hook in ("post-index-change", "reference-transaction", "post-checkout"):
        (repository / ".git" / "hooks" / hook).symlink_to(attack.command)
    subprocess.run(["git", "config", "core.fsmonitor", str(attack.command)], cwd=repository, check=True)
    assert run_git.run_text(["cat-file", "blob"], repository, names=[f"{commit}:file.txt"]) == "text"
    run_git.run(["update-ref"], repository, names=["refs/heads/new", str(commit)])
    assert run_git.try_text(["status", "--porcelain"], repository) is None
    attack.harmless()


@pytest.mark.parametrize("command", ["diff", "diff-tree", "log", "rev-list", "show"])
def test_a_file_with_the_name_of_a_commit_hides_nothing(repository: Path, command: str) -> None:
    """Git itself would refuse a name that is a commit and a file."""
    commit = str(run_git.find_commit("HEAD", repository))
    for name in ("HEAD", commit, f"{commit}^{{commit}}"):
        (repository / name).write_text("", encoding="utf-8")
        assert run_git.run([command, *(["-r"] if command == "diff-tree" else [])], repository, names=[name]) is not None


@pytest.mark.attack("names-as-options")
@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["diff", "--name-only"], ["--output={outside}"]),
        (["diff", "--name-only"], ["HEAD", "--output={outside}"]),
        (["rev-list"], ["HEAD\n--output={outside}"]),
        (["fetch"], ["--upload-pack={command}", "main"]),
        (["fetch"], ["{repository}", "--upload-pack={command}"]),
        (["ls-remote"], ["--upload-pack={command}", "{repository}"]),
        (["ls-remote"], ["ssh://-oProxyCommand={command}/x"]),
        (["ls-remote"], ["ext::{command}"]),
        (["clone", "--quiet"], ["{repository}", "--config=core.fsmonitor={command}"]),
        (["worktree", "add"], ["--orphan", "main"]),
        (["show", "-s"], ["-O{command}"]),
        (["rev-parse", "--verify"], [""]),
    ],
)
def test_a_name_is_never_an_option(repository: Path, attack: Attack, arguments: list[str], names: list[str]) -> None:
    """It is refused, with the reason, before git or a program of git gets it."""
    places = {"outside": attack.outside, "command": attack.command, "repository": repository}
    with pytest.raises(GitError) as caught:
        run_git.run(arguments, repository, names=[name.format(**places) for name in names])
    attack.ended("refused", str(caught.value))


def test_text_of_a_command_that_may_fail(repository: Path) -> None:
    """A failure and an empty output are both None."""
    assert run_git.try_text(["rev-parse", "--abbrev-ref", "HEAD"], repository) == "main"
    assert run_git.try_text(["status", "--porcelain"], repository) is None
    assert run_git.try_text(["rev-parse", "--verify", "nonsense"], repository) is None


def test_commit_is_found_by_any_of_its_names(repository: Path) -> None:
    """A branch, an abbreviated hash and the hash itself are the same commit; other names are none."""
    full_hash = run_git.run_text(["rev-parse", "HEAD"], repository)
    assert {run_git.find_commit(name, repository) for name in ("main", "HEAD", full_hash, full_hash[:8])} == {full_hash}
    assert run_git.find_commit("0" * 40, repository) is None
    assert run_git.find_commit("--all", repository) is None


def test_listing_and_objects_are_parsed(repository: Path) -> None:
    """A missing object has no content; an empty one, and one with a line like an answer, are whole."""
    odd = b"x missing\n" * 2
    (repository / "new\nline").write_bytes(odd)
    (repository / "empty").write_bytes(b"")
    run_git.run(["add", "-A"], repository)
    tree = run_git.run_text(["write-tree"], repository)
    listed = list(run_git.parse_listing(run_git.run(["ls-tree", "-r", "-z", tree], repository)))
    assert [(mode, path) for mode, _, path in listed] == [
        ("100644", "empty"), ("100644", "file.txt"), ("100644", "new\nline"),
    ]  # fmt: skip
    oids = [oid for _, oid, _ in listed] + ["0" * 40]
    request = "".join(f"{oid}\n" for oid in oids).encode()
    stream = run_git.run(["cat-file", run_git.BATCH_OPTION], repository, stdin=request)
    assert list(run_git.parse_objects(stream)) == list(zip(oids, [b"", b"text\n", odd, None], strict=True))
    assert list(run_git.parse_objects(b"")) == list(run_git.parse_listing(b"")) == []


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://GitHub.com/a/b", "github.com"),
        ("ssh://git@git.example.org:22/a/b", "git.example.org"),
        ("git@git.example.org:a/b.git", "git.example.org"),
        ("/srv/git/b.git", None),
    ],
)
def test_host_of_a_url(url: str, host: str | None) -> None:
    """The host is in lower case; a path has none."""
    assert run_git.host_of(url) == host


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://git.example.org/shop/web.git", "shop/web"),
        ("https://user:secret@git.example.org:8443/group/shop/web/", "shop/web"),
        ("git@git.example.org:shop/web.git", "shop/web"),
        ("ssh://git@git.example.org:22/shop/web", "shop/web"),
        ("file:///srv/git/web.git", "git/web"),
        ("/srv/git/web.git", "git/web"),
        ("https://user:secret@git.example.org/web.git", None),
        ("web", None),
        ("https://github.com/org/shop.git", "org/shop"),
        ("https://me@host:8443/group/sub/shop/", "sub/shop"),
        ("git@github.com:org/shop.git", "org/shop"),
        ("file:///srv/git/org/shop.git", "org/shop"),
        ("/srv/git/org/shop", "org/shop"),
        ("shop", None),
    ],
)
def test_owner_and_name_of_a_repository(url: str, name: str | None) -> None:
    """They are the last two parts of its path, never its server, user or password."""
    assert run_git.owner_and_name(url) == name


def test_headers_of_the_environment_are_masked(tmp_path: Path) -> None:
    """What the environment gives git as a header is not shown, neither in the command nor in git's output."""
    own = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "http.https://h/.extraheader",
           "GIT_CONFIG_VALUE_0": "Private-Token: abc-def"}  # fmt: skip
    with pytest.raises(GitError, match=r"git \*\*\* failed with 1: git: '\*\*\*' is not a git command") as caught:
        run_git.run(["abc-def"], tmp_path, environment=own)
    assert "abc-def" not in str(caught.value) + caught.value.output


@pytest.mark.attack("secrets-in-files")
@pytest.mark.parametrize("password", ["{}", "pa/{}", "pa'{}", 'pa"{}', "pa {}", "pa@{}"])
@pytest.mark.parametrize("address", ["https://ann:{}@127.0.0.1:1/x.git", "https://127.0.0.1:1/x.git?pat={}"])
@pytest.mark.parametrize("named", [False, True])
def test_no_password_of_a_remote_is_shown(
    repository: Path, attack: Attack, address: str, password: str, named: bool
) -> None:
    """Whatever characters it has, and also if git knows the address of the remote: its own messages repeat it."""
    url = address.format(password.format(attack.secret))
    if named:
        run_git.run(["remote", "add"], repository, names=["origin", url])
    with pytest.raises(GitError) as caught:
        run_git.run(["ls-remote"], repository, names=["origin" if named else url])
    attack.ended("error", str(caught.value), caught.value.output)


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        ("fatal: unable to access 'https://u:p%40@h/x'", "fatal: unable to access 'https://***@h/x'"),
        ("unable to access 'https://u:p s3cret@h/x/': no", "unable to access 'https://***@h/x/': no"),
        ("unable to access 'https://h/x.git?a=1/': no", "unable to access 'https://h/x.git?***': no"),
        ("unable to access 'https://h/x.git?a=s3: cret'", "unable to access 'https://h/x.git?***"),
        ("is this right? see https://h/y", "is this right? see https://h/y"),
        ("https://h/y\nssh://git@h/x", "https://h/y\nssh://***@h/x"),
        ("git@github.com:a/b failed", "git@github.com:a/b failed"),
    ],
)
def test_urls_in_the_output_of_git(repository: Path, output: str, shown: str) -> None:
    """Of a URL in a line of git's output, the end of the line may belong to the password, but not what is no URL."""
    with pytest.raises(GitError) as caught:
        run_git.run([f"--{output}"], repository)
    assert caught.value.output.startswith(f"unknown option: --{shown}\n")


def test_secrets_are_masked_in_errors(tmp_path: Path) -> None:
    """Neither the command nor the output in an error shows a password."""
    with pytest.raises(GitError) as caught:
        run_git.run(["ls-remote", f"http://ann:{TOKEN}@localhost:9/x.git"], tmp_path)
    assert TOKEN not in str(caught.value) + caught.value.output
    assert "http://***@localhost:9/x.git" in str(caught.value)
