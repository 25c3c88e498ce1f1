"""doctor: what it says of this machine."""

from __future__ import annotations

from pathlib import Path

from tests.cli.process import run_cli


def test_doctor_explains_the_machine(tmp_path: Path) -> None:
    """doctor names the method, the machine, the grid, CodeCarbon, and what would make the figures better."""
    (tmp_path / "carbon.toml").write_text('[features.shop]\npaths = ["testz/**"]\n')
    done = run_cli("doctor", cwd=tmp_path)
    assert done.returncode == 0
    for word in ("method", "machine", "power", "PUE", "embodied", "grid", "CodeCarbon", "how to measure better"):
        assert word in done.stdout
    assert "set the zone of your machines" in done.stdout
    assert "the path 'testz/**' of feature shop matches no file of the project" in " ".join(done.stdout.split())
