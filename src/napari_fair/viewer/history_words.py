"""The plain sentences of the History tab, without Qt."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from napari_fair.model import Confidence, DataRef, ManualWork, Parameter, Step, StepKind

Ref = Callable[[str], DataRef | None]

_MOST = 4
_LONGEST = 40
_CHIPS = {
    Confidence.REPLAYABLE: ("●", "good", "replayable"),
    Confidence.DECLARED: ("◆", "declared", "declared"),
    Confidence.OPAQUE: ("▲", "warning", "opaque"),
}
MEANING = {
    "replayable": "Function, parameters and data are known: a script can do this again.",
    "declared": "A person said what was done; it cannot be run again from here.",
    "opaque": "Only the outcome is known. Describe the step to make the history complete.",
    "by hand": "Done by hand and summed up; it cannot be repeated by a script.",
    "error": "The step ended in an error.",
    "opened": "The data comes from a file.",
}
FILTERS = (
    ("All steps", ""),
    ("Replayable", "replayable"),
    ("Declared", "declared"),
    ("Opaque", "opaque"),
    ("By hand", "by hand"),
    ("Failed", "error"),
    ("Result not saved yet", "unsaved"),
    ("What led to the selected layer", "led to"),
)
"""What the list can be narrowed to, and the word for it."""


class Line(NamedTuple):
    """One step in the list: sign, tone, name, chip and one line of detail."""

    sign: str
    tone: str
    name: str
    chip: str
    detail: str


def state_of(step: Step) -> str:
    """Return the word on a step's chip."""
    if step.failed:
        return "error"
    if step.kind is StepKind.OPEN:
        return "opened"
    if step.manual is not None and step.confidence is Confidence.OPAQUE:
        return "by hand"
    return step.confidence.value


def mark_of(step: Step) -> tuple[str, str]:
    """Return the sign and the tone of a step."""
    state = state_of(step)
    marks = {"error": ("✕", "error"), "opened": ("●", "good"), "by hand": ("■", "accent")}
    return marks.get(state) or _CHIPS[step.confidence][:2]


def line(step: Step, ref: Ref, agent: str = "") -> Line:
    """Return what the list says of a step."""
    state = state_of(step)
    if state == "error":
        detail = step.error or "It gave no reason"
        if not step.outputs:
            detail += " · nothing was changed"
        return Line("✕", "error", f"{step.name} failed", state, detail)
    if state == "opened":
        return Line("●", "good", step.name, "", _opened(step, ref))
    if state == "by hand" and step.manual is not None:
        return Line("■", "accent", step.name, state, _by_hand(step.manual, agent))
    sign, tone, _ = _CHIPS[step.confidence]
    said = step.confidence is Confidence.DECLARED and step.tool.name
    return Line(sign, tone, step.tool.name if said else step.name, state, _done(step, ref))


def _opened(step: Step, ref: Ref) -> str:
    file = ref(step.inputs[0].data) if step.inputs else None
    tool = " ".join(part for part in (step.tool.name, step.tool.version) if part)
    sums = ""
    if file is not None:
        sums = f"sha256 {file.sha256[:8]}…" if file.sha256 else "checksum to come"
    return _joined(time_of(step), tool, sums)


def _by_hand(work: ManualWork, agent: str) -> str:
    painted = bool({"paint", "erase", "fill", "polygon"} & set(work.modes))
    parts = [_count(work.strokes, "stroke" if painted else "edit")]
    if work.labels_touched:
        parts.append(_count(len(work.labels_touched), "label"))
    if work.planes:
        first, last = work.planes[0], work.planes[-1]
        parts.append(f"plane {first}" if first == last else f"planes {first}–{last}")
    parts.append("under 1 min" if work.minutes < 1 else f"{work.minutes:.0f} min")
    return _joined(", ".join(parts), agent)


def _done(step: Step, ref: Ref) -> str:
    made = [found for slot in step.outputs if (found := ref(slot.data)) is not None]
    used = [found for slot in step.inputs if (found := ref(slot.data)) is not None]
    names = [data.name for data in used if data.name not in {m.name for m in made}]
    flow = ", ".join(_short(name) for name in names[:_MOST])
    if made:
        results = ", ".join(f"“{_short(data.name)}”" for data in made[:2])
        more = f" and {len(made) - 2} more" if len(made) > 2 else ""
        flow = f"{flow} → {results}{more}".strip()
    tool = " ".join(part for part in (step.tool.package, step.tool.version) if part)
    return _joined(parameters_line(step.parameters), flow, tool)


def parameters_line(parameters: tuple[Parameter, ...]) -> str:
    """Return e.g. ``sigma = 1.5, mode = reflect``; at most four are named."""
    texts = [f"{one.name} = {_short(value_text(one), 24)}" for one in parameters[:_MOST]]
    more = len(parameters) - _MOST
    return ", ".join(texts) + (f", … ({more} more)" if more > 0 else "")


def value_text(parameter: Parameter) -> str:
    """Return a value as people write it."""
    value = parameter.value
    items = value if isinstance(value, tuple) else (value,)
    text = "; ".join(_plain(item) for item in items)
    return f"{_short(text)} {parameter.unit}".strip()


def proposal_line(name: str, version: str, parameters: tuple[Parameter, ...], sure: bool) -> str:
    """Return e.g. ``Looks like Spindle Finder 1.2 (docked): threshold = 0.4``."""
    start = "This was" if sure else "Looks like"
    tool = " ".join(part for part in (name, version) if part)
    values = parameters_line(parameters)
    return f"{start} {tool} (docked): {values}" if values else f"{start} {tool} (docked)"


def recording_line(on: bool, paused: bool, sentence: str) -> tuple[str, str]:
    """Return the bold word and the rest of the head."""
    word = "Paused" if paused else "Recording" if on else "Not recording"
    return word, f" · {sentence}"


def going_on(by_hand: Mapping[str, int]) -> str:
    """Return what is being done by hand and is no step yet."""
    parts = [f"“{_short(name)}”: {_count(count, 'edit')}" for name, count in by_hand.items()]
    return f"By hand, still going on: {', '.join(parts)}" if parts else ""


def facts(step: Step, ref: Ref, agent: str = "") -> list[tuple[str, str]]:
    """Return all that is known of a step, as label and text."""
    tool = step.tool
    pairs: list[tuple[str, str]] = [
        ("What it means", MEANING[state_of(step)]),
        ("Why not replayable", step.gap),
        ("Tool", _joined(tool.name, tool.package and f"{tool.package} {tool.version}".strip())),
        ("Function", tool.function),
        *((one.name, value_text(one)) for one in step.parameters),
        ("From", ", ".join(_state(ref(slot.data)) for slot in step.inputs)),
        ("To", ", ".join(_state(ref(slot.data)) for slot in step.outputs)),
        ("When", _when(step)),
        ("Who", agent),
        ("Seen by", step.observed),
    ]
    if step.manual is not None and step.manual.bounding_box:
        box = " × ".join(f"{low}–{high}" for low, high in step.manual.bounding_box)
        labels = ", ".join(map(str, step.manual.labels_touched[:12]))
        pairs += [("Area", box), ("Labels", labels)]
    return [(label, text) for label, text in pairs if text]


def _state(data: DataRef | None) -> str:
    if data is None:
        return "unknown data"
    shape = " × ".join(map(str, data.shape))
    kept = "saved" if data.saved else "file" if data.sha256 else "not saved yet"
    return _joined(f"“{data.name}”", shape, kept).replace(" · ", ", ")


def _when(step: Step) -> str:
    start, end = _local(step.started), _local(step.ended)
    if start is None or end is None:
        return f"{end:%d %b %Y, %H:%M:%S}" if end is not None else ""
    seconds = (end - start).total_seconds()
    return f"{end:%d %b %Y, %H:%M:%S}, took {seconds:.1f} s"


def time_of(step: Step) -> str:
    """Return when a step ended, in local time, e.g. ``14:12``."""
    end = _local(step.ended)
    return f"{end:%H:%M}" if end is not None else ""


def _local(text: str) -> datetime | None:
    return datetime.fromisoformat(text).astimezone() if text else None


def matches(step: Step, words: str, state: str, ref: Ref) -> bool:
    """Return whether a step is among those that the list is narrowed to."""
    if state == "unsaved":
        refs = (ref(slot.data) for slot in step.outputs)
        if not any(data is not None and not data.saved for data in refs):
            return False
    elif state and state != state_of(step):
        return False
    text = " ".join((*line(step, ref), step.comment)).casefold()
    return all(word in text for word in words.casefold().split())


def _plain(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def breakable(text: str) -> str:
    """Let long names end a line after ``_``, ``.``, ``-``, ``=``, ``:`` and ``/``."""
    return re.sub(r"([_.=:/-])(?=\w)", "\\1\u200b", text)


def _short(text: str, most: int = _LONGEST) -> str:
    return text if len(text) <= most else f"{text[: most * 2 // 3 - 1]}…{text[-(most // 3) :]}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
