"""The verdict on dropped devices, added to the verdict on a run: state, first sentence and next steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pytest_carbon.core.devices import drop_lines as devices_view
from pytest_carbon.core.devices.judge_drops import DevicesVerdict
from pytest_carbon.core.verdict.verdict import ORDER, Todo, Verdict, worst
from pytest_carbon.core.verdict.wording import NAME_CELLS, shorten


def add_devices(verdict: Verdict, devices: DevicesVerdict, by_label: bool) -> Verdict:
    """Return the verdict on a run with the verdict on devices added.

    The worse of the two states decides, and its sentence comes first. ``by_label`` says that an approval label counts
    here. Only ``evaluate`` calls this.
    """
    own = devices.state_under_rule
    if own == "pass":
        return replace(verdict, devices=devices)
    state, todo = worst([verdict.state, own]), tuple(_todos(devices, by_label))
    said = devices_view.headline(devices)
    if ORDER.index(own) < ORDER.index(verdict.state):
        sentence, todo = f"{_led(said, devices)} {verdict.sentence}", (*todo, *verdict.todo)
    else:
        sentence, todo = f"{verdict.sentence} {said}", (*verdict.todo, *todo)
    return replace(verdict, state=state, sentence=sentence, todo=todo, devices=devices)


def _led(said: str, devices: DevicesVerdict) -> str:
    given = devices.approval
    if given:
        return f"Approved by {given.approver} ({shorten(given.reason, NAME_CELLS)}): {said[0].lower()}{said[1:]}"
    return f"Passes, with a warning: {said[0].lower()}{said[1:]}" if devices.state_under_rule == "warn" else said


def _todos(devices: DevicesVerdict, by_label: bool) -> Iterator[Todo]:
    """Yield what would keep alive whom the worst drop strands, and how it may pass all the same."""
    lines = [line for line in devices_view.format_drops(devices) if line.remedies]
    yield from (Todo(text) for line in lines[:1] for text in line.remedies)
    if devices.inconclusive_reason:
        yield Todo("run this in a clone of the branch, which needs no network: pytest-carbon devices")
    if by_label and any(line.state == "fail" for line in lines):
        label = devices.rule.approval_label
        yield Todo(f'or ask somebody else to approve: the label {label}, and a comment "carbon devices: the reason"')
