"""Standard streams of few letters, closed, full or without a reader: no traceback; exit codes keep their meaning."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BEGIN = "import sys\nfrom pytest_carbon.cli.shared import output, streams\n"
TEXT = "print_text('\\u2588\\u2588\\u258f 5 \\u00b5J (1 \\u2026 2) \\u0436\\n')"


def _run(program: str, shell: str, cwd: Path, code: int = 0, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a program that calls ``output`` and ends with an exit code, in a shell where ``PROGRAM`` stands for it."""
    text = f"{BEGIN}def run():\n    {program}\n    return {code}\nsys.exit(streams.ending(run))"
    return subprocess.run(
        ["bash", "-c", shell.replace("PROGRAM", f'{sys.executable} -c "$TEXT"')],
        cwd=cwd, capture_output=True, check=False,
        env={"TEXT": text, "PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[3]), **environment},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", b"##| 5 uJ (1 ~ 2) \\u0436\n"),
        ("latin-1", b"##| 5 \xb5J (1 ~ 2) \\u0436\n"),
        ("cp1252", b"##| 5 \xb5J (1 \x85 2) \\u0436\n"),
        ("utf-8", "██▏ 5 µJ (1 … 2) ж\n".encode()),
    ],
)
def test_a_stream_of_few_letters_gets_ascii_forms(tmp_path: Path, encoding: str, shown: bytes) -> None:
    """Bars, micro and ellipsis have forms of one letter; a name has escapes. The exit code stays."""
    done = _run(f"output.{TEXT}", "PROGRAM", tmp_path, code=3, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stdout, done.stderr) == (3, shown, b"")


def test_a_document_that_says_it_is_utf_8_is_so_on_every_stream(tmp_path: Path) -> None:
    """XML and HTML get references, also for letters that the stream has."""
    program = r"output.print_text('<?xml version=\'1.0\' encoding=\'utf-8\'?><a>\u00e9</a>')"
    done = _run(program, "PROGRAM", tmp_path, PYTHONIOENCODING="latin-1")
    assert done.stdout.endswith(b"<a>&#233;</a>")
    assert _run(program, "PROGRAM", tmp_path, PYTHONIOENCODING="utf-8").stdout.endswith("<a>é</a>".encode())


@pytest.mark.parametrize("lines", [1, 100_000])
def test_who_stops_reading_changes_no_exit_code(tmp_path: Path, lines: int) -> None:
    """A failed check stays failed behind ``| head``, and no traceback is shown."""
    shell = "set -o pipefail; PROGRAM | (exec <&-; sleep 0.1)"
    done = _run(f"[output.print_line('a line') for _ in range({lines})]", shell, tmp_path, code=1)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("lines", [1, 100_000])
def test_a_full_disk_is_never_a_success(tmp_path: Path, lines: int) -> None:
    """What was not written is told."""
    text = f"'a line\\n' * {lines}"
    done = _run(f"output.print_text({text})", "PROGRAM > /dev/full", tmp_path)
    assert done.returncode != 0
    assert b"standard output could not be written (No space left on device)" in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_a_closed_stream_is_written_to_in_vain(tmp_path: Path, closed: str) -> None:
    """No file that is opened later takes its place."""
    program = (
        "output.print_line('out'); output.print_error('wrong'); file = open('a.txt', 'w'); assert file.fileno() > 2"
    )
    done = _run(program, f"PROGRAM {closed}", tmp_path, code=1)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr


def test_a_command_finds_a_closed_stream_closed(tmp_path: Path) -> None:
    """As it would without us in between."""
    program = r"import subprocess; return subprocess.run(['sh', '-c', 'echo x; exit \$?']).returncode"
    assert _run(program.replace(r"\$", "$"), "PROGRAM >&- 2>&-", tmp_path).returncode != 0
