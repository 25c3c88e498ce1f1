"""The name of the CPU, found as py-cpuinfo finds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_carbon.meter.codecarbon_start.kernel_cpu_name import kernel_cpu_name

INTEL = (
    "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel\t\t: 106\nmodel name\t: Intel(R) Xeon(R) Processor @ 2.50GHz\n"
)
ARM = "processor\t: 0\nBogoMIPS\t: 243.75\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n"
POWER = "processor\t: 0\ncpu\t\t: POWER9 (architected), altivec supported\n"
RISC_V = "processor\t: 0\nhart\t\t: 2\nuarch\t\t: sifive,u74-mc\n"


@pytest.fixture
def lscpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a program lscpu, alone in the path, that knows the names of Arm's cores."""
    program = tmp_path / "bin" / "lscpu"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'Architecture: aarch64'\necho 'Model name:   Neoverse-N1'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    return program


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param(INTEL, "Intel(R) Xeon(R) Processor @ 2.50GHz", id="Intel"),
        pytest.param(POWER, "POWER9 (architected), altivec supported", id="POWER"),
        pytest.param(RISC_V, "sifive,u74-mc", id="RISC-V"),
        pytest.param("model name\t:\nmodel name\t: 12\n" + INTEL, "Intel(R) Xeon(R) Processor @ 2.50GHz", id="gaps"),
        pytest.param(ARM, "Neoverse-N1", id="Arm, which only lscpu names"),
        pytest.param("", "Neoverse-N1", id="no file of the kernel"),
    ],
)
@pytest.mark.usefixtures("lscpu")
def test_name_is_the_kernels_or_that_of_lscpu(tmp_path: Path, text: str, name: str) -> None:
    """The first name that is not only a number counts; lscpu is asked where the kernel tells none."""
    cpuinfo = tmp_path / "cpuinfo"
    if text:
        cpuinfo.write_text(text)
    assert kernel_cpu_name(cpuinfo, "linux") == name


@pytest.mark.parametrize(
    "script", ["#!/bin/sh\nexit 1\n", "#!/bin/sh\necho Nom de modèle: Neoverse-N1\n", "no program"]
)
def test_unknown_name_is_none(tmp_path: Path, lscpu: Path, script: str) -> None:
    """Nothing is guessed: py-cpuinfo, which knows more places, must then be asked itself."""
    lscpu.write_text(script)
    (tmp_path / "cpuinfo").write_text(ARM)
    assert kernel_cpu_name(tmp_path / "cpuinfo", "linux") is None
    assert kernel_cpu_name(tmp_path / "cpuinfo", "freebsd14") is None


def test_name_on_macos_is_that_of_sysctl(tmp_path: Path, lscpu: Path) -> None:
    """macOS tells the name by sysctl."""
    lscpu.with_name("sysctl").write_text("#!/bin/sh\necho 'machdep.cpu.brand_string: Apple M1'\n")
    lscpu.with_name("sysctl").chmod(0o755)
    assert kernel_cpu_name(tmp_path / "none", "darwin") == "Apple M1"
