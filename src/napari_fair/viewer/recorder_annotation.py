"""What recorded work by hand says about annotations, in MIFA's terms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from napari_fair.model import Origin, State, Step
from napari_fair.provenance import History

if TYPE_CHECKING:
    from napari_fair.session import Session

HISTORY = "the recorded history"
METHOD, COVERAGE = "annotation.method", "annotation.coverage"


def annotation_texts(history: History) -> dict[str, str]:
    """Return annotation method and coverage, by field, as far as work by hand tells them."""
    hand = [step for step in history.steps if step.manual is not None and not step.failed]
    if not hand:
        return {}
    names = {ref.id: ref.name for ref in history.data}
    methods, covers = [], []
    for data, steps in _by_layer(hand, names).items():
        before = [s for s in history.led_to(steps[0].inputs[0].data) if s.tool.function]
        methods.append(_method(data, steps, before))
        covers.append(_coverage(data, steps))
    found = {METHOD: "; ".join(methods), COVERAGE: "; ".join(filter(None, covers))}
    return {field: text for field, text in found.items() if text}


def fill_annotation(session: Session, history: History) -> None:
    """Fill both fields where nobody said anything else."""
    for field, text in annotation_texts(history).items():
        view = session.view(field)
        ours = view.state is State.GIVEN and view.where == HISTORY
        if (view.state is None or ours) and view.text != text:
            session.set(field, text, origin=Origin.INFERRED, where=HISTORY)


def _by_layer(hand: Iterable[Step], names: dict[str, str]) -> dict[str, list[Step]]:
    found: dict[str, list[Step]] = {}
    for step in hand:
        if step.inputs and step.outputs:
            found.setdefault(names.get(step.outputs[0].data, "labels"), []).append(step)
    return found


def _method(name: str, steps: list[Step], before: list[Step]) -> str:
    works = [step.manual for step in steps if step.manual is not None]
    strokes = sum(work.strokes for work in works)
    minutes = sum(work.minutes for work in works)
    painted = any(step.observed == "paint" for step in steps)
    verb = "corrected" if any(s.outputs and s.kind != "open" for s in before) else "made"
    tool = f"{steps[0].tool.name} {steps[0].tool.version}".strip()
    words = "strokes" if painted else "edits"
    spent = f", {minutes:.0f} min" if minutes >= 1 else ""
    text = f"{name}: {verb} by hand in {tool} ({strokes} {words}{spent})"
    made_by = [s for s in before if s.kind != "open"]
    if made_by:
        last = made_by[-1].tool
        text += f", made with {last.name} ({' '.join(filter(None, (last.package, last.version)))})"
    return text


def _coverage(name: str, steps: list[Step]) -> str:
    planes = sorted({plane for s in steps if s.manual is not None for plane in s.manual.planes})
    labels = {label for s in steps if s.manual is not None for label in s.manual.labels_touched}
    parts = [f"{len(labels)} labels"] if labels else []
    if planes:
        first, last = planes[0], planes[-1]
        parts.append(f"plane {first}" if first == last else f"planes {first} to {last}")
    return f"{name}: by hand {', '.join(parts)}" if parts else ""
