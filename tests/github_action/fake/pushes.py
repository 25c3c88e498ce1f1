"""What GitHub notes of every push: which branch moved, from where to where, when, and who pushed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.github_action.fake.git import Bare
    from tests.github_action.fake.state import World

NOTHING = "0" * 40


class Pushes:
    """The pushes of a repository, the oldest first."""

    world: World
    bare: Bare
    pushes: list[dict[str, Any]]
    tips: dict[str, str]

    def note_pushes(self, by: str | None = "ann", tips: Mapping[str, str] | None = None) -> None:
        """Note all branches that have moved since the last call, as pushed now."""
        new = dict(self.bare.branches() if tips is None else tips)
        for branch in sorted({*new, *self.tips}):
            before, after = self.tips.get(branch, NOTHING), new.get(branch, NOTHING)
            if before != after:
                facts = {"ref": f"refs/heads/{branch}", "before": before, "after": after}
                about = {"id": self.world.new_id(), "timestamp": self.world.now(), "actor": self.world.user(by)}
                self.pushes.append({**about, **facts})
        self.tips = new
