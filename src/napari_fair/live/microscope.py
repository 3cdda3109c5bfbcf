"""What Micro-Manager does not know of a microscope: asked once for a configuration, and kept.

Micro-Manager knows devices by name. The numerical aperture behind a lens's label, the bands of a
filter, the laser lines and the maker of the stand are not in it. They are the same every day, so
they are asked once for each configuration file and come back with every acquisition.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from napari_fair.files import replace, writing
from napari_fair.live.setup import Device, Setup
from napari_fair.model import Dataset, Fact, Origin, Study, Trust, field, split_path
from napari_fair.session import InvalidValue, Preset
from napari_fair.session.preset_shelf import presets_folder, quoted, save_preset
from napari_fair.session.texts import Parsing

Answers = Mapping[str, Mapping[str, str]]
"""Texts by field, by what they are about: ``microscope``, ``objective: LABEL`` ..."""

_LENS = re.compile(r"objective|nosepiece|turret|\blens\b", re.IGNORECASE)
_LARGEST = 2**20
STAND = "microscope"
_ASKED: dict[str, tuple[str, ...]] = {
    STAND: (
        *("microscope.manufacturer", "microscope.model", "microscope.type"),
        "channel.acquisition_mode",
    ),
    "objective": (
        *("objective.lens_na", "objective.immersion", "objective.manufacturer"),
        "objective.working_distance",
    ),
    "camera": ("detector.manufacturer", "detector.type"),
    "channel": (
        *("channel.fluor", "channel.excitation_wavelength", "channel.emission_wavelength"),
        "channel.light_source",
    ),
}


@dataclass(frozen=True)
class Question:
    """Something that only a person knows of a microscope.

    Attributes
    ----------
    key
        What to give the answer under.
    about
        What it is about, e.g. ``objective: Nikon 20X Plan Fluor ELWD``.
    path
        The field that the answer is for.
    label, why, example
        What to show; as declared with the field.
    """

    key: str
    about: str
    path: str
    label: str
    why: str
    example: str


def configuration_key(setup: Setup) -> str:
    """Return what tells one microscope configuration from another: a checksum.

    It is that of the configuration file or, where there is none that can be read, of the devices.
    """
    try:
        data = Path(setup.configuration).read_bytes() if setup.configuration else b""
    except OSError:
        data = b""
    if not data:
        data = repr([(d.label, d.library, d.name) for d in setup.devices]).encode()
    return hashlib.sha256(data).hexdigest()


def lens_device(setup: Setup) -> tuple[Device, Trust] | None:
    """Return the objective turret, and whether that is known or guessed from its label."""
    for label in setup.lens_devices:
        device = setup.device(label)
        if device is not None and _LENS.search(label):
            return device, Trust.DERIVED
    for device in setup.devices:
        if device.kind == "StateDevice" and _LENS.search(device.label):
            return device, Trust.GUESSED
    return None


def _subjects(setup: Setup) -> Iterator[tuple[str, str]]:
    """Yield what there is to ask about, and its kind."""
    yield STAND, STAND
    lens = lens_device(setup)
    if lens is not None and lens[0].properties.get("Label"):
        yield f"objective: {lens[0].properties['Label']}", "objective"
    if setup.camera:
        yield f"camera: {setup.camera}", "camera"
    for name in dict.fromkeys(channel.config for channel in setup.channels):
        yield f"channel: {name}", "channel"


def questions(setup: Setup, answers: Answers) -> tuple[Question, ...]:
    """Return what has not been answered of this microscope; an empty answer is one too."""
    return tuple(
        Question(f"{about}|{path}", about, path, declared.label, declared.why, declared.example)
        for about, kind in _subjects(setup)
        for path in _ASKED[kind]
        if path not in answers.get(about, {})
        for declared in [field(path)]
    )


def with_answers(answers: Answers, given: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return answers with more of them, by the questions' keys.

    Raises
    ------
    InvalidValue
        If a text is no value of its field; the sentence names the field.
    """
    merged = {about: dict(texts) for about, texts in answers.items()}
    for key, text in given.items():
        about, _, path = key.rpartition("|")
        if path not in {path for asked in _ASKED.values() for path in asked}:
            raise InvalidValue(f"Nothing was asked under {key!r}.")
        _fact(path, text.strip(), about)
        merged.setdefault(about, {})[path] = text.strip()
    return merged


def answer_facts(setup: Setup, cameras: int, answers: Answers) -> dict[str, Fact]:
    """Return what was answered, as facts of an image; `cameras` see each channel."""
    found: dict[str, Fact] = {}
    count = max(len(setup.channels), 1)
    for about, kind in _subjects(setup):
        for path, text in answers.get(about, {}).items():
            fact = _fact(path, text, about)
            for place in _places(path, about, kind, setup, count * cameras, cameras):
                if fact is not None:
                    found[place] = fact
    return found


def _places(
    path: str, about: str, kind: str, setup: Setup, channels: int, cameras: int
) -> Iterator[str]:
    block, attribute = path.split(".")
    if kind == "camera":
        yield f"{block}.0.{attribute}"
    elif kind == "channel":
        for number, channel in enumerate(setup.channels):
            if f"channel: {channel.config}" == about:
                for camera in range(cameras):
                    yield f"{block}.{number * cameras + camera}.{attribute}"
    elif block == "channel":
        yield from (f"{block}.{number}.{attribute}" for number in range(channels))
    else:
        yield path


@cache
def _nothing_said() -> Dataset:
    return Dataset(id="", created="", study=Study(id=""))


def _fact(path: str, text: str, about: str) -> Fact | None:
    if not text:
        return None
    declared, parsing = field(split_path(path)[0]), Parsing(_nothing_said())
    recorded = parsing.recorded(declared, text, origin=Origin.PRESET, where=about)
    if recorded is None:
        return None
    return Fact(recorded.value, recorded.state, recorded.origin, recorded.where, recorded.trust)


# ---- kept for the next time -------------------------------------------------------------------


def microscopes_folder() -> Path:
    """Return the folder of this user's answers, which may not exist."""
    return presets_folder() / "microscopes"


def read_answers(setup: Setup, folder: Path) -> dict[str, dict[str, str]]:
    """Return what was answered of this microscope configuration; nothing when it was not."""
    path = _file(setup, folder)
    try:
        if path.stat().st_size > _LARGEST:
            return {}
        held = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    devices = held.get("devices", {})
    if not isinstance(devices, dict):
        return {}
    return {
        about: {path: text for path, text in texts.items() if isinstance(text, str)}
        for about, texts in devices.items()
        if isinstance(texts, dict)
    }


def keep_answers(setup: Setup, answers: Answers, folder: Path) -> Path:
    """Write what was answered, and the instrument's preset that follows from it.

    Raises
    ------
    FairError
        If the folder cannot be written.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    lines = [
        "# What was answered once of a microscope; napari-fair adds it to what is taken with it.",
        f"configuration = {quoted(Path(setup.configuration).name)}",
        f"checksum = {quoted(configuration_key(setup))}",
    ]
    for about, texts in answers.items():
        lines += ["", f"[devices.{quoted(about)}]"]
        lines += [f"{quoted(path)} = {quoted(text)}" for path, text in texts.items()]
    path = _file(setup, folder)
    replace(path, ("\n".join(lines) + "\n").encode("utf-8"))
    values = instrument_values(answers)
    if values:
        save_preset(Preset(name=_name(setup), values=values), folder.parent)
    return path


def instrument_values(answers: Answers) -> dict[str, str]:
    """Return what a preset of the instrument holds: its makers, lenses, detectors and light."""
    stand = answers.get(STAND, {})
    maker, model = (stand.get(f"microscope.{name}", "") for name in ("manufacturer", "model"))
    values = {
        "acquisition.instrument": f"{maker} {model}".strip() if model else "",
        "instrument.manufacturer": maker,
        "instrument.model": model,
        "instrument.stand": stand.get("microscope.type", ""),
        "instrument.objectives": _listed(answers, "objective", ("objective.lens_na",)),
        "instrument.detectors": _listed(answers, "camera", ("detector.manufacturer",)),
        "instrument.light_sources": "; ".join(
            dict.fromkeys(
                text
                for texts in answers.values()
                if (text := texts.get("channel.light_source", ""))
            )
        ),
    }
    if not values["acquisition.instrument"]:
        return {}
    return {path: text for path, text in values.items() if text}


def _listed(answers: Answers, kind: str, parts: tuple[str, ...]) -> str:
    words = {"objective.lens_na": "NA "}
    found = []
    for about, texts in answers.items():
        if about.startswith(f"{kind}: "):
            said = [f"{words.get(p, '')}{texts[p]}" for p in parts if texts.get(p)]
            found.append(" ".join([about.removeprefix(f"{kind}: ").replace(";", ","), *said]))
    return "; ".join(found)


def _name(setup: Setup) -> str:
    stem = Path(setup.configuration).stem or "without configuration file"
    return f"Microscope {stem} {configuration_key(setup)[:8]}"


def _file(setup: Setup, folder: Path) -> Path:
    stem = re.sub(r"[^\w.-]+", "-", Path(setup.configuration).stem)[:60] or "microscope"
    return folder / f"{stem}-{configuration_key(setup)[:16]}.toml"
