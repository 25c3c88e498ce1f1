"""What TeamCity tells a build in files only: its branch and its pull request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pytest_carbon.files.read_bounded import LIST_BYTES, read_bytes

FILE_VARIABLE = "TEAMCITY_BUILD_PROPERTIES_FILE"
_MORE = "teamcity.configuration.properties.file"
_VARIABLES = {
    "teamcity.build.branch": "TEAMCITY_BUILD_BRANCH",
    "teamcity.pullRequest.number": "TEAMCITY_PULLREQUEST_NUMBER",
    "teamcity.pullRequest.source.branch": "TEAMCITY_PULLREQUEST_SOURCE_BRANCH",
    "teamcity.pullRequest.target.branch": "TEAMCITY_PULLREQUEST_TARGET_BRANCH",
}
_NO_NAME = "<default>"
_LINE = re.compile(r"\s*((?:[^\\=:\s]|\\.)+)\s*[=:]\s*(.*)")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")


def with_teamcity(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return the variables, and those that a build step could have made of TeamCity's parameters.

    The file that ``TEAMCITY_BUILD_PROPERTIES_FILE`` names names another one, which has the branch. Variables that are
    there stay as they are.
    """
    path = environment.get(FILE_VARIABLE)
    if not path:
        return environment
    build = _read_properties(Path(path))
    parameters = {**build, **(_read_properties(Path(build[_MORE])) if build.get(_MORE) else {})}
    found = {variable: parameters.get(key, "") for key, variable in _VARIABLES.items()}
    return {**{variable: value for variable, value in found.items() if value not in ("", _NO_NAME)}, **environment}


def _read_properties(path: Path) -> dict[str, str]:
    """Return what a Java properties file says; nothing if it cannot be read. Comments and long lines are left out."""
    try:
        text = read_bytes(path, LIST_BYTES).decode("latin-1")
    except OSError:
        return {}
    lines = (_LINE.fullmatch(line) for line in text.splitlines() if not line.lstrip().startswith(("#", "!")))
    return {_unescape(line[1]): _unescape(line[2]) for line in lines if line}


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1][1:], 16)) if len(match[1]) > 1 else match[1], text)
