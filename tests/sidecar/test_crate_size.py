from __future__ import annotations

import json
from typing import Any

from napari_fair.model import (
    Dataset,
    Image,
    ImageSource,
    Quantity,
    Recorded,
    SourceFile,
    Study,
    image_id,
    source_id,
)
from napari_fair.sidecar import crate_bytes


def _stated(value: Any, place: str) -> Recorded[Any]:
    return Recorded(value=value, origin="header", where=f"OME-XML: Image[0]/{place}")


def _length(value: float, place: str, unit: str = "µm") -> Recorded[Any]:
    return _stated(Quantity(value=value, unit=unit), place)


def _facts(number: int) -> dict[str, Recorded[Any]]:
    sizes = {"x": 512, "y": 512, "z": 21, "c": 2, "t": 1}
    return {
        "image.name": _stated(f"HeLa_{number:03}", "@Name"),
        **{
            f"image.size_{axis}": _stated(size, f"Pixels/@Size{axis.upper()}")
            for axis, size in sizes.items()
        },
        **{
            f"image.physical_size_{axis}": _length(0.108, f"Pixels/@PhysicalSize{axis.upper()}")
            for axis in "xyz"
        },
        "image.dtype": _stated("uint16", "Pixels/@Type"),
        "image.dimension_order": _stated("XYCZT", "Pixels/@DimensionOrder"),
        "image.acquisition_date": _stated(f"2026-11-20T14:{number % 60:02}:00", "AcquisitionDate"),
        "image.stage_x": _length(100.5 + number, "Pixels/Plane[0]/@PositionX"),
        "image.stage_y": _length(200.5 + number, "Pixels/Plane[0]/@PositionY"),
        "channel.0.name": _stated("DAPI", "Pixels/Channel[0]/@Name"),
        "channel.0.emission_wavelength": _length(460, "Pixels/Channel[0]/@Emission", "nm"),
        "channel.1.name": _stated("GFP", "Pixels/Channel[1]/@Name"),
        "channel.1.emission_wavelength": _length(525, "Pixels/Channel[1]/@Emission", "nm"),
        "objective.lens_na": _stated(1.4, "Instrument[0]/Objective[0]/@LensNA"),
    }


def _source(dataset: str, number: int) -> ImageSource:
    path = f"HeLa_{number:03}.ome.tif"
    id = source_id(dataset, path)
    facts = _facts(number)
    assert len(facts) == 19
    drug = Recorded(value=f"drug at {number} µM")
    image = Image(id=image_id(id, 0), facts=facts, overrides={"image.description": drug})
    return ImageSource(
        id=id,
        format="OME-TIFF",
        files=(SourceFile(path=path, size=11_000_000 + number, sha256=f"{number:064x}"),),
        images=(image,),
        sidecar=SourceFile(path=f"{path}.companion.ome", sha256=f"{number:064x}"),
    )


def test_a_hundred_images_of_twenty_values_take_less_than_100_kilobytes() -> None:
    sources = tuple(_source("d", number) for number in range(100))
    dataset = Dataset(id="d", created="2026-11-23", study=Study(id="s"), sources=sources)
    data = crate_bytes(dataset, None)
    assert len(data) < 100_000
    entities = json.loads(data)["@graph"]
    assert len(entities) < 3 * len(sources)


def test_a_change_of_one_value_changes_few_lines() -> None:
    sources = tuple(_source("d", number) for number in range(20))
    dataset = Dataset(id="d", created="2026-11-23", study=Study(id="s"), sources=sources)
    image = sources[7].images[0]
    changed = image.model_copy(
        update={"overrides": {**image.overrides, "image.name": Recorded(value="New")}}
    )
    renamed = sources[7].model_copy(update={"images": (changed,)})
    after = dataset.model_copy(update={"sources": (*sources[:7], renamed, *sources[8:])})
    old, new = (crate_bytes(each, None).splitlines() for each in (dataset, after))
    # the image, its origins, the name in the file that it takes over, and that one's origin
    assert len(set(new) - set(old)) <= 4
    assert len(set(old) - set(new)) == 1
