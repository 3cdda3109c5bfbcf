"""What OME-XML sidecars say that the record does not: after a loss, or after somebody's edit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from napari_fair.files import FairError
from napari_fair.headers import read_header
from napari_fair.model import (
    Conflict,
    Dataset,
    Header,
    ImageSource,
    KeyValue,
    Origin,
    Planes,
    Recorded,
    field,
    linked_block,
    recorded_facts,
    resolve,
)
from napari_fair.session.edits import put, with_block, with_block_of, with_image, with_source
from napari_fair.session.texts import InvalidValue, Parsing
from napari_fair.sidecar.ome import LoneSidecar, is_ours, project, read_sidecar, sidecar_name


@dataclass(frozen=True)
class Seed:
    """One value of a lone sidecar: recorded, or as text when people or instruments are named.

    Free pairs come as one seed of the image, or of a kind of block, that they are of.
    """

    path: str
    image: str | None
    recorded: Recorded[Any] | None
    text: str
    where: str
    pairs: tuple[KeyValue, ...] = ()


def seeds(folder: Path, source: ImageSource) -> Iterator[Seed]:
    """Yield what sidecars of ours beside a source say beyond what the source says itself."""
    found = _lone_sidecar(folder, source)
    if found is None:
        return
    name, lone = found
    facts = {image.id: image.facts for image in source.images}
    for seed in _seeds(lone, source, name):
        fact = facts[seed.image].get(seed.path) if seed.image is not None else None
        if fact is None or seed.recorded is None or fact.value != seed.recorded.value:
            yield seed


def _seeds(lone: LoneSidecar, source: ImageSource, name: str) -> Iterator[Seed]:
    for path, recorded in lone.values.items():
        yield Seed(path, None, recorded, "", name)
    for path, text in lone.texts.items():
        yield Seed(path, None, None, text, name)
    for kind, pairs in lone.pairs.items():
        yield _pairs(kind, None, pairs, name)
    for image, said in zip(source.images, lone.images, strict=False):
        if said.pairs:
            yield _pairs("image", image.id, said.pairs, name)
        for path, recorded in said.values.items():
            yield Seed(path, image.id, recorded, "", name)
        for path, text in said.texts.items():
            yield Seed(path, image.id, None, text, name)


_PAIRS = " pairs"


def _pairs(kind: str, image: str | None, pairs: tuple[KeyValue, ...], name: str) -> Seed:
    text = "; ".join(f"{pair.key}: {pair.value}" for pair in pairs)
    return Seed(kind + _PAIRS, image, None, text, name, pairs)


def _with_pairs(dataset: Dataset, seed: Seed) -> Dataset:
    """Return the record with free pairs where nobody gave any yet."""
    held = dataset.image(seed.image) if seed.image is not None else None
    if held is not None:
        source, image = held
        pairs = image.pairs or seed.pairs
        return with_image(dataset, source, image.model_copy(update={"pairs": pairs}))
    kind = seed.path.removesuffix(_PAIRS)
    dataset, block = with_block_of(dataset, kind, None)
    pairs = block.pairs or seed.pairs
    return with_block(dataset, kind, block.model_copy(update={"pairs": pairs}))


def with_seeds(dataset: Dataset, found: Iterable[Seed]) -> Dataset:
    """Return the record with what sidecars say; what is no value of its field is left out."""
    for seed in found:
        with suppress(InvalidValue, ValueError, KeyError):
            if seed.pairs:
                dataset = _with_pairs(dataset, seed)
            elif seed.recorded is not None:
                dataset = put(dataset, seed.path, seed.image, seed.recorded)
            else:
                parsing = Parsing(dataset)
                said = parsing.recorded(
                    field(seed.path), seed.text, origin=Origin.SIDECAR, where=seed.where
                )
                dataset = put(parsing.dataset, seed.path, seed.image, said)
    return dataset


def with_acquired(dataset: Dataset, folder: Path, source: ImageSource) -> Dataset:
    """Return the record with what the microscope told of a source, as a lone sidecar holds it."""
    found = _lone_sidecar(folder, source)
    if found is None:
        return dataset
    lone = found[1]
    known = {note.id for note in dataset.notes}
    images, notes = list(source.images), list(dataset.notes)
    for number, (image, said) in enumerate(zip(source.images, lone.images, strict=False)):
        if said.planes is not None and not _is_told(image.planes):
            images[number] = image.model_copy(update={"planes": said.planes})
        mine = (note for note in said.notes if note.id not in known)
        notes += [note.model_copy(update={"image": image.id}) for note in mine]
    told = {"images": tuple(images), "states": source.states or lone.states}
    dataset = with_source(dataset, source.model_copy(update=told))
    ordered = sorted(notes, key=lambda note: (note.time, note.id))
    return dataset.model_copy(update={"notes": tuple(ordered)})


def _is_told(planes: Planes | None) -> bool:
    """Whether a file says of its planes more than that they are there."""
    columns = planes.model_dump(exclude={"the_z", "the_c", "the_t"}) if planes is not None else {}
    return any(value is not None for column in columns.values() for value in column)


class Disagreements:
    """What somebody changed in a source's sidecar, as conflicts with the record.

    Attributes
    ----------
    notes
        Sentences about changes that only a person can take over.
    """

    def __init__(
        self, dataset: Dataset, source: ImageSource, header: Header, crate_folder: Path
    ) -> None:
        self._seeds = edits(crate_folder, dataset, source, header)
        self.notes = tuple(
            f"{seed.where} says {seed.text!r} for {seed.path}: check it."
            for seed in self._seeds
            if seed.recorded is None
        )

    def added_to(self, dataset: Dataset) -> Dataset:
        """Return the record with the changes listed as conflicts."""
        listed = {(conflict.subject, conflict.path) for conflict in dataset.conflicts}
        found = [conflict for seed in self._seeds for conflict in _conflict(dataset, seed)]
        new = [c for c in found if (c.subject, c.path) not in listed]
        return dataset.model_copy(update={"conflicts": (*dataset.conflicts, *new)})


def _conflict(dataset: Dataset, seed: Seed) -> Iterator[Conflict]:
    source, image = dataset.image(seed.image or "") or (None, None)
    held = resolve(dataset, source, image, seed.path)
    block = linked_block(dataset, None, None, seed.path.split(".")[0])
    subject = seed.image or (block.id if block is not None else "")
    if held is not None and seed.recorded is not None:
        candidates = (held.recorded, seed.recorded)
        yield Conflict(subject=subject, path=seed.path, candidates=candidates)


def edits(crate_folder: Path, dataset: Dataset, source: ImageSource, header: Header) -> list[Seed]:
    """Return what somebody changed in a source's sidecar since we wrote it.

    What the sidecar says now is compared with what we would write for the same record, so that
    only edits are found and nothing that OME-XML cannot hold.
    """
    if source.sidecar is None or not source.sidecar.sha256:
        return []
    path = crate_folder / source.sidecar.path
    if not path.is_file() or not 0 < path.stat().st_size < _LARGEST_COMPARED:
        return []
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() == source.sidecar.sha256 or not is_ours(data):
        return []
    ours = project(dataset, source, ome_xml=header.ome_xml, sidecar_path=source.sidecar.path)
    if ours is None or ours.data == data:
        return []
    before, after = (_said(each, source, path.name) for each in (ours.data, data))
    return [seed for key, seed in after.items() if _value(before.get(key)) != _value(seed)]


_LARGEST_COMPARED = 4 * 2**20
_Key = tuple[str, str | None]


def _value(seed: Seed | None) -> Any:
    if seed is None or seed.recorded is None:
        return seed and seed.text
    return seed.recorded.state, seed.recorded.value


def _said(data: bytes, source: ImageSource, name: str) -> dict[_Key, Seed]:
    """Return all that a sidecar says: in OME's own places and in our annotations."""
    said: dict[_Key, Seed] = {}
    with TemporaryDirectory() as place, suppress(FairError):
        copy = Path(place) / "sidecar.ome.xml"
        copy.write_bytes(data)
        for image, read in zip(source.images, read_header(copy).images, strict=False):
            for path, recorded in recorded_facts(read.facts).items():
                about = {"origin": Origin.SIDECAR.value, "where": f"{name}, {recorded.where}"}
                stated = recorded.model_copy(update=about)
                said[path, image.id] = Seed(path, image.id, stated, "", name)
        lone = read_sidecar(data, where=name)
        for seed in _seeds(lone, source, name):
            said[seed.path, seed.image] = seed
    return said


def _lone_sidecar(folder: Path, source: ImageSource) -> tuple[str, LoneSidecar] | None:
    names = {
        sidecar_name(source, metadata_only=flag, exists=lambda _: False) for flag in (False, True)
    }
    for name in sorted(names):
        path = folder / name
        if not path.is_file():
            continue
        data = path.read_bytes()
        try:
            lone = read_sidecar(data, where=name) if is_ours(data) else None
        except FairError:
            continue
        if lone is not None and _is_about(lone, folder, source):
            return name, lone
    return None


def _is_about(lone: LoneSidecar, folder: Path, source: ImageSource) -> bool:
    """Whether a sidecar is about the files that lie here now, by name and size."""
    sizes = {Path(file.path).name: file.size for file in lone.files}
    path = folder / source.path
    stated = sizes.get(path.name)
    return path.name in sizes and (stated is None or path.is_dir() or stated == path.stat().st_size)
