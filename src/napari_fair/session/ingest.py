"""Facts of a header into the record, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from napari_fair.files import UnsafePath, crate_id, relative_posix, sha256_file, shown
from napari_fair.model import (
    Conflict,
    Dataset,
    Facts,
    Header,
    Image,
    ImageHeader,
    ImageSource,
    Origin,
    Recorded,
    SourceFile,
    Term,
    Trust,
    field,
    image_id,
    recorded_facts,
    resolve,
    source_id,
    split_path,
)
from napari_fair.session.edits import with_source
from napari_fair.session.texts import Parsing, text_of
from napari_fair.vocabulary import method_for_acquisition_mode


def add_header(dataset: Dataset, folder: Path, header: Header) -> tuple[Dataset, ImageSource]:
    """Return the record with what a header says, and the source it is about.

    What people said about a source that is known already stays; its facts are read anew.

    Raises
    ------
    UnsafePath
        If a file's name cannot stand in a crate.
    """
    paths = [_recordable(folder, path) for path in header.files or (header.path,)]
    known = dataset.source(paths[0])
    id = known.id if known is not None else source_id(dataset.id, paths[0])
    parsing = Parsing(dataset)
    images = tuple(
        _image(_before(known, entry), id, entry, parsing)
        for entry in sorted(header.images, key=lambda entry: entry.index)
    )
    kept = known if known is not None else ImageSource(id=id, format="", files=_files(paths, None))
    source = kept.model_copy(
        update={
            "format": header.format,
            "files": _files(paths, known),
            "store": header.store,
            "images": images or kept.images,
            "states": header.states or kept.states,
        }
    )
    dataset = with_source(parsing.dataset, source)
    others = {entry.index: recorded_facts(entry.others) for entry in header.images}
    return _with_disagreements(dataset, source, others), source


def _recordable(folder: Path, path: str) -> str:
    """Return a file's path in the record; refused now, or a save of all would fail of one name."""
    name = relative_posix(folder, path)
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise UnsafePath(f"{shown(name)} is not valid Unicode; rename the file.") from error
    crate_id(name)
    return name


def moved_source(dataset: Dataset, folder: Path, header: Header) -> ImageSource | None:
    """Return the source that a new file is by size and checksum, if its own file is gone."""
    path = Path(header.path)
    if header.store or not path.is_file():
        return None
    size = path.stat().st_size
    gone = [
        source
        for source in dataset.sources
        if len(source.files) == 1
        and source.files[0].sha256
        and source.files[0].size == size
        and not (folder / source.path).exists()
    ]
    digest = sha256_file(path).sha256 if gone else ""
    return next((source for source in gone if source.files[0].sha256 == digest), None)


def _files(paths: Iterable[str], known: ImageSource | None) -> tuple[SourceFile, ...]:
    before = {file.path: file for file in known.files} if known is not None else {}
    return tuple(before.get(path, SourceFile(path=path)) for path in paths)


_TOLD = (Origin.ACQUISITION, Origin.PRESET)


def _told(before: Facts, read: Facts) -> dict[str, Recorded[Any]]:
    """Return the facts that the microscope told while it acquired: files hold few of them."""
    return {
        path: fact
        for path, fact in before.items()
        if fact.origin in _TOLD and (path not in read or read[path].value == fact.value)
    }


def _before(known: ImageSource | None, entry: ImageHeader) -> Image | None:
    images = known.images if known is not None else ()
    return next((image for image in images if image.index == entry.index), None)


def _image(before: Image | None, source: str, entry: ImageHeader, parsing: Parsing) -> Image:
    image = before or Image(id=image_id(source, entry.index), index=entry.index)
    read = recorded_facts(entry.facts)
    facts = {**read, **_told(image.facts, read)}
    facts = Image(id=image.id, facts={**facts, **_derived(facts, parsing)}).facts
    planes = entry.planes if entry.planes is not None else image.planes
    return image.model_copy(update={"facts": facts, "planes": planes})


# ---- what follows from what a header says ---------------------------------------------------


def _derived(facts: dict[str, Recorded[Any]], parsing: Parsing) -> dict[str, Recorded[Any]]:
    """Return imaging method, instrument and parameters as far as the header's facts give them."""
    found = {
        "acquisition.imaging_method": _methods(facts),
        "acquisition.instrument": _instrument(facts, parsing),
        "acquisition.parameters": _parameters(facts, parsing.dataset),
    }
    return {path: recorded for path, recorded in found.items() if recorded is not None}


def _inferred(value: Any, where: str) -> Recorded[Any]:
    return Recorded(value=value, origin=Origin.HEADER, where=where, trust=Trust.DERIVED)


def _methods(facts: dict[str, Recorded[Any]]) -> Recorded[Any] | None:
    methods: list[Term] = []
    for path, mode in facts.items():
        if split_path(path)[0] == "channel.acquisition_mode" and mode.given:
            contrast = facts.get(path.replace("acquisition_mode", "contrast_method"))
            word = contrast.value if contrast is not None and contrast.given else ""
            method = method_for_acquisition_mode(str(mode.value), str(word))
            methods += [method] if method is not None else []
    unique = tuple(dict.fromkeys(methods)) if methods else ()
    return _inferred(unique, "from the channels' acquisition mode") if unique else None


def _instrument(facts: dict[str, Recorded[Any]], parsing: Parsing) -> Recorded[Any] | None:
    named = [facts.get(f"microscope.{part}") for part in ("manufacturer", "model")]
    words = [str(part.value) for part in named if part is not None and part.given]
    if not words or named[1] is None or not named[1].given:
        return None
    if len(words) == 2 and words[1].casefold().startswith(words[0].casefold()):
        words = words[1:]
    recorded = parsing.recorded(
        field("acquisition.instrument"), " ".join(words), origin=Origin.HEADER, where=""
    )
    return _inferred(recorded.value, "from the microscope's name") if recorded else None


def _parameters(facts: dict[str, Recorded[Any]], dataset: Dataset) -> Recorded[Any] | None:
    def text(path: str) -> str:
        recorded = facts.get(path)
        given = recorded is not None and recorded.given
        return text_of(dataset, field(split_path(path)[0]), recorded) if given else ""

    lens = [text("objective.model"), _lens(text)]
    settings = [", ".join(part for part in lens if part)]
    for number in _channel_numbers(facts):
        said = [
            f"{words} {value}"
            for name, words in _CHANNEL_WORDS.items()
            if (value := text(f"channel.{number}.{name}"))
        ]
        name = text(f"channel.{number}.name") or f"channel {number + 1}"
        settings += [f"{name}: {', '.join(said)}"] if said else []
    whole = "; ".join(part for part in settings if part)
    return _inferred(whole, "from objective and channels") if whole else None


_CHANNEL_WORDS = {
    "excitation_wavelength": "excitation",
    "emission_wavelength": "emission",
    "exposure_time": "exposure",
}


def _lens(text: Any) -> str:
    magnification, aperture = text("objective.nominal_magnification"), text("objective.lens_na")
    immersion = text("objective.immersion")
    numbers = [f"{magnification}x" if magnification else "", f"NA {aperture}" if aperture else ""]
    return " ".join([*filter(None, numbers), immersion.lower()]).strip()


def _channel_numbers(facts: dict[str, Recorded[Any]]) -> list[int]:
    split = (split_path(path) for path in facts)
    return sorted({i for name, i in split if i is not None and name.startswith("channel.")})


# ---- disagreements --------------------------------------------------------------------------

_COMPARED = ("acquisition.imaging_method", "acquisition.instrument")


def _with_disagreements(
    dataset: Dataset, source: ImageSource, others: Mapping[int, Facts]
) -> Dataset:
    """List where an image's own file says something else than what is in force, or than itself."""
    listed = {(conflict.subject, conflict.path) for conflict in dataset.conflicts}
    found: list[Conflict] = []
    for image in source.images:
        for path in _COMPARED:
            fact, held = image.facts.get(path), resolve(dataset, source, image, path)
            if fact is None or held is None or held.level in ("file", "image", "source"):
                continue
            if held.recorded.given and held.value != fact.value:
                found.append(
                    Conflict(subject=image.id, path=path, candidates=(held.recorded, fact))
                )
        found += _inside_the_file(dataset, source, image, others.get(image.index, {}))
    new = tuple(c for c in found if (c.subject, c.path) not in listed)
    return dataset.model_copy(update={"conflicts": dataset.conflicts + new})


def _inside_the_file(
    dataset: Dataset, source: ImageSource, image: Image, others: Facts
) -> Iterator[Conflict]:
    """Yield where two places of a file differ and nobody has said which one holds."""
    for path, other in others.items():
        held = resolve(dataset, source, image, path)
        if held is not None and held.level == "file" and held.value != other.value:
            yield Conflict(subject=image.id, path=path, candidates=(held.recorded, other))
