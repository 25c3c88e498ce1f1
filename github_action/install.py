"""Makes a Python environment for the Action alone. Needs only the standard library, so it runs before all packages.

``python3 -I install.py`` makes the environment below the runner's temporary folder, and writes the path of its python
to the step's output ``python``. The environment has the locked packages, each checked by its hash, and this checkout
on its path; action.yml refuses an older python before. With ``CARBON_DATABASE=true`` it also has the packages for a
ledger in a database.
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

HERE = Path(__file__).resolve().parent
LOCK, LOCK_SQL = HERE / "requirements.txt", HERE / "requirements-sql.txt"


def main() -> int:
    """Make the environment if it does not exist, and write the path of its python for the next steps."""
    locks = [LOCK, LOCK_SQL] if os.environ.get("CARBON_DATABASE") == "true" else [LOCK]
    locked = b"".join(lock.read_bytes() for lock in locks)
    digest = hashlib.sha256(locked + str(HERE).encode() + sys.version.encode()).hexdigest()[:16]
    folder = Path(os.environ["RUNNER_TEMP"]) / f"pytest-carbon-{digest}"
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if not ready.exists():
        venv.create(folder, clear=True)
        if _install_packages(python, locks).returncode:
            print(
                "::error title=pytest-carbon::the Action's packages could not be installed; see the output of pip above"
            )
            return 1
        (_site_packages(python) / "pytest-carbon.pth").write_text(f"{HERE.parent}\n", encoding="utf-8")
        ready.touch()
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.write(f"python={python}\n")
    return 0


def _install_packages(python: Path, locks: Sequence[Path]) -> subprocess.CompletedProcess[bytes]:
    """Install the locked packages with the pip of this python, or of the environment if this python has no pip."""
    pip = [sys.executable, "-I", "-m", "pip", "--python", str(python)]
    if importlib.util.find_spec("pip") is None:
        ensured = subprocess.run([python, "-I", "-m", "ensurepip"], check=False, stdout=subprocess.DEVNULL)
        if ensured.returncode:
            return ensured
        pip = [str(python), "-I", "-m", "pip"]
    options = ["--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps", "--only-binary", ":all:"]
    # pip starts another python without -I, which would read the variables PYTHON*
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    requirements = [word for lock in locks for word in ("-r", lock)]
    return subprocess.run([*pip, "install", *options, "--require-hashes", *requirements], check=False, env=environment)


def _site_packages(python: Path) -> Path:
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    done = subprocess.run([python, "-I", "-c", code], check=True, capture_output=True, text=True)
    return Path(done.stdout.strip())


if __name__ == "__main__":
    sys.exit(main())
