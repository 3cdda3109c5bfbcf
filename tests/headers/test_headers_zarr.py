from __future__ import annotations

import pytest

from napari_fair.headers import read_header

MICROMETRE = "micrometer"


def axis(name: str, unit: str | None = None) -> dict:
    kind = {"t": "time", "c": "channel"}.get(name, "space")
    return {"name": name, "type": kind} | ({"unit": unit} if unit else {})


def multiscale(axes: list, scale: list, **more) -> dict:
    transforms = [{"type": "scale", "scale": scale}]
    dataset = {"path": "0", "coordinateTransformations": transforms}
    return {"axes": axes, "datasets": [dataset], **more}


AXES = [
    axis("t", "second"),
    axis("c"),
    axis("z", MICROMETRE),
    axis("y", MICROMETRE),
    axis("x", "nanometer"),
]
IMAGE = multiscale(AXES, [2.0, 1.0, 0.5, 0.25, 250.0], name="cells")
OMERO = {"channels": [{"label": "DAPI", "color": "0000FF"}, {"label": 7}]}
SHAPE = [3, 2, 5, 6, 8]


def version_4(image: dict = IMAGE, shape: list = SHAPE, dtype: str = "<u2") -> dict:
    return {
        ".zgroup": {"zarr_format": 2},
        ".zattrs": {"multiscales": [image], "omero": OMERO},
        "0/.zarray": {"shape": shape, "dtype": dtype},
    }


def version_5(ome: dict, shape: list = SHAPE, name: str = "0") -> dict:
    return {
        "zarr.json": {"zarr_format": 3, "node_type": "group", "attributes": {"ome": ome}},
        f"{name}/zarr.json": {"shape": shape, "data_type": "uint16", "node_type": "array"},
    }


@pytest.mark.parametrize(
    "files", [version_4(), version_5({"version": "0.5", "multiscales": [IMAGE], "omero": OMERO})]
)
def test_sizes_scale_and_channels_are_read(store, sizes, value, files):
    path = store(files)
    header = read_header(path)
    assert header.store
    assert header.files == (str(path),)
    assert sizes(header) == [(8, 6, 5, 2, 3)]
    assert [value(header, f"image.physical_size_{a}") for a in "xyz"] == [0.25, 0.25, 0.5]
    assert value(header, "image.time_increment") == 2
    assert value(header, "image.dtype") == "uint16"
    assert value(header, "image.name") == "cells"
    assert [value(header, f"channel.{i}.name") for i in (0, 1)] == ["DAPI", "7"]
    assert value(header, "channel.0.color") == "#0000ff"
    assert header.warnings == ()


def test_the_place_of_a_fact_is_a_json_pointer(store):
    header = read_header(store(version_5({"multiscales": [IMAGE]})))
    fact = header.images[0].facts["image.physical_size_x"]
    assert fact.where == "zarr.json: /attributes/ome/multiscales/0/axes/4"
    assert fact.original == "250.0 nanometer"


@pytest.mark.parametrize("unit", [None, "unit", "pixel"])
def test_a_scale_without_a_unit_is_unknown(store, value, unit):
    image = multiscale([axis("y", unit), axis("x", unit)], [0.3, 0.3])
    header = read_header(store(version_4(image, [6, 8])))
    assert value(header, "image.physical_size_x") is None
    assert "0.3" in header.warnings[0]


def test_a_scale_of_one_without_a_unit_is_nobodys_fault(store, value):
    image = multiscale([axis("y"), axis("x")], [1.0, 1.0])
    header = read_header(store(version_4(image, [6, 8])))
    assert value(header, "image.physical_size_x") is None
    assert header.warnings == ()


def test_scales_of_dataset_and_multiscale_multiply(store, value):
    image = multiscale([axis("y", MICROMETRE), axis("x", MICROMETRE)], [2.0, 3.0])
    image["coordinateTransformations"] = [{"type": "scale", "scale": [0.5, 0.5]}]
    header = read_header(store(version_4(image, [6, 8])))
    assert value(header, "image.physical_size_x") == 1.5


def systems(*transforms: dict) -> dict:
    axes = [axis("y", MICROMETRE), axis("x", MICROMETRE)]
    return {
        "coordinateSystems": [
            {"name": "other", "axes": [axis("x")]},
            {"name": "physical", "axes": axes},
        ],
        "datasets": [{"path": "0", "coordinateTransformations": list(transforms)}],
    }


def test_coordinate_systems_of_0_6_are_read(store, sizes, value):
    scale = {"type": "scale", "scale": [4, 3]}
    sequence = {
        "type": "sequence",
        "output": {"name": "physical"},
        "transformations": [scale, {"type": "translation", "translation": [1, 1]}],
    }
    ome = {"version": "0.6.dev4", "multiscales": [systems(sequence)]}
    header = read_header(store(version_5(ome, [6, 8])))
    assert sizes(header) == [(8, 6, 1, 1, 1)]
    assert value(header, "image.physical_size_x") == 3


def test_a_rotation_leaves_the_pixel_size_unknown(store, sizes, value):
    rotation = {"type": "rotation", "output": "physical", "rotation": [[0, 1], [1, 0]]}
    header = read_header(store(version_5({"multiscales": [systems(rotation)]}, [6, 8])))
    assert sizes(header) == [(8, 6, 1, 1, 1)]
    assert value(header, "image.physical_size_x") is None
    assert "no mere scale" in header.warnings[0]


def test_transformations_nested_without_end_are_given_up(store, value):
    nested: dict = {"type": "scale", "scale": [1, 1]}
    for _ in range(60):
        nested = {"type": "sequence", "transformations": [nested]}
    nested["output"] = "physical"
    header = read_header(store(version_5({"multiscales": [systems(nested)]}, [6, 8])))
    assert value(header, "image.physical_size_x") is None


XML = '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">{}</OME>'
PIXELS = (
    '<Image ID="Image:{n}" Name="series {n}"><Pixels ID="Pixels:{n}" DimensionOrder="XYZCT"'
    ' Type="uint16" SizeX="{x}" SizeY="6" SizeZ="1" SizeC="1" SizeT="1" PhysicalSizeX="0.2"'
    ' PhysicalSizeXUnit="µm"><MetadataOnly/></Pixels></Image>'
)


def series(*widths: int) -> dict:
    files: dict = {".zattrs": {"bioformats2raw.layout": 3}, ".zgroup": {"zarr_format": 2}}
    for n, _ in enumerate(widths):
        image = multiscale([axis("y"), axis("x")], [1.0, 1.0])
        files[f"{n}/.zattrs"] = {"multiscales": [image]}
        files[f"{n}/0/.zarray"] = {"shape": [6, 8], "dtype": "|u1"}
    xml = "".join(PIXELS.format(n=n, x=x) for n, x in enumerate(widths))
    files["OME/METADATA.ome.xml"] = XML.format(xml)
    return files


def test_series_of_bioformats2raw_join_arrays_and_ome_xml(store, sizes, value):
    path = store(series(8, 8))
    header = read_header(path)
    assert sizes(header) == [(8, 6, 1, 1, 1)] * 2
    assert [value(header, "image.name", n) for n in (0, 1)] == ["series 0", "series 1"]
    assert value(header, "image.physical_size_x") == 0.2
    assert header.ome_xml == (path / "OME/METADATA.ome.xml").read_bytes()


def test_sizes_of_the_arrays_win_over_the_ome_xml(store, sizes):
    header = read_header(store(series(80)))
    assert sizes(header) == [(8, 6, 1, 1, 1)]
    assert any("80" in warning for warning in header.warnings)


def test_the_fields_of_a_plate_are_images(store, sizes, value):
    image = multiscale([axis("y"), axis("x")], [1.0, 1.0])
    files: dict = {
        ".zattrs": {"plate": {"wells": [{"path": "A/1"}, {"path": "B/2"}]}},
        ".zgroup": {},
    }
    for well in ("A/1", "B/2"):
        files[f"{well}/.zattrs"] = {"well": {"images": [{"path": "0"}]}}
        files[f"{well}/0/.zattrs"] = {"multiscales": [image]}
        files[f"{well}/0/0/.zarray"] = {"shape": [6, 8], "dtype": "|u1"}
    header = read_header(store(files))
    assert sizes(header) == [(8, 6, 1, 1, 1)] * 2
    assert [value(header, "image.name", n) for n in (0, 1)] == ["A/1/0", "B/2/0"]


def test_labels_are_named_but_are_no_images(store):
    files = version_4() | {"labels/.zattrs": {"labels": ["nuclei"]}}
    header = read_header(store(files))
    assert len(header.images) == 1
    assert "nuclei" in header.warnings[0]


def test_arrays_outside_the_store_are_not_read(store, value):
    image = multiscale([axis("y"), axis("x")], [1.0, 1.0])
    image["datasets"][0]["path"] = "../other/0"
    header = read_header(store(version_4(image) | {"../other/0/.zarray": {"shape": [9, 9]}}))
    assert value(header, "image.size_x") is None
    assert "outside" in header.warnings[0]


@pytest.mark.parametrize(
    "attributes",
    [
        "not json",
        "[]",
        '{"multiscales": 3}',
        '{"multiscales": [{"axes": [{}], "datasets": [1]}]}',
        '{"multiscales": [null]}',
        '{"plate": {"wells": [{"path": 3}, null]}}',
        '{"multiscales": [{"datasets": [{"path": "0"}]}], "omero": {"channels": [null, {}]}}',
    ],
)
def test_odd_attributes_never_stop_the_reader(store, attributes):
    header = read_header(store(version_4() | {".zattrs": attributes}))
    assert not any("does not expect" in warning for warning in header.warnings)


def test_an_array_that_is_listed_but_missing_is_damage(store):
    files = version_4()
    del files["0/.zarray"]
    assert read_header(store(files)).damaged


def test_a_folder_that_is_no_store_says_so(tmp_path):
    header = read_header(tmp_path)
    assert (header.format, header.images) == ("", ())
    assert "no OME-Zarr store" in header.warnings[0]


def test_a_store_is_read_through_a_linked_folder_and_by_a_relative_path(
    store, tmp_path, monkeypatch
):
    path = store(series(8))
    plain = read_header(path)
    link = tmp_path / "link"
    link.symlink_to(path.parent, target_is_directory=True)
    monkeypatch.chdir(path.parent)
    for other in (link / path.name, path.name):
        header = read_header(other)
        assert header.warnings == plain.warnings
        assert [image.facts for image in header.images] == [image.facts for image in plain.images]


def test_the_type_of_an_axis_says_what_an_odd_name_means(store, sizes, value):
    axes = [
        {"name": "frame", "type": "time", "unit": "millisecond"},
        {"name": "ch", "type": "channel"},
        axis("y"),
        axis("x"),
    ]
    image = multiscale(axes, [500, 1, 1, 1])
    header = read_header(store(version_4(image, [3, 2, 6, 8])))
    assert sizes(header) == [(8, 6, 1, 2, 3)]
    assert value(header, "image.time_increment") == 0.5


def test_a_scale_that_all_levels_share_is_enough(store, value):
    image = {
        "axes": [axis("y", MICROMETRE), axis("x", MICROMETRE)],
        "datasets": [{"path": "0"}],
        "coordinateTransformations": [{"type": "scale", "scale": [0.5, 0.25]}],
    }
    header = read_header(store(version_4(image, [6, 8])))
    assert [value(header, f"image.physical_size_{a}") for a in "yx"] == [0.5, 0.25]


def test_one_well_of_a_plate_is_read_by_itself(store, sizes, value):
    files = {".zattrs": {"well": {"images": [{"path": "0"}, {"path": "1"}]}}}
    for field in "01":
        files |= {f"{field}/{name}": held for name, held in version_4().items()}
    header = read_header(store(files))
    assert sizes(header) == [(8, 6, 5, 2, 3)] * 2
    assert value(header, "image.name", 1) == "1"


def test_collected_metadata_stand_in_for_files_that_are_not_there(store, sizes, value):
    held = {"zarr_consolidated_format": 1, "metadata": version_4()}
    header = read_header(store({".zmetadata": held}))
    assert sizes(header) == [(8, 6, 5, 2, 3)]
    assert value(header, "image.physical_size_z") == 0.5
    assert value(header, "channel.0.name") == "DAPI"
    assert not header.damaged


@pytest.mark.parametrize("held", ["[]", "{", {"metadata": []}, {"metadata": {".zattrs": 3}}])
def test_collected_metadata_that_are_damaged_never_stop_the_reader(store, held):
    header = read_header(store({".zmetadata": held}))
    assert not any("does not expect" in warning for warning in header.warnings)
