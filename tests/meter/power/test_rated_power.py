"""The rated power of a CPU, from CodeCarbon's table."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pytest_carbon.meter.power.rated_power import rated_watts

CPUS = [
    ("AMD EPYC 8024P 8-Core Processor", 90.0),
    ("AMD Ryzen Threadripper 1950X 16-Core Processor", 180.0),
    ("Intel(R) Xeon(R) CPU E3-1240 V2 @ 3.40GHz", 69.0),
    ("Intel(R) Xeon(R) CPU E5-2620 v3 @ 2.40GHz", 85.0),
    ("11th Gen Intel(R) Core(TM) i7-1185G7 @ 3.00GHz", 28.0),
    ("AMD Ryzen 7 PRO 4750U with Radeon Graphics", 15.0),
    ("AMD Ryzen AI 9 HX 370 w/ Radeon 890M", 28.0),
    ("AMD Ryzen Threadripper PRO 3975WX 32-Cores", 280.0),
    ("AMD FX(tm)-8350 Eight-Core Processor", 125.0),
    ("Intel(R) Core(TM)2 Duo CPU     P8600  @ 2.40GHz", 25.0),
    ("Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz", 125.0),
]


@pytest.mark.parametrize(("cpu", "watts"), CPUS)
def test_name_of_the_kernel_finds_the_name_of_the_table(cpu: str, watts: float) -> None:
    """What the kernel adds to a name does not count; everything else does."""
    assert rated_watts(cpu) == watts


@pytest.mark.parametrize(
    "cpu",
    [
        "", "aarch64", "x86_64", "Intel(R) Xeon(R) Processor", "Intel(R) Xeon(R) CPU @ 2.20GHz", "QEMU Virtual CPU",
        "Intel(R) Xeon(R) CPU E3-1240 V9 @ 3.40GHz", "AMD EPYC 8024", "AMD EPYC", "8024P", "Intel(R) Celeron(R) 1000A",
    ],
)  # fmt: skip
def test_no_name_is_guessed(cpu: str) -> None:
    """A name that only resembles one of the table, or whose figure is no number, has no rated power."""
    assert rated_watts(cpu) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Name,TDP\nAcme X1,65\nAcme X1 Processor,65.0\n", 65.0),
        ("Name,TDP\nAcme X1,65\nAcme X1 APU,45\n", None),
        ("Name,TDP\nAcme X1\nAcme X1,\nAcme X1,nan\n", None),
        ("Name,TDP\nAcme X1,-65\n", None),
        ("", None),
    ],
    ids=["the same twice", "two figures", "no figure", "negative", "empty"],
)
def test_table_that_contradicts_itself_says_nothing(tmp_path: Path, text: str, expected: float | None) -> None:
    """Two figures for one name are none."""
    table = tmp_path / "cpu_power.csv"
    table.write_text(text)
    assert rated_watts("Acme X1 4-Core Processor", table) == expected
    assert rated_watts("Acme X1 4-Core Processor", tmp_path / "missing.csv") is None


def test_codecarbon_is_not_imported() -> None:
    """The table is read as a file: an import would take a fifth of a second in the process of the tests."""
    program = (
        "import sys; from pytest_carbon.meter.power.rated_power import rated_watts; "
        "print(rated_watts('AMD EPYC 7763 64-Core Processor'), 'codecarbon' in sys.modules, 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["280.0", "False", "False"]
