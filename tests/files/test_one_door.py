"""All files at paths from outside are read and written by the room ``files``. A walk over the source holds that."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_METHODS = frozenset(
    [
        "open",
        "read_text",
        "read_bytes",
        "write_text",
        "write_bytes",
        "mkdir",
        "unlink",
        "rmdir",
        "rename",
        "touch",
        "symlink_to",
        "hardlink_to",
        "chmod",
    ]
)
_FUNCTIONS = frozenset(
    [
        "os.open",
        "os.mkdir",
        "os.makedirs",
        "os.remove",
        "os.unlink",
        "os.rename",
        "os.replace",
        "os.link",
        "os.symlink",
        "os.truncate",
        "os.chmod",
        "shutil.rmtree",
        "shutil.copyfile",
        "shutil.copy",
        "shutil.copy2",
        "shutil.move",
        "shutil.copytree",
        "tempfile.mkstemp",
        "tempfile.mkdtemp",
        "tempfile.NamedTemporaryFile",
        "tempfile.TemporaryFile",
        "tempfile.TemporaryDirectory",
    ]
)
ALLOWED = {
    # what comes with a package, of ours or of others
    "pytest_carbon/device_facts/lifecycles.py": {"read_text"},
    "pytest_carbon/grid/aws_regions.py": {"read_text"},
    "pytest_carbon/grid/codecarbon_import.py": {"open", "read_text"},
    "pytest_carbon/grid/codecarbon_tables.py": {"read_text"},
    "pytest_carbon/grid/live/zone_codes.py": {"read_text"},
    "pytest_carbon/ledgers/file_contents.py": {"read_text"},
    "pytest_carbon/meter/codecarbon_start/light_start.py": {"open"},
    "pytest_carbon/meter/power/rated_power.py": {"open"},
    "pytest_carbon/reporters/accounts/advice_json.py": {"read_text"},
    "pytest_carbon/reporters/accounts/html.py": {"read_text"},
    "pytest_carbon/reporters/accounts/json.py": {"read_text"},
    "pytest_carbon/reporters/markdown_templates.py": {"read_text"},
    "pytest_carbon/reporters/run/report_file.py": {"read_text"},
    "pytest_carbon/reporters/site/pages.py": {"read_text"},
    "pytest_carbon/usecases/init_project/make_proposal.py": {"read_text"},
    # addresses of the web, not files
    "pytest_carbon/grid/live/http_client.py": {"open"},
    # what the kernel tells
    "pytest_carbon/meter/busy_clock.py": {"open"},
    "pytest_carbon/meter/cpu_time.py": {"open", "read_text"},
    "pytest_carbon/meter/machine_table.py": {"read_text"},
    "pytest_carbon/meter/kernel_text.py": {"read_text"},
    "pytest_carbon/meter/power/cpu_share.py": {"read_bytes", "read_text"},
    "pytest_carbon/meter/power/rapl.py": {"read_text"},
    "pytest_carbon/meter/sidecar.py": {"os.open"},
    "pytest_carbon/cli/shared/streams.py": {"os.open"},
    "pytest_carbon/processes/descendants.py": {"read_text"},
    # a file without a name
    "pytest_carbon/meter/sidecar_session.py": {"tempfile.TemporaryFile"},
    "pytest_carbon/meter/wall_clock.py": {"tempfile.TemporaryFile"},
    # a temporary folder of ours, which no link of the project leads to
    "pytest_carbon/ledgers/branch/commit_tree.py": {"tempfile.TemporaryDirectory", "write_bytes"},
    "pytest_carbon/ledgers/transfer/sources.py": {"tempfile.TemporaryDirectory"},
    "pytest_carbon/paired_runs/checkouts.py": {"tempfile.TemporaryDirectory", "mkdir"},
    "pytest_carbon/paired_runs/pytest_selection.py": {"read_text", "write_text"},
    "pytest_carbon/paired_runs/measure_pairs.py": {"unlink"},
    "pytest_carbon/paired_runs/tree_guard.py": {"unlink", "shutil.rmtree"},
    "pytest_carbon/git/worktree.py": {
        "mkdir", "unlink", "write_bytes", "shutil.copy", "shutil.copy2", "shutil.copytree", "shutil.rmtree",
    },
    "pytest_carbon/paired_runs/kept_files.py": {"mkdir", "unlink", "shutil.copy", "shutil.copytree", "shutil.rmtree"},
    "github_action/steps/finish.py": {"tempfile.TemporaryDirectory"},
    # our cache in git's own folder, where no commit can put a link
    "pytest_carbon/ledgers/branch/remote_cache.py": {"mkdir", "rename", "shutil.rmtree"},
    # folders whose place is checked by the room files before
    "pytest_carbon/ledgers/folder/folder_ledger.py": {"os.open"},
    "pytest_carbon/reporters/site/write_folder.py": {
        "mkdir", "rename", "write_text", "shutil.rmtree", "tempfile.TemporaryDirectory",
    },
    "github_action/steps/fetch_for_confirm.py": {"shutil.rmtree"},
    "github_action/steps/command_result.py": {"unlink", "shutil.rmtree"},
    # the Action's own folder, before its packages are there
    "github_action/install.py": {"open", "read_bytes", "write_text", "touch"},
    # entries of a zip file in memory
    "github_action/reports/download_artifacts.py": {"open"},
    # opens a ledger, not a file
    "pytest_carbon/usecases/open_ledger.py": {"open"},
}  # fmt: skip
"""What a module may do with files by itself, and why."""


def _sources() -> list[Path]:
    roots = ("pytest_carbon", "github_action", "pre-commit-hooks")
    paths = [path.relative_to(ROOT) for root in roots for path in sorted((ROOT / root).rglob("*.py"))]
    return [path for path in paths if path.parts[:2] != ("pytest_carbon", "files")]


def _calls(path: Path) -> set[str]:
    """Return the names of the calls of a module that read or change files."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if name in _FUNCTIONS:
            found.add(name)
        elif isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS and not name.startswith("os."):
            found.add(node.func.attr)
        elif name == "open" or (name.endswith(".replace") and len(node.args) == 1 and not node.keywords):
            found.add(name.rpartition(".")[2])
    return found


def test_files_are_read_and_written_by_one_room() -> None:
    """A module that does more than its line allows is named, as is a line that allows more than the module does."""
    found = {str(path): calls for path in _sources() if (calls := _calls(path))}
    assert found == ALLOWED
