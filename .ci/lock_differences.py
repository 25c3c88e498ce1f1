"""Prints what this environment has in another version than a lock: python lock_differences.py LOCK

It runs in the environment that it looks at, and takes ``packaging`` from there.
"""

import re
import sys
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

OURS = {"pytest-carbon", "pip"}


def main() -> None:
    """Print one line for each package that differs."""
    lines = re.findall(r"^\S+==[^\\\n]+", Path(sys.argv[1]).read_text(encoding="utf-8"), re.MULTILINE)
    requirements = [Requirement(line) for line in lines]
    locked = {
        canonicalize_name(requirement.name): str(requirement.specifier).removeprefix("==")
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate()
    }
    here = {canonicalize_name(package.name): package.version for package in distributions()}
    differing = [name for name in sorted((locked.keys() | here.keys()) - OURS) if locked.get(name) != here.get(name)]
    for name in differing:
        print(f"{name}: {locked.get(name, 'nothing')} in the lock, {here.get(name, 'nothing')} here")
    print(f"{len(differing)} of {len(here)} packages differ from {sys.argv[1]}")


if __name__ == "__main__":
    main()
