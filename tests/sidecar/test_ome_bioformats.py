"""The companion as Bio-Formats sees it: set BIOFORMATS_JAR to bioformats_package.jar to run."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from napari_fair.model import (
    BioSample,
    Dataset,
    Image,
    ImageSource,
    Origin,
    Quantity,
    Recorded,
    SourceFile,
    Study,
    Term,
    Uses,
)
from napari_fair.sidecar.ome import project, sidecar_name

JAR = os.environ.get("BIOFORMATS_JAR", "")
pytestmark = pytest.mark.skipif(
    not (JAR and shutil.which("java")), reason="BIOFORMATS_JAR is not set or java is missing"
)

STACK = {"z": 4, "c": 2, "t": 3}
DATASET = Dataset(
    id="d",
    created="2026-11-20",
    study=Study(id="s", title=Recorded(value="Spindles \u00b5")),
    biosamples=(BioSample(id="b", organism=Recorded(value=(Term(label="Homo sapiens"),))),),
    uses=Uses(biosample="b"),
)


def pixels(*shape: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(0).integers(0, 250, shape).astype(np.uint8)


def plain(path: Path) -> np.ndarray[Any, Any]:
    data = pixels(4, 16, 20)
    tifffile.imwrite(path, data, photometric="minisblack", metadata=None)
    return data


def hyperstack(path: Path) -> np.ndarray[Any, Any]:
    data = pixels(3, 4, 2, 16, 20)
    tifffile.imwrite(path, data, imagej=True, metadata={"axes": "TZCYX"})
    return data


def ome_tiff(path: Path) -> np.ndarray[Any, Any]:
    data = pixels(3, 4, 2, 16, 20)
    options: dict[str, Any] = {"photometric": "minisblack", "metadata": {"axes": "TZCYX"}}
    tifffile.imwrite(path, data, ome=True, **options)
    return data


def colour(path: Path) -> np.ndarray[Any, Any]:
    data = pixels(16, 20, 3)
    tifffile.imwrite(path, data, photometric="rgb", metadata=None)
    return np.moveaxis(data, -1, 0)


CASES = [
    ("plain.tif", plain, "TIFF", {"z": 4}),
    ("a b (1).tif", hyperstack, "ImageJ TIFF", STACK),
    ("100% #2.tif", hyperstack, "ImageJ TIFF", STACK),
    ("\u00e4\u00b5.ome.tif", ome_tiff, "OME-TIFF", STACK),
    ("rgb.tif", colour, "TIFF", {"c": 3, "samples": 3}),
]


def source_of(path: Path, format: str, sizes: dict[str, int]) -> ImageSource:
    known: dict[str, Any] = {"image.size_x": 20, "image.size_y": 16}
    known |= {f"image.size_{axis}": sizes.get(axis, 1) for axis in "zct"}
    known |= {"image.dtype": "uint8", "image.dimension_order": "XYCZT"}
    if "samples" in sizes:
        known["channel.0.samples_per_pixel"] = sizes["samples"]
    facts = {name: Recorded(value=value, origin=Origin.HEADER) for name, value in known.items()}
    size = Recorded(value=Quantity(value=0.25, unit="\u00b5m"))
    image = Image(id="i", facts=facts, overrides={"image.physical_size_x": size})
    file = SourceFile(path=path.name, size=path.stat().st_size)
    return ImageSource(id="s", format=format, files=(file,), images=(image,))


def bioformats(tool: str, *arguments: str | Path) -> str:
    command = ["java", "-cp", JAR, f"loci.formats.tools.{tool}", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    return done.stdout.decode("utf-8", "replace")


@pytest.mark.parametrize(("name", "write", "format", "sizes"), CASES)
def test_bio_formats_opens_the_companion_with_the_pixels_of_the_unchanged_file(
    tmp_path: Path, name: str, write: Any, format: str, sizes: dict[str, int]
) -> None:
    path = tmp_path / name
    data = write(path)
    before = path.read_bytes()
    with tifffile.TiffFile(path) as tiff:
        own = tiff.ome_metadata.encode() if tiff.ome_metadata else None
    source = source_of(path, format, sizes)
    companion = sidecar_name(source, exists=lambda _: False)
    sidecar = project(DATASET, source, ome_xml=own, sidecar_path=companion)
    assert sidecar is not None
    assert sidecar.path == companion
    (tmp_path / companion).write_bytes(sidecar.data)
    out = tmp_path / "out.ome.tif"
    bioformats("ImageConverter", "-no-upgrade", "-overwrite", tmp_path / companion, out)
    assert np.array_equal(tifffile.imread(out).reshape(data.shape), data)
    comment = bioformats("TiffComment", out)
    assert 'K="Organism">Homo sapiens<' in comment
    assert 'PhysicalSizeX="0.25"' in comment
    assert path.read_bytes() == before
