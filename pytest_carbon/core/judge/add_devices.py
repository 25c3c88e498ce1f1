"""The verdict on dropped devices, added to the verdict on a run: state, first sentence and next steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pytest_carbon.core.devices import dropped_support_lines
from pytest_carbon.core.devices.judge_drops import DevicesVerdict
from pytest_carbon.core.verdict.verdict import WORST_FIRST, Todo, Verdict, worst_state
from pytest_carbon.core.verdict.wording import NAME_CELLS, shorten


def add_devices(verdict: Verdict, devices: DevicesVerdict, by_label: bool) -> Verdict:
    """Return the verdict on a run with the verdict on devices added.

    The worse of the two states decides, and its sentence comes first. ``by_label`` says that an approval label counts
    here. Only ``evaluate`` calls this.
    """
    devices_state = devices.state_under_rule
    if devices_state == "pass":
        return replace(verdict, devices=devices)
    state, todo = worst_state([verdict.state, devices_state]), tuple(_todos(devices, by_label))
    headline = dropped_support_lines.headline(devices)
    if WORST_FIRST.index(devices_state) < WORST_FIRST.index(verdict.state):
        sentence, todo = f"{_first_sentence(headline, devices)} {verdict.sentence}", (*todo, *verdict.todo)
    else:
        sentence, todo = f"{verdict.sentence} {headline}", (*verdict.todo, *todo)
    return replace(verdict, state=state, sentence=sentence, todo=todo, devices=devices)


def _first_sentence(headline: str, devices: DevicesVerdict) -> str:
    """Return the headline on devices with what it means for the verdict before it."""
    lowered = f"{headline[0].lower()}{headline[1:]}"
    approval = devices.approval
    if approval:
        return f"Approved by {approval.approver} ({shorten(approval.reason, NAME_CELLS)}): {lowered}"
    return f"Passes, with a warning: {lowered}" if devices.state_under_rule == "warn" else headline


def _todos(devices: DevicesVerdict, by_label: bool) -> Iterator[Todo]:
    """Yield how to keep supporting the devices that the worst drop strands, and how the drop may pass all the same."""
    lines = [line for line in dropped_support_lines.format_drops(devices) if line.remedies]
    yield from (Todo(text) for line in lines[:1] for text in line.remedies)
    if devices.inconclusive_reason:
        yield Todo("run pytest-carbon devices in a clone of the branch; the command needs no network")
    if by_label and any(line.state == "fail" for line in lines):
        label = devices.rule.approval_label
        ask = (
            f"or ask somebody with write access, but not the author, to add the label {label} "
            'and to write the comment "carbon devices: REASON"'
        )
        yield Todo(f"or have the drop approved: {devices.refusal}" if devices.refusal else ask)
