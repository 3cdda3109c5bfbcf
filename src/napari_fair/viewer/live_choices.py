"""Who, which project, sample and microscope: what presets and earlier records offer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_fair.model import Dataset, State
    from napari_fair.session import Preset


@dataclass(frozen=True)
class Part:
    """One of the four things that are chosen at the start.

    Attributes
    ----------
    field
        The field that a typed text goes into.
    parts
        What of a preset or a record belongs to it; see `preset_shelf.PARTS`.
    """

    key: str
    label: str
    hint: str
    field: str
    parts: tuple[str, ...]


PARTS = (
    Part("who", "Who", "e.g. J. Carberry", "image.operator", ()),
    Part("project", "Project", "e.g. Mitosis after drug A", "study.title", ("study", "people")),
    Part("sample", "Sample", "e.g. HeLa cells", "biosample.biological_entity", ("sample",)),
    Part(
        "microscope",
        "Microscope",
        "e.g. Nikon Ti2 with CSU-W1",
        "acquisition.instrument",
        ("instrument",),
    ),
)


@dataclass(frozen=True)
class Choice:
    """What one of the four can be.

    Attributes
    ----------
    label
        What people see.
    values, states
        What is said about the images when it is chosen, by field.
    """

    label: str
    values: dict[str, str] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)


def offered(presets: Iterable[Preset], datasets: Iterable[Dataset]) -> dict[str, list[Choice]]:
    """Return what there is to choose from, each once, by the key of its part."""
    found: dict[str, dict[str, Choice]] = {part.key: {} for part in PARTS}
    held = list(datasets)
    for dataset in held:
        for person in dataset.people:
            found["who"].setdefault(person.name, _person(person.name))
    for preset in [*presets, *(each for one in held for each in _of_record(one))]:
        for part in PARTS:
            choice = _choice(preset, part)
            if choice is not None:
                found[part.key].setdefault(choice.label, choice)
    return {key: list(choices.values()) for key, choices in found.items()}


def _person(name: str) -> Choice:
    return Choice(name, {"image.operator": name})


def _of_record(dataset: Dataset) -> list[Preset]:
    from napari_fair.files import FairError
    from napari_fair.session.preset_shelf import preset_of

    image = next(((s, i) for s in dataset.sources for i in s.images), None)
    found = []
    for part in PARTS:
        try:
            found.append(preset_of(dataset, image, name="", parts=part.parts))
        except FairError:
            continue
    return found


def _choice(preset: Preset, part: Part) -> Choice | None:
    from napari_fair.session.preset_shelf import PARTS as BEGINNINGS

    begins = tuple(begin for name in part.parts for begin in BEGINNINGS[name])
    own = ("image.operator",) if not begins else ()
    values = {p: t for p, t in preset.values.items() if p.startswith(begins or own)}
    values = {p: t for p, t in values.items() if begins or p in own}
    if begins:
        values.pop("image.operator", None)
    states = {p: s for p, s in preset.states.items() if begins and p.startswith(begins)}
    label = values.get(part.field, "") or preset.name
    return Choice(label, values, states) if values and label else None


def chosen(part: Part, text: str, offers: Iterable[Choice]) -> Choice | None:
    """Return the choice of a text: one that is offered, or the text itself."""
    text = text.strip()
    if not text:
        return None
    known = next((choice for choice in offers if choice.label == text), None)
    return known if known is not None else Choice(text, {part.field: text})


def preset_of_choices(choices: Iterable[Choice]) -> Preset:
    """Return one preset of all that was chosen."""
    from napari_fair.session import Preset

    values: dict[str, str] = {}
    states: dict[str, State] = {}
    for choice in choices:
        values |= choice.values
        states |= choice.states
    return Preset("Chosen for this session", values=values, states=states)
