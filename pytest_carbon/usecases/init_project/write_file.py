"""Writes a proposed file: a new one never over another, an addition only over the text that it adds to."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.proposal.propose_files import ProposedFile
from pytest_carbon.files.read_bounded import POLICY_BYTES, read_bytes
from pytest_carbon.files.write_safely import PUBLIC, NameTakenError, make_folder, replace_when_whole


def write_file(file: ProposedFile, top: Path) -> None:
    """Write a proposed file below the top of a repository.

    Raises ConfigError if it cannot be written, if there is a file although the proposal knows none, and if the file
    has changed since.
    """
    path = top / file.path
    try:
        if file.before is None:
            if os.path.lexists(path):
                raise ConfigError(f"{path} is there already, and is not overwritten; move it, or leave it as it is")
            make_folder(path.parent, top)
            mode = PUBLIC
        else:
            if read_bytes(path, POLICY_BYTES, top) != file.before.encode():
                raise ConfigError(f"{path} has changed meanwhile; call pytest-carbon init again")
            mode = stat.S_IMODE(path.stat().st_mode)
        with replace_when_whole(path, top, mode, replaces=file.before is not None) as target:
            target.write(file.after.encode())
    except NameTakenError as error:
        raise ConfigError(f"{path} was made meanwhile, and is not overwritten; is another init running?") from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigError(f"{path} could not be written ({why}); write it by hand, from what is shown") from error
