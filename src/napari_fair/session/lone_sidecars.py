"""What OME-XML sidecars of ours say about an image whose crate was lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_fair.files import FairError
from napari_fair.model import ImageSource, Recorded
from napari_fair.sidecar.ome import LoneSidecar, is_ours, read_sidecar, sidecar_name


@dataclass(frozen=True)
class Seed:
    """One value of a lone sidecar: recorded, or as text when people or instruments are named."""

    path: str
    image: str | None
    recorded: Recorded[Any] | None
    text: str
    where: str


def seeds(folder: Path, source: ImageSource) -> Iterator[Seed]:
    """Yield what sidecars of ours beside a source say beyond what the source says itself."""
    found = _lone_sidecar(folder, source)
    if found is None:
        return
    name, lone = found
    for path, recorded in lone.values.items():
        yield Seed(path, None, recorded, "", name)
    for path, text in lone.texts.items():
        yield Seed(path, None, None, text, name)
    for image, said in zip(source.images, lone.images, strict=False):
        for path, recorded in said.values.items():
            fact = image.facts.get(path)
            if fact is None or fact.value != recorded.value:
                yield Seed(path, image.id, recorded, "", name)
        for path, text in said.texts.items():
            yield Seed(path, image.id, None, text, name)


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
