"""Git over HTTP: the token is checked, then ``git http-backend`` answers."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.github_action.fake.git import environment
from tests.github_action.fake.rest import Answer
from tests.github_action.fake.state import Refusal, World, secret_of

_PATH = re.compile(r"/([\w.-]+/[\w.-]+?)(?:\.git)?(/info/refs|/git-upload-pack|/git-receive-pack)")


def answer(world: World, verb: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Answer a fetch (``contents: read``, or a public repository without a token) or a push (``contents: write``)."""
    match = _PATH.fullmatch(path)
    if match is None:
        return Answer(404, body=b"Not Found", content_type="text/plain")
    pushing = "git-receive-pack" in path + query
    try:
        token = world.token_of(secret_of(headers.get("authorization", "")))
    except Refusal:
        return _unknown()
    repo = world.repositories.get(match[1])
    if repo is None or (token is None and (pushing or not repo.public)):
        return _unknown() if token is None else Answer(404, body=b"Repository not found.", content_type="text/plain")
    if token and not token.may("contents", "write" if pushing else "read", repo):
        return Answer(403, body=b"Permission denied.", content_type="text/plain")
    with world.lock:
        repo.refresh()
    return _backend(repo.git, verb, match[2], query, headers, body)


def _unknown() -> Answer:
    return Answer(401, {"www-authenticate": 'Basic realm="GitHub"'}, b"Bad credentials", "text/plain")


def _backend(path: Path, verb: str, service: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Run ``git http-backend`` as a web server does (RFC 3875)."""
    variables = {
        "GIT_PROJECT_ROOT": str(path.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{path.name}{service}",
        "QUERY_STRING": query,
        "REQUEST_METHOD": verb,
        "REMOTE_USER": "token",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
        "GIT_PROTOCOL": headers.get("git-protocol", ""),
    }
    done = subprocess.run(
        ["git", "http-backend"], input=body, capture_output=True, check=False, env={**environment(path), **variables}
    )
    head, _, out = done.stdout.partition(b"\r\n\r\n")
    told = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
    status = int(told.pop("Status", "200").split()[0])
    return Answer(status, {}, out, told.get("Content-Type", "text/plain"))
