from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from folders import opened, write_image
from napari_fair.headers import image_paths, read_header
from napari_fair.model import (
    Dataset,
    Image,
    ImageSource,
    Origin,
    Quantity,
    Recorded,
    SourceFile,
    Study,
    Trust,
)
from napari_fair.session.calibration import (
    KINDS,
    STEPS,
    Calibration,
    Fault,
    LayerCalibration,
    calibration_faults,
    from_parent,
    offered_by_layer,
    remedies,
    take,
)
from napari_fair.session.edits import put
from napari_fair.session.ingest import add_header

UM = "µm"
X, Y, Z, T = STEPS.values()
Place = tuple[Dataset, ImageSource, Image]


def said(value: float, unit: str = UM, **marks: str) -> Recorded[Quantity]:
    marks = {"origin": "header", "where": "OME-XML", **marks}
    return Recorded[Quantity](value=Quantity(value=value, unit=unit), **marks)


def record(
    x: Recorded[Quantity] | None = None,
    y: Recorded[Quantity] | None = None,
    z: Recorded[Quantity] | None = None,
    t: Recorded[Quantity] | None = None,
    *,
    sizes: str = "XYZ",
    overrides: dict[str, Recorded[Quantity]] | None = None,
    lens: float | None = None,
) -> Place:
    """An image of 64 × 48 pixels, 5 planes and, if asked, 7 time points."""
    lengths = {"X": 64, "Y": 48, "Z": 5, "T": 7}
    facts: dict[str, Recorded] = {
        f"image.size_{a.lower()}": Recorded(value=lengths[a] if a in sizes else 1, origin="header")
        for a in "XYZT"
    }
    given = {X: x, Y: y if y is not None else x, Z: z, T: t}
    facts |= {path: value for path, value in given.items() if value is not None}
    if lens:
        facts["objective.nominal_magnification"] = Recorded(value=lens, origin="header")
    image = Image(id="image", facts=facts, overrides=overrides or {})
    source = ImageSource(id="s", format="TIFF", files=(SourceFile(path="a.tif"),), images=(image,))
    study = Study(id="study")
    return Dataset(id="d", created="2026-01-01", study=study, sources=(source,)), source, image


def layer(
    *scale: float, unit: str = "micrometer", axes: str = "zyx", name: str = "cells"
) -> LayerCalibration:
    labels = tuple(axes[-len(scale) :])
    units = tuple("second" if a == "t" and unit != "pixel" else unit for a in labels)
    return LayerCalibration(name, scale, units, labels)


def kinds(place: Place, *layers: LayerCalibration) -> list[str]:
    return [fault.kind for fault in calibration_faults(*place, layers)]


GOOD = (said(0.1), said(0.1), said(0.3))


def test_a_calibrated_image_and_its_layer_are_without_fault() -> None:
    place = record(*GOOD, said(2, "s"), sizes="XYZT")
    whole = LayerCalibration(
        "a", (2, 0.3, 0.1, 0.1), ("second", *["micrometer"] * 3), tuple("tzyx")
    )
    nanometres = LayerCalibration("b", (300, 100, 100), ("nanometer",) * 3, tuple("zyx"))
    assert kinds(place, whole) == []
    assert kinds(place, nanometres) == []


def test_isotropic_light_sheet_data_whose_file_states_z_is_without_fault() -> None:
    assert kinds(record(said(0.145), None, said(0.145)), layer(0.145, 0.145, 0.145)) == []


def test_what_a_person_typed_is_without_fault_even_where_it_looks_like_a_default() -> None:
    typed = {path: said(1, origin="typed") for path in (X, Y, Z)}
    assert kinds(record(overrides=typed), layer(1, 1, 1)) == []


# ---- the twelve faults, planted -------------------------------------------------------------

PLANTED: dict[str, list[Callable[[], list[str]]]] = {
    "scale of one": [
        lambda: kinds(record(), layer(1, 1, 1, unit="pixel")),
        lambda: kinds(record(), layer(1, 1, 1)),
        lambda: kinds(record(said(1, trust=Trust.GUESSED), sizes="XY")),
        lambda: kinds(record(overrides={X: said(1, origin="layer")})),
    ],
    "Z as XY": [
        lambda: kinds(record(said(0.1)), layer(0.1, 0.1, 0.1)),
        lambda: kinds(record(said(0.1), overrides={Z: said(0.1, origin="layer")})),
        lambda: kinds(record(said(0.1), None, said(0.1, trust=Trust.GUESSED))),
    ],
    "missing unit": [lambda: kinds(record(), layer(2, 0.65, 0.65, unit="pixel"))],
    "impossible unit": [
        lambda: kinds(record(*GOOD), layer(0.3, 0.1, 0.1, unit="second")),
        lambda: kinds(record(*GOOD), layer(0.3, 0.1, 0.1, unit="kelvin")),
        lambda: kinds(record(said(0.1, "odd unit"))),
        lambda: kinds(
            record(*GOOD, sizes="XYZT"),
            LayerCalibration("a", (5, 0.3, 0.1, 0.1), ("micrometer",) * 4, tuple("tzyx")),
        ),
    ],
    "printer resolution": [
        lambda: kinds(record(said(25_400 / 300, where="TIFF tag 282 XResolution"), sizes="XY")),
        lambda: kinds(record(said(352.858, where="TIFF tag 282 XResolution"), sizes="XY")),
        lambda: kinds(record(sizes="XY"), layer(264.583, 264.583)),
        lambda: kinds(record(sizes="XY"), layer(0.352778, 0.352778, unit="millimeter")),
    ],
    "lost scale": [
        lambda: kinds(record(*GOOD), layer(1, 1, 1, unit="pixel")),
        lambda: kinds(record(*GOOD), layer(1, 1, 1)),
    ],
    "layer disagrees": [
        lambda: kinds(record(*GOOD), layer(0.3, 0.11, 0.11)),
        lambda: kinds(record(*GOOD), layer(0.1, 0.1, 0.1)),
    ],
    "default time step": [
        lambda: kinds(record(*GOOD, sizes="XYT"), layer(1, 0.1, 0.1, axes="tyx")),
        lambda: kinds(record(*GOOD, said(5, "s"), sizes="XYT"), layer(1, 0.1, 0.1, axes="tyx")),
        lambda: kinds(record(*GOOD, sizes="XYT", overrides={T: said(0, "s", origin="typed")})),
        lambda: kinds(record(*GOOD, said(1, "s", trust=Trust.GUESSED), sizes="XYT")),
    ],
    "units differ": [
        lambda: kinds(
            record(*GOOD), layer(0.3, 0.1, 0.1), layer(300, 100, 100, unit="nanometer", name="b")
        ),
    ],
    "X unlike Y": [
        lambda: kinds(record(said(0.1), said(1))),
        lambda: kinds(record(said(0.1), said(0.2))),
    ],
    "absurd size": [
        lambda: kinds(record(said(100), lens=60)),
        lambda: kinds(record(said(0.0001), lens=60)),
        lambda: kinds(record(said(6500))),
        lambda: kinds(record(said(0.1), overrides={X: said(100, origin="typed")})),
        lambda: kinds(record(*GOOD), layer(0.3, 0.1, 0.1, unit="millimeter")),
        lambda: kinds(record(*GOOD), layer(0.3, 0.1, 0.1, unit="nanometer")),
    ],
    "pixel for unit": [
        lambda: kinds(record(*GOOD), layer(0.3, 0.1, 0.1, unit="pixel")),
        lambda: kinds(record(said(0.1, "pixel"))),
    ],
}


def test_there_are_twelve_kinds_and_each_is_planted() -> None:
    assert len(KINDS) == 12
    assert set(PLANTED) == set(KINDS)


@pytest.mark.parametrize(
    ("kind", "number"), [(kind, n) for kind, cases in PLANTED.items() for n in range(len(cases))]
)
def test_a_planted_fault_is_found_and_nothing_else(kind: str, number: int) -> None:
    found = set(PLANTED[kind][number]())
    assert kind in found
    # where X alone was planted, it differs from Y as well
    assert found <= {kind, "X unlike Y"}


def test_the_kinds_are_explained_to_users() -> None:
    page = Path(__file__).parents[2] / "docs" / "users" / "calibration.md"
    text = page.read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f"**{kind}**" not in text] == []


# ---- what a fault says ----------------------------------------------------------------------


def test_a_fault_says_what_is_wrong_where_and_what_to_do() -> None:
    (fault,) = calibration_faults(*record(said(0.1), sizes="XY"), [layer(1, 1, unit="pixel")])
    assert (
        fault.sentence
        == "Layer 'cells', X and Y: 1 pixel in the layer, but the record says 0.1 µm."
    )
    assert (
        fault.remedy == "Take 0.1 µm from the header, or enter what you know, or set it to unknown."
    )
    assert (fault.field, fault.fields, fault.layer) == (X, (X, Y), "cells")
    assert fault.from_header == Quantity(value=0.1, unit=UM)
    assert fault.from_layer == Quantity(value=1, unit="pixel")
    assert fault.subject == "image"


def test_every_fault_says_what_to_do() -> None:
    broken = record(said(0.1), said(1), sizes="XYZT")
    found = calibration_faults(*broken, [layer(1, 1, 1, 1, unit="pixel", axes="tzyx")])
    assert len(found) > 3
    assert all(fault.remedy.endswith(".") and fault.sentence.endswith(".") for fault in found)
    assert not any("{" in fault.sentence for fault in found)


def test_axes_without_labels_are_told_apart_by_their_length() -> None:
    place = record(*GOOD, said(2, "s"), sizes="XYZT")
    labels, units = ("-4", "-3", "-2", "-1"), ("pixel",) * 4
    whole = LayerCalibration("a", (1, 1, 1, 1), units, labels, (7, 5, 48, 64))
    assert whole.letters(Calibration(*place)) == ("T", "Z", "Y", "X")
    unknown = LayerCalibration("a", (1, 1, 1), units[1:], labels[1:], (9, 48, 64))
    assert unknown.letters(Calibration(*place)) == ("", "Y", "X")


def test_a_layer_of_napari_is_read_without_napari() -> None:
    units = ("micrometer", "micrometer")
    shown = SimpleNamespace(name="a", ndim=2, scale=np.array([0.1, 0.2]), units=units)
    shown.axis_labels, shown.data = ("y", "x"), np.zeros((4, 5, 3))
    assert LayerCalibration.of(shown) == LayerCalibration(
        "a", (0.1, 0.2), units, ("y", "x"), (4, 5)
    )


# ---- remedies -------------------------------------------------------------------------------


def test_taking_it_from_the_header_mends_every_layer() -> None:
    place = record(*GOOD)
    layers = [layer(1, 1, 1, unit="pixel"), layer(0.3, 0.1, 0.1, name="fine")]
    (fault, *_) = calibration_faults(*place, layers)
    remedy = remedies(*place, fault, layers)[0]
    assert remedy.label == "Take it from the header"
    assert [change.layer for change in remedy.layers] == ["cells"]
    mended = mend(layers, place)
    assert calibration_faults(*place, mended) == ()
    assert mended[0].scale == (0.3, 0.1, 0.1)
    assert mended[0].units == ("micrometer",) * 3


def mend(layers: list[LayerCalibration], place: Place) -> list[LayerCalibration]:
    """Take the first remedy of fault after fault."""
    for _ in range(9):
        faults = calibration_faults(*place, layers)
        if not faults:
            break
        changes = {c.layer: c for c in remedies(*place, faults[0], layers)[0].layers}
        layers = [
            LayerCalibration(
                each.name, changes[each.name].scale, changes[each.name].units, each.axis_labels
            )
            if each.name in changes
            else each
            for each in layers
        ]
    return layers


def test_a_guess_of_the_header_is_not_offered_as_a_remedy() -> None:
    place = record(said(25_400 / 300, where="TIFF tag 282 XResolution", trust=Trust.GUESSED))
    layers = [layer(1, 1, 1, unit="pixel")]
    faults = calibration_faults(*place, layers)
    assert {fault.kind for fault in faults} == {"printer resolution", "scale of one"}
    assert [remedies(*place, fault, layers) for fault in faults] == [()] * len(faults)


def test_a_persons_value_can_be_taken_instead_of_the_headers() -> None:
    place = record(*GOOD, overrides={X: said(0.2, origin="typed"), Y: said(0.2, origin="typed")})
    layers = [layer(0.3, 0.1, 0.1)]
    (fault,) = calibration_faults(*place, layers)
    assert fault.kind == "layer disagrees"
    header, kept, from_layer = remedies(*place, fault, layers)
    assert header.values == ((X, ""), (Y, ""))
    assert header.layers == ()
    assert kept.label == "Take it from the record"
    assert kept.layers[0].scale == (0.3, 0.2, 0.2)
    assert from_layer.values == ((X, f"0.1 {UM}"), (Y, f"0.1 {UM}"))
    assert from_layer.origin == Origin.LAYER


def test_a_remedy_is_one_edit_of_the_session(folder: Path) -> None:
    session, (source,) = opened(folder, write_image(folder / "a.ome.tif"))
    id = source.images[0].id
    session.set(X, "100 µm", image=id)
    session.set(Y, "100 µm", image=id)

    def faults() -> tuple[Fault, ...]:
        found = session.dataset.image(id)
        assert found is not None
        return calibration_faults(session.dataset, *found)

    (fault,) = faults()
    assert (fault.kind, fault.fields) == ("absurd size", (X, Y))
    found = session.dataset.image(id)
    assert found is not None
    assert take(session, id, remedies(session.dataset, *found, fault)[0]) == []
    assert faults() == ()
    assert session.view(X, id).origin == "header"
    assert session.undo()
    assert session.view(X, id).text == "100 µm"
    assert session.view(Y, id).text == "100 µm"


def test_a_derived_layer_gets_back_what_its_parent_has() -> None:
    place = record(*GOOD)
    lost = layer(1, 1, unit="pixel", axes="yx", name="max projection")
    change = from_parent(lost, layer(0.3, 0.1, 0.1), Calibration(*place))
    assert change is not None
    assert (change.scale, change.units) == ((0.1, 0.1), ("micrometer",) * 2)
    assert from_parent(layer(0.3, 0.1, 0.1), layer(0.3, 0.1, 0.1), Calibration(*place)) is None


def test_what_only_a_layer_knows_is_offered_to_the_record() -> None:
    place = record(said(0.1))
    offer = offered_by_layer(*place, layer(0.4, 0.1, 0.1))
    assert offer is not None
    assert (offer.values, offer.origin) == (((Z, f"0.4 {UM}"),), Origin.LAYER)
    assert offered_by_layer(*place, layer(0.1, 0.1, 0.1)) is None
    assert offered_by_layer(*record(), layer(1, 1, 1, unit="pixel")) is None


def test_a_reopened_layer_has_what_is_in_force() -> None:
    place = record(*GOOD, said(500, "ms"), overrides={Z: said(0.25, origin="typed")})
    known = Calibration(*place)
    assert known.axis("Z") == (0.25, "micrometer")
    assert known.axis("X") == (0.1, "micrometer")
    assert known.axis("T") == (500, "millisecond")
    assert known.axis("C") == (1.0, "pixel")
    assert known.channel_name(1) == "channel 2"
    assert [known.colormap(index, 2) for index in (0, 1)] == ["magenta", "green"]


def test_a_value_of_the_whole_folder_counts_like_one_of_the_image() -> None:
    dataset, source, image = record(sizes="XY")
    for path in (X, Y):
        dataset = put(dataset, path, None, said(0.2, origin="typed"))
    assert kinds((dataset, source, image), layer(0.2, 0.2)) == []
    assert kinds((dataset, source, image), layer(1, 1, unit="pixel")) == ["lost scale"]


# ---- real files -----------------------------------------------------------------------------

DELIBERATE = {
    "boxes.tiff": "72 dpi is a screen",
    "unopenable.tiff": "28.34 dots per cm are 72 dpi",
}


def real_images() -> Iterator[tuple[Path, Place]]:
    folder = Path(os.environ["NAPARI_FAIR_TESTDATA"])
    for path in image_paths(folder, recursive=True):
        empty = Dataset(id="d", created="2026-01-01", study=Study(id="study"))
        dataset, source = add_header(empty, folder, read_header(path))
        yield from ((path, (dataset, source, image)) for image in source.images[:20])


@pytest.mark.skipif("NAPARI_FAIR_TESTDATA" not in os.environ, reason="no real files")
def test_good_real_files_raise_no_alarm() -> None:
    alarms, good, bad = [], 0, 0
    for path, place in real_images():
        known = Calibration(*place)
        if known.header("X") is None or known.header("Y") is None:
            continue
        axes = [a for a in "TZYX" if a in "YX" or ((known.size(a) or 1) > 1 and known.header(a))]
        scale, units = zip(*(known.axis(letter) for letter in axes), strict=True)
        faults = calibration_faults(*place, [LayerCalibration("a", scale, units, tuple(axes))])
        if path.name in DELIBERATE or is_guess(known) or is_contradictory(known):
            bad += 1
            assert faults, path
        else:
            good += 1
            alarms += [(path.name, fault.sentence) for fault in faults]
    print(f"\n{good} calibrated images without alarm, {bad} doubtful ones with one")
    assert alarms == []
    assert good > 50


def is_guess(known: Calibration) -> bool:
    """NDTiff's resolution of exactly 1 µm, which its writer puts where nobody calibrated."""
    return known.image.facts[X].trust is Trust.GUESSED


def is_contradictory(known: Calibration) -> bool:
    """Samples of the OME schema have pixels of a centimetre under a lens of 20 times and more."""
    lens = "objective.nominal_magnification" in known.image.facts
    return lens and known.header("X") == Quantity(value=10_000, unit=UM)
