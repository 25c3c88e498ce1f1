"""Uploaded artifacts: reports are found and read, and a hostile upload has no other effect."""

from __future__ import annotations

import io
import json
import stat
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_action.api.client import ApiError, Client
from github_action.reports.download_artifacts import (
    MOST_ARTIFACTS,
    MOST_REPORT_BYTES,
    MOST_ZIP_BYTES,
    PartFile,
    ReadLimits,
    download_reports_of_run,
    read_artifact,
)
from tests.attack import Attack
from tests.github_action.fake import FakeGitHub

SHA = "a" * 40
REPORT: dict[str, Any] = {
    "schema": "pytest-carbon/report/1",
    "tool": {"name": "pytest-carbon", "version": "1", "codecarbon": None},
    "run": {
        "id": "run-1",
        "started": "2026-06-15T12:00:00Z",
        "duration_s": 12.5,
        "command": ["pytest"],
        "exit_status": 0,
        "commit": SHA,
        "workers": 1,
    },
    "machine": {
        **{"name": "bench", "cpu": "CPU", "vcpus": 4, "method": "modelled", "source": "by hand", "why": "fits"},
        **{"fingerprint": {}, "steal_ratio": None, "utilisation": None, "clean_share": None, "full_speed": None},
    },
    "grid": {
        **{"zone": "DE", "g_per_kwh": 381.0, "low_g_per_kwh": 171.5, "high_g_per_kwh": 628.7},
        **{"source": "by hand", "year": 2024, "assumed": False},
    },
    "totals": {
        **{"energy_j": 2.0, "low_j": 1.0, "high_j": 3.0, "reference_j": 2.045},
        **{"operational_g": 0.00025, "embodied_g": 0.1, "emissions_g": 0.10025},
        **{"emissions_low_g": 0.04, "emissions_high_g": 0.25},
        **{"codecarbon_raw_j": None, "codecarbon_s": None, "codecarbon_note": ""},
    },
    "rows": [
        {
            **{"kind": "test", "nodeid": "t.py::a", "phase": "call", "wall_s": 1, "cpu_s": 1},
            **{"energy_j": 2, "reference_j": 2.045},
        }
    ],
    "features": {},
    "budgets": [],
    "probes": [],
    "gaps": [],
}
FIGURES: dict[str, Any] = {
    **{"schema": "pytest-carbon/figures/1", "run": "r", "commit": SHA, "branch": None, "started": "x"},
    **{"fingerprint": {}, "full_speed": None, "tests": [], "code": {}, "features": {}, "selection": []},
}
WHOLE = json.dumps(REPORT)


def _zip(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return out.getvalue()


def _read(data: bytes, name: str) -> PartFile:
    """Read an artifact as the first one of its run."""
    return read_artifact(data, name, ReadLimits())


def _packed(text: str | bytes) -> bytes:
    return _zip(("report.json", text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")))


def _with(place: str, value: Any) -> str:
    """Return the text of the report with one value changed; ``place`` is its keys with dots between."""
    data = json.loads(WHOLE)
    at, keys = data, place.split(".")
    for key in keys[:-1]:
        at = at[int(key)] if key.isdecimal() else at[key]
    at[keys[-1]] = value
    return json.dumps(data)


def _pairs(*runs: dict[str, Any]) -> str:
    facts = {"base": SHA, "head": SHA, "asked": [], "stopped": "", "took_s": 1, "gaps": [], "runs": list(runs)}
    return _with("pairs", {"schema": "pytest-carbon/pairs/1", **facts})


def _typed(kind: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("report.json")
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    return info


def _patched(data: bytes, at: int, what: str, value: int) -> bytes:
    """Change a field both in the local header and in the directory of a zip file of one entry."""
    out = bytearray(data)
    directory = data.rindex(b"PK\x01\x02")
    struct.pack_into(what, out, at, value)
    struct.pack_into(what, out, directory + at + 2, value)
    return bytes(out)


def _lying(size: int, text: bytes) -> bytes:
    """Return a zip file that states another size of a text, with the checksum of the text cut to that size."""
    data = _patched(_packed(text), 22, "<I", size)
    return _patched(data, 14, "<I", zlib.crc32(text[:size]))


def _overlapping() -> bytes:
    """Return a zip file whose two entries are the same bytes."""
    data = _packed(WHOLE)
    directory, end = data.rindex(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    entry = data[directory:end]
    ends = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 2, 2, 2 * len(entry), directory, 0)
    return data[:directory] + entry + entry + ends


def _many_entries() -> bytes:
    """Return a zip file with a directory of very many entries and nothing else."""
    entry = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", *[20] * 2, *[0] * 4, *[0] * 3, 1, *[0] * 4, 0, 0) + b"x"
    count = 300_000
    return entry * count + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(entry) * count, 0, 0)


def _names_differ() -> bytes:
    return _packed(WHOLE).replace(b"report.json", b"rep\0rt.json", 1)


def _twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate name"):
        return _zip(("report.json", WHOLE.encode()), ("report.json", b"{}"))


class _Pipe(io.BytesIO):
    """A file that cannot be rewound, as for GitHub's uploader: sizes follow the data."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise io.UnsupportedOperation

    tell = seek


def _streamed() -> bytes:
    out = _Pipe()
    with zipfile.ZipFile(out, "w") as archive, archive.open("report.json", "w", force_zip64=True) as file:
        file.write(WHOLE.encode())
    return out.getvalue()


def test_report_is_read() -> None:
    """A valid report is read: stored, compressed or streamed, and with plain files beside it."""
    for data in (
        _streamed(),
        _packed(WHOLE),
        _zip(("report.json", WHOLE.encode()), method=zipfile.ZIP_STORED),
        _zip((_typed(stat.S_IFREG), WHOLE.encode())),
        _zip(("a.txt", b"a"), ("report.json", WHOLE.encode()), ("verdict.json", b"{}")),
    ):
        part = _read(data, "carbon-report-x")
        assert (part.name, part.problem) == ("carbon-report-x", "")
        assert part.report is not None
        assert part.report.rows[0].nodeid == "t.py::a"


ZIPS: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "is not a valid zip file (BadZipFile)"),
    "no zip": (lambda: b"PK" + WHOLE.encode(), "is not a valid zip file (BadZipFile)"),
    "cut short": (lambda: _packed(WHOLE)[:-30], "is not a valid zip file"),
    "empty": (_zip, 'holds no files named report.json'),
    "no report": (lambda: _zip(("other.json", b"{}")), "holds no files named report.json"),
    "name in capitals": (lambda: _zip(("Report.json", b"{}")), "holds no files named report.json"),
    "report twice": (_twice, "holds 2 files named report.json"),
    "the same bytes twice": (_overlapping, "holds 2 files named report.json"),
    "five files": (lambda: _zip(*((f"{n}", b"") for n in range(5))), "holds more than 4 files"),
    "300,000 files": (_many_entries, "holds more than 4 files"),
    "parent folder": (lambda: _zip(("../report.json", b"{}")), '"../report.json", which is not a plain file name'),
    "deep traversal": (lambda: _zip(("report.json", b"{}"), ("a/../../b", b"")), "which is not a plain file name"),
    "absolute": (lambda: _zip(("/etc/passwd", b"")), '"/etc/passwd", which is not a plain file name'),
    "drive": (lambda: _zip(("C:report.json", b"")), "which is not a plain file name"),
    "backslash": (lambda: _zip(("..\\report.json", b"")), "which is not a plain file name"),
    "folder": (lambda: _zip(("a/report.json", b"{}")), "which is not a plain file name"),
    "folder alone": (lambda: _zip(("report.json/", b"")), "which is not a plain file name"),
    "nul in the name": (
        lambda: _packed(WHOLE).replace(b"report.json", b"report.js\0n"), "which is not a plain file name",
    ),
    "colours in the name": (lambda: _zip(("\x1b[31mreport.json", b"")), "which is not a plain file name"),
    "name that is no text": (
        lambda: _packed(WHOLE).replace(b"report.json", b"r\xffport.json"), "which is not a plain file name",
    ),
    "link": (lambda: _zip((_typed(stat.S_IFLNK), b"/etc/passwd")), "as a link, a folder or a device"),
    "device": (lambda: _zip((_typed(stat.S_IFCHR), b"{}")), "as a link, a folder or a device"),
    "encrypted": (lambda: _patched(_packed(WHOLE), 6, "<H", 1), "encrypted, or compressed in an unusual way"),
    "bzip2": (lambda: _zip(("report.json", b"{}"), method=zipfile.ZIP_BZIP2), "compressed in an unusual way"),
    "lzma": (lambda: _zip(("report.json", b"{}"), method=zipfile.ZIP_LZMA), "compressed in an unusual way"),
    "unknown packing": (lambda: _patched(_packed(WHOLE), 8, "<H", 99), "compressed in an unusual way"),
    "other name within": (_names_differ, "is not a valid zip file (BadZipFile)"),
    "wrong checksum": (lambda: _patched(_packed(WHOLE), 14, "<I", 1), "is not a valid zip file (BadZipFile)"),
    "less than it says": (lambda: _patched(_packed(WHOLE), 22, "<I", 2**31), "of report.json, but states 2147483648"),
    "more than it says": (lambda: _lying(100, WHOLE.encode()), "is not complete JSON"),
    "bomb": (lambda: _packed(bytes(MOST_REPORT_BYTES + 1)), "is too large: a report has at most 60 MB"),
    "bomb that says it is small": (lambda: _lying(3, b"[" * 100_000), "is not complete JSON"),
    "60 MB of zero bytes": (lambda: _packed(bytes(MOST_REPORT_BYTES)), "is not complete JSON"),
    "a zip in a zip": (lambda: _packed(_packed(WHOLE)), "is not complete JSON"),
}  # fmt: skip


@pytest.mark.attack("hostile-archive")
@pytest.mark.parametrize("case", list(ZIPS))
def test_zip_file_of_a_stranger_is_refused(case: str, attack: Attack) -> None:
    """A zip file that our upload never makes becomes a sentence with the artifact's name."""
    make, complaint = ZIPS[case]
    _refused(_read(make(), "carbon-report-x"), complaint)
    attack.ended("refused")


def _refused(part: PartFile, complaint: str) -> None:
    assert part.report is None
    assert part.problem.startswith('the artifact "carbon-report-x" ')
    assert complaint in part.problem
    assert part.problem.isprintable()
    assert len(part.problem) <= 400


UNSOUND = "which is not a valid carbon report"
JSONS: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "is not complete JSON"),
    "cut short": (WHOLE[:-1], "was it cut short?"),
    "two reports": (WHOLE + WHOLE, "is not complete JSON"),
    "not a number": (WHOLE.replace("12.5", "NaN"), "it contains NaN, which is not a number"),
    "infinity": (WHOLE.replace("12.5", "-Infinity"), "it contains -Infinity"),
    "infinity in digits": (WHOLE.replace("12.5", "1e999"), UNSOUND),
    "400 digits": (WHOLE.replace("12.5", "1" + "0" * 400), UNSOUND),
    "5,000 digits": (WHOLE.replace("12.5", "1" + "0" * 5000), "is not complete JSON"),
    "400 digits of a year": (_with("grid.year", 10**400), UNSOUND),
    "400 digits of an exit code": (_with("run.exit_status", -(10**400)), UNSOUND),
    "less than nothing": (_with("rows.0.energy_j", -1e-9), UNSOUND),
    "less than nothing in all": (_with("totals.emissions_g", -0.5), UNSOUND),
    "truth as a number": (_with("rows.0.energy_j", True), UNSOUND),
    "text as a number": (_with("rows.0.energy_j", "1"), UNSOUND),
    "a list": ("[]", "its schema is None"),
    "version 2": (_with("schema", "pytest-carbon/report/2"), "its schema is 'pytest-carbon/report/2'"),
    "schema of 1 MB": (_with("schema", "x" * 1_000_000), "is not a carbon report of this version"),
    "schema deep down": (_with("schema", json.loads("[" * 500 + "]" * 500)), "is not a carbon report of this version"),
    "too deep": ("[" * 1_000_000, "is not complete JSON"),
    "objects too deep": ('{"a":' * 1_000_000, "is not complete JSON"),
    "unknown field of a row": (_with("rows.0.evil", 1), UNSOUND),
    "unknown field with a long name": (_with("rows.0." + "x" * 100_000, 1), UNSOUND),
    "unknown kind of row": (_with("rows.0.kind", "<script>"), UNSOUND),
    "probe with more": (_with("probes", [[0, 1, "", 1, 1, 1]]), UNSOUND),
    "run's name with a line end": (_with("run.id", "run-1\n"), UNSOUND),
    "run's name with a path": (_with("run.id", "../../x"), UNSOUND),
    "commit that is none": (_with("run.commit", "main; rm -rf /"), UNSOUND),
    "digits of another script": (_with("run.started", "٢٠٢٦-01-01T00:00:00Z"), "is not a time"),
    "30th of February": (_with("run.started", "2026-02-30T00:00:00Z"), "a report that is not valid"),
    "time with a long fraction": (_with("run.started", f"2026-02-31T00:00:00.{'1' * 5000}Z"), "is not a time"),
    "branch of 1 MB": (_with("run.branch", "x" * 1_000_000), UNSOUND),
    "feature of 1 MB": (_with("rows.0.feature", "x" * 1_000_000), UNSOUND),
    "no UTF-8": (WHOLE.encode().replace(b"bench", b"b\xffnch"), "is not complete JSON"),
    "half a character in bytes": (WHOLE.replace("bench", "\ud800"), "is not complete JSON"),
    "byte order mark": (b"\xef\xbb\xbf" + WHOLE.encode(), "is not complete JSON"),
    "UTF-16": (WHOLE.encode("utf-16"), "is not complete JSON"),
    "pairs that are none": (_pairs({"side": "base", "figures": FIGURES}), "a report that is not valid"),
    "pairs of a test that is not there": (
        _pairs(
            {"side": "base", "figures": {**FIGURES, "features": {"pay": [7]}}},
            {"side": "head", "figures": {**FIGURES, "run": "q"}},
        ),
        "a report that is not valid: a feature names a test that is missing",
    ),
    "pairs of an object for a place": (
        _pairs(
            {"side": "base", "figures": {**FIGURES, "features": {"pay": [{}]}}},
            {"side": "head", "figures": {**FIGURES, "run": "q"}},
        ),
        "a report that is not valid",
    ),
    "two million rows": ('{"schema":"pytest-carbon/report/1","rows":[' + "{}," * 2_000_000 + "{}]}", UNSOUND),
    "very many values": ("[" * 4_000_001 + "," * 4_000_000, "holds more than 8000000 values"),
}


@pytest.mark.attack("hostile-archive")
@pytest.mark.parametrize("case", list(JSONS))
def test_report_of_a_stranger_is_refused(case: str, attack: Attack) -> None:
    """A report that breaks the schema anywhere becomes a sentence, whatever it holds."""
    text, complaint = JSONS[case]
    _refused(_read(_packed(text), "carbon-report-x"), complaint)
    attack.ended("refused")


def test_odd_texts_are_kept_as_they_are() -> None:
    """A test's name may hold anything, half a character too; texts are escaped where they are shown, not here."""
    name = "t.py::a[\ud800\u202e::error::<b>" + "x" * 1_000_000
    part = _read(_packed(_with("rows.0.nodeid", name)), "x")
    assert part.report is not None
    assert part.report.rows[0].nodeid == name


def test_duplicate_key() -> None:
    """The last of two equal keys counts."""
    part = _read(_packed(WHOLE.replace('"year": 2024', '"year": 1, "year": 1999')), "x")
    assert part.report is not None
    assert part.report.grid.year == 1999


def test_memory_is_bounded() -> None:
    """A file of 60 MB in an artifact of 60 kB takes at most four times its size in memory."""
    data = _packed(b'"' + b"x" * (MOST_REPORT_BYTES - 2) + b'"')
    tracemalloc.start()
    try:
        _refused(_read(data, "carbon-report-x"), "is not a carbon report of this version: its schema is None")
        assert tracemalloc.get_traced_memory()[1] < 4 * MOST_REPORT_BYTES
    finally:
        tracemalloc.stop()


def test_name_of_an_artifact_is_harmless_in_the_sentence() -> None:
    """The sentence has escapes for control characters, and the beginning of a long name."""
    part = _read(b"", "carbon-report-\x1b[31m\u202e\n" + "x" * 10_000)
    assert part.problem.startswith('the artifact "carbon-report-\\x1b[31m\\u202e\\nxxx')
    assert len(part.problem) < 200


SOUND = _zip(("report.json", WHOLE.encode()), ("other.json", b"{}"))


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read(data: bytes) -> None:
    """Any bytes, also before or after a zip file, become a report or a problem."""
    for some in (data, SOUND[:-22] + data, data + SOUND[-22:]):
        assert _read(some, "x").problem or _read(some, "x").report


@given(
    st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=4),
    st.integers(0, len(SOUND)),
)
@settings(max_examples=300, deadline=None)
def test_changed_zip_file(changes: list[tuple[int, int]], cut: int) -> None:
    """A zip file with any bytes changed becomes a report or a problem."""
    data = bytearray(SOUND)
    for at, value in changes:
        data[at] = value
    for some in (bytes(data), bytes(data[cut:] + data[:cut])):
        part = _read(some, "x")
        assert (part.report is None) == bool(part.problem)


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.characters()), min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_changed_report(changes: list[tuple[int, str]]) -> None:
    """A report with any characters changed becomes a report or a problem."""
    text = list(WHOLE)
    for at, char in changes:
        text[at] = char
    part = _read(_packed("".join(text)), "x")
    assert (part.report is None) == bool(part.problem)


@pytest.fixture
def client(hub: FakeGitHub) -> Client:
    """A client that may read workflow runs."""
    return Client(hub.api_url, hub.token({"actions": "read"}), pause=lambda _: None)


def test_reports_of_a_run(hub: FakeGitHub, client: Client) -> None:
    """All reports of the run are read by name, with a call each, and two for list and times; others are not."""
    shop = hub.repository("octo/shop")
    sha = shop.commit({"a": "a"})
    run, other = (shop.workflow_run(head_sha=sha, head_branch="topic") for _ in range(2))
    for name in ("carbon-report-b", "carbon-report", "carbon-report-a", "carbon-reports", "coverage", "Carbon-report"):
        shop.artifact(run, name, _packed(_with("run.id", name)))
    shop.artifact(other, "carbon-report-c", _packed(WHOLE))
    parts = download_reports_of_run(client, "octo/shop", run)
    assert [(part.name, part.problem) for part in parts] == [
        ("carbon-report", ""), ("carbon-report-a", ""), ("carbon-report-b", ""),
    ]  # fmt: skip
    assert [part.report.run.id for part in parts if part.report] == [part.name for part in parts]
    assert hub.api_calls == 5


def test_newest_of_a_name_is_read(hub: FakeGitHub, client: Client) -> None:
    """A job that was run again uploads its report twice: the newer one counts, even if it is broken."""
    shop = hub.repository("octo/shop")
    run = shop.workflow_run(head_sha=shop.commit({"a": "a"}), head_branch="topic")
    for name, texts in {"carbon-report-a": ("old", "new"), "carbon-report-b": ("old", "")}.items():
        for text in texts:
            shop.artifact(run, name, _packed(_with("run.id", text)))
    shop.artifact(run, "carbon-report-b", b"broken")
    first, second = download_reports_of_run(client, "octo/shop", run)
    assert first.report is not None
    assert first.report.run.id == "new"
    assert "is not a valid zip file" in second.problem


def test_artifact_of_another_run_is_not_read(hub: FakeGitHub, client: Client) -> None:
    """A listed artifact that belongs to another run is left out."""
    shop = hub.repository("octo/shop")
    run = shop.workflow_run(head_sha=shop.commit({"a": "a"}), head_branch="topic")
    key = shop.artifact(run, "carbon-report", _packed(WHOLE))
    foreign = {"id": key, "name": "carbon-report", "workflow_run": {"id": run + 1}}
    hub.fault("GET", r"/artifacts$", status=200, body={"total_count": 1, "artifacts": [foreign]})
    assert download_reports_of_run(client, "octo/shop", run) == []


def test_artifact_that_cannot_be_downloaded(hub: FakeGitHub, client: Client) -> None:
    """Expired, missing and oversized artifacts are problems; the other artifacts are read."""
    shop = hub.repository("octo/shop")
    run = shop.workflow_run(head_sha=shop.commit({"a": "a"}), head_branch="topic")
    shop.artifact(run, "carbon-report-a", _packed(WHOLE), expired=True)
    gone = shop.artifact(run, "carbon-report-b", _packed(WHOLE))
    shop.artifact(run, "carbon-report-c", bytes(MOST_ZIP_BYTES + 1))
    shop.artifact(run, "carbon-report-d", _packed(WHOLE))
    hub.fault("GET", f"/artifacts/{gone}/zip$", status=404)
    *problems, last = [part.problem for part in download_reports_of_run(client, "octo/shop", run)]
    assert problems[0] == 'the artifact "carbon-report-a" has expired; run the measuring workflow again'
    assert problems[1].startswith(
        'the artifact "carbon-report-b" could not be downloaded: GET repos/octo/shop/actions/'
    )
    assert "answered with 404" in problems[1]
    assert "the response is over 20 MB" in problems[2]
    assert last == ""
    assert not any("sig=" in problem for problem in problems)


def test_more_artifacts_than_the_limit(hub: FakeGitHub, client: Client) -> None:
    """The artifacts beyond the limit are a problem of the run."""
    shop = hub.repository("octo/shop")
    run = shop.workflow_run(head_sha=shop.commit({"a": "a"}), head_branch="topic")
    for number in range(MOST_ARTIFACTS + 40):
        shop.artifact(run, f"carbon-report-{number:03}", b"")
    parts = download_reports_of_run(client, "octo/shop", run)
    assert len(parts) == MOST_ARTIFACTS + 1
    assert parts[-1].problem == f"the run uploaded 40 more reports; at most {MOST_ARTIFACTS} of a run are read"
    assert hub.api_calls == 3 + MOST_ARTIFACTS


def test_reports_of_a_run_are_bounded_together(hub: FakeGitHub, client: Client) -> None:
    """Artifacts that are small enough alone are not read if they are too large together."""
    shop = hub.repository("octo/shop")
    run = shop.workflow_run(head_sha=shop.commit({"a": "a"}), head_branch="topic")
    filled = _packed(WHOLE + " " * (MOST_REPORT_BYTES - len(WHOLE)))
    for name in "abcd":
        shop.artifact(run, f"carbon-report-{name}", filled)
    problems = [part.problem for part in download_reports_of_run(client, "octo/shop", run)]
    assert [bool(problem) for problem in problems] == [False, True, True, True]
    assert "all of a run 120 MB" in problems[1]


def test_artifacts_that_may_not_be_listed(hub: FakeGitHub) -> None:
    """Without the permission there is an error, not an empty list."""
    shop = hub.repository("octo/shop", public=False)
    run = shop.workflow_run(head_sha=shop.commit({"a": "a"}), head_branch="topic")
    client = Client(hub.api_url, hub.token({"contents": "read"}), pause=lambda _: None)
    with pytest.raises(ApiError) as caught:
        download_reports_of_run(client, "octo/shop", run)
    assert caught.value.permission_missing
