"""Downloads the reports that jobs uploaded. A fork may upload anything: sizes are bounded, nothing goes to disk."""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, NamedTuple

from github_action.api.client import ApiError, Client, quote_path_part
from pytest_carbon.core.errors import CarbonError, ReportError
from pytest_carbon.core.escape import visible
from pytest_carbon.core.evidence.run_times import TrustedTimes, refuse_other_times
from pytest_carbon.core.records import paired_runs
from pytest_carbon.core.records.ledger_records import parse_time
from pytest_carbon.core.report import Report
from pytest_carbon.reporters.run import report_file

REPORT_NAME = "report.json"
MOST_ARTIFACTS = 64
"""A larger matrix is rare, and each artifact costs a call of the API."""
MOST_ZIP_BYTES = 20_000_000
MOST_REPORT_BYTES = 60_000_000
"""The report of 20,000 tests has about 6 MB, and about 1 MB compressed."""
MOST_RUN_BYTES = 120_000_000
MOST_VALUES = 8_000_000
"""A JSON value may take 2 bytes in the file and 100 in memory; in real reports a value takes 20 or more bytes."""
MOST_ENTRIES = 4
_ENTRY_HEADER = b"PK\x01\x02"
_MOST_ENTRY_HEADERS = 64
"""Compressed bytes may look like the header of an entry by chance, but hardly 64 times."""
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_LEAVE_IT_TO_US = "did the Action upload it, and nothing else?"
_TOO_LARGE = (
    f"is too large: a report has at most {MOST_REPORT_BYTES / 1e6:g} MB, all of a run {MOST_RUN_BYTES / 1e6:g} MB"
)


@dataclass(frozen=True, slots=True)
class PartFile:
    """The file of one part: a checked report, or a sentence that says why there is none.

    ``expired``: GitHub says that it has deleted the file after its time.
    """

    name: str
    report: Report | None
    problem: str
    expired: bool = False


class CiTimes(NamedTuple):
    """When a CI run was started, and its newest attempt, by GitHub's clock, as its API writes times."""

    created: str
    attempt_started: str

    @classmethod
    def of(cls, run: Mapping[str, Any]) -> CiTimes:
        """Return the times of a run as the API describes it."""
        created = str(run.get("created_at") or "")
        return cls(created, str(run.get("run_started_at") or created))

    def of_report(self, uploaded: str) -> TrustedTimes:
        """Return when the run of a report that was uploaded then can have been: in the attempt that uploaded it."""
        began = self.attempt_started if uploaded >= self.attempt_started else self.created
        source = f"its CI run began at {began}, and the report was uploaded at {uploaded}"
        return TrustedTimes(parse_time(began), parse_time(uploaded), source)


@dataclass(slots=True)
class ReadLimits:
    """How many bytes and JSON values may still be read, over all artifacts of a run."""

    bytes_left: int = MOST_RUN_BYTES
    values_left: int = MOST_VALUES

    def take(self, text: bytes) -> None:
        """Subtract a report from the limits. Raises ReportError if it holds more values than are left."""
        self.bytes_left -= len(text)
        self.values_left -= sum(map(text.count, b"{[,"))
        if self.values_left < 0:
            raise ReportError(f"holds more than {MOST_VALUES} values, together with the artifacts before it")


def download_reports_of_run(
    client: Client,
    repository: str,
    run_id: int,
    prefix: str = "carbon-report",
    known_run: Mapping[str, Any] | None = None,
) -> list[PartFile]:
    """Download the reports that a run uploaded as ``prefix`` or ``prefix-...``, by name; of each name the newest.

    ``known_run`` is what the event says of the run, which is else asked for. A report that cannot be read becomes a
    part with a problem. Raises ApiError if the artifacts or the run's times cannot be read.
    """
    listed = client.list_items(f"repos/{repository_path(repository)}/actions/runs/{run_id}/artifacts", key="artifacts")
    own = [artifact for artifact in listed if (artifact.get("workflow_run") or {}).get("id", run_id) == run_id]
    if not any(_is_report(artifact, prefix) for artifact in own):
        return []
    run = known_run or client.get(f"repos/{repository_path(repository)}/actions/runs/{run_id}")
    times = CiTimes.of(run)
    return download_reports(client, repository, own, prefix, times)


def repository_path(repository: str) -> str:
    """Return a repository's name, quoted for the path of a URL."""
    return "/".join(map(quote_path_part, repository.split("/")))


def _is_report(artifact: dict[str, Any], prefix: str) -> bool:
    name = str(artifact.get("name") or "")
    return name == prefix or name.startswith(f"{prefix}-")


def download_reports(
    client: Client, repository: str, artifacts: Iterable[dict[str, Any]], prefix: str, times: CiTimes
) -> list[PartFile]:
    """Download the reports among the listed artifacts of one run, as ``download_reports_of_run`` does."""
    newest: dict[str, dict[str, Any]] = {}
    for artifact in artifacts:
        if _is_report(artifact, prefix):
            name = str(artifact["name"])
            newest[name] = max(newest.get(name, artifact), artifact, key=_upload_order)
    limits, path = ReadLimits(), f"repos/{repository_path(repository)}"
    names = sorted(newest)
    parts = [_download(client, path, newest[name], limits, times) for name in names[:MOST_ARTIFACTS]]
    more = len(names) - MOST_ARTIFACTS
    if more > 0:
        problem = f"the run uploaded {more} more reports; at most {MOST_ARTIFACTS} of a run are read"
        parts.append(PartFile(f"{prefix}-and {more} more", None, problem))
    return parts


def _upload_order(artifact: dict[str, Any]) -> tuple[str, int]:
    return str(artifact.get("created_at") or ""), int(artifact.get("id") or 0)


def _download(
    client: Client, repository: str, artifact: dict[str, Any], limits: ReadLimits, times: CiTimes
) -> PartFile:
    name = str(artifact["name"])
    if artifact.get("expired"):
        return _expired(name)
    if limits.bytes_left <= 0:
        return _unreadable(name, _TOO_LARGE)
    try:
        data = client.download(f"{repository}/actions/artifacts/{_upload_order(artifact)[1]}/zip", MOST_ZIP_BYTES)
    except ApiError as error:
        return _expired(name) if error.status == 410 else _unreadable(name, f"could not be downloaded: {error}")
    limits.bytes_left -= len(data)
    return _refuse_other_times(read_artifact(data, name, limits), times, str(artifact.get("created_at")))


def _refuse_other_times(part: PartFile, times: CiTimes, uploaded: str) -> PartFile:
    """Return the part; without its report if the report's run was not within the CI run, by GitHub's clock."""
    if part.report is None:
        return part
    try:
        refuse_other_times(part.report.run, times.of_report(uploaded))
    except CarbonError as error:
        return _unreadable(part.name, f"holds a report of another time: {error}")
    return part


def read_artifact(data: bytes, name: str, limits: ReadLimits) -> PartFile:
    """Read the report in the zip file of an artifact. Raises nothing: what is wrong becomes the problem of the part."""
    try:
        text = _unpack(data, min(MOST_REPORT_BYTES, limits.bytes_left))
        limits.take(text)
    except ReportError as error:
        return _unreadable(name, f"{error}; {_LEAVE_IT_TO_US}")
    try:
        report = report_file.from_bytes(text, f"holds {REPORT_NAME}, which")
    except ReportError as error:
        return _unreadable(name, str(error))
    try:
        parse_time(report.run.started)
        if report.pairs is not None:
            paired_runs.from_json(report.pairs)
    except CarbonError as error:
        return _unreadable(name, f"holds a report that is not valid: {error}")
    return PartFile(name, report, "")


def _unpack(data: bytes, most_bytes: int) -> bytes:
    """Return the bytes of the report. Raises ReportError for a zip file that our upload step cannot have made.

    The sizes that the zip file states are not trusted: reading stops at the limit, and a wrong size is refused.
    """
    if data.count(_ENTRY_HEADER) > _MOST_ENTRY_HEADERS:
        raise ReportError(f"holds more than {MOST_ENTRIES} files")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entry = _find_report_entry(archive.infolist())
            with archive.open(entry) as file:
                text = file.read(max(0, most_bytes) + 1)
    except ReportError:
        raise
    except Exception as error:  # zipfile raises a dozen kinds of errors for a broken file
        raise ReportError(f"is not a valid zip file ({type(error).__name__})") from None
    if len(text) > most_bytes:
        raise ReportError(_TOO_LARGE)
    if len(text) != entry.file_size:
        raise ReportError(f"holds {len(text)} bytes of {REPORT_NAME}, but states {entry.file_size}")
    return text


def _find_report_entry(entries: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """Return the zip entry of report.json. Raises ReportError if any entry is one that our upload step never makes."""
    names = [entry.orig_filename for entry in entries]
    if len(names) > MOST_ENTRIES:
        raise ReportError(f"holds more than {MOST_ENTRIES} files")
    odd = next((name for name in names if not _SAFE_NAME.fullmatch(name)), None)
    if odd is not None:
        raise ReportError(f'holds "{visible(odd)[:80]}", which is not a plain file name')
    if names.count(REPORT_NAME) != 1:
        raise ReportError(f"holds {names.count(REPORT_NAME) or 'no'} files named {REPORT_NAME}")
    entry = entries[names.index(REPORT_NAME)]
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        raise ReportError(f"holds {REPORT_NAME} as a link, a folder or a device")
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _COMPRESSIONS:
        raise ReportError(f"holds {REPORT_NAME} encrypted, or compressed in an unusual way")
    return entry


def _expired(name: str) -> PartFile:
    return replace(_unreadable(name, "has expired; run the measuring workflow again"), expired=True)


def _unreadable(name: str, what: str) -> PartFile:
    return PartFile(name, None, visible(f'the artifact "{visible(name)[:80]}" {what}')[:400])
