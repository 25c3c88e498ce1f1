"""Makes the Action's own environment, beside the user's and never in it. Standard library only.

``python3 -I install.py`` prints the python of an environment below the runner's temporary folder, with the locked
packages, each checked by its hash, and this checkout on its path. ``CARBON_DATABASE=true`` asks for what a ledger in a
database needs as well.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

LEAST = (3, 11)
HERE = Path(__file__).resolve().parent
LOCK, LOCK_SQL = HERE / "requirements.txt", HERE / "requirements-sql.txt"


def main() -> int:
    """Make the environment if it is not there, and tell the next steps its python."""
    if sys.version_info < LEAST:
        found = ".".join(map(str, sys.version_info[:3]))
        print(
            f"::error title=pytest-carbon::this python is {found}, and 3.11 or newer is needed; "
            "run actions/setup-python before, or name another with the input python"
        )
        return 1
    locks = [LOCK, LOCK_SQL] if os.environ.get("CARBON_DATABASE") == "true" else [LOCK]
    locked = b"".join(lock.read_bytes() for lock in locks)
    digest = hashlib.sha256(locked + str(HERE).encode() + sys.version.encode()).hexdigest()[:16]
    folder = Path(os.environ["RUNNER_TEMP"]) / f"pytest-carbon-{digest}"
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if not ready.exists():
        venv.create(folder, clear=True)
        if _pip(python, locks).returncode:
            print("::error title=pytest-carbon::its packages could not be installed; pip says why above")
            return 1
        (_packages(python) / "pytest-carbon.pth").write_text(f"{HERE.parent}\n", encoding="utf-8")
        ready.touch()
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.write(f"python={python}\n")
    return 0


def _pip(python: Path, locks: Sequence[Path]) -> subprocess.CompletedProcess[bytes]:
    """Install the locked packages with this python's pip, or with one of the environment's own where it has none."""
    own = [sys.executable, "-I", "-m", "pip", "--python", str(python)]
    if importlib.util.find_spec("pip") is None:
        made = subprocess.run([python, "-I", "-m", "ensurepip"], check=False, stdout=subprocess.DEVNULL)
        if made.returncode:
            return made
        own = [str(python), "-I", "-m", "pip"]
    options = ["--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps", "--only-binary", ":all:"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}  # pip drops our -I
    wanted = [word for lock in locks for word in ("-r", lock)]
    return subprocess.run([*own, "install", *options, "--require-hashes", *wanted], check=False, env=clean)


def _packages(python: Path) -> Path:
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    told = subprocess.run([python, "-I", "-c", ask], check=True, capture_output=True, text=True)
    return Path(told.stdout.strip())


if __name__ == "__main__":
    sys.exit(main())
