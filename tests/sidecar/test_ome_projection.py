from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from napari_fair.model import (
    AcquisitionProtocol,
    BioSample,
    Dataset,
    Image,
    ImageSource,
    Instrument,
    KeyValue,
    Organization,
    Origin,
    Person,
    Quantity,
    Recorded,
    SourceFile,
    Specimen,
    State,
    Study,
    Term,
    Trust,
    Uses,
)
from napari_fair.sidecar.ome import (
    OmeSidecar,
    is_ours,
    project,
    read_sidecar,
    schema_errors,
    sidecar_name,
    why_not,
)
from napari_fair.sidecar.ome_names import REMBI

NS = {"o": "http://www.openmicroscopy.org/Schemas/OME/2016-06"}
UM = "\u00b5m"
SIZES = {
    "image.size_x": 10,
    "image.size_y": 11,
    "image.size_z": 2,
    "image.size_c": 3,
    "image.size_t": 1,
    "image.dtype": "uint16",
    "image.dimension_order": "XYCZT",
}


def said(value: Any, **more: Any) -> Recorded[Any]:
    return Recorded(value=value, **more)


def read(facts: Mapping[str, Any]) -> dict[str, Recorded[Any]]:
    return {path: said(value, origin=Origin.HEADER) for path, value in facts.items()}


def micrometres(value: float) -> Quantity:
    return Quantity(value=value, unit=UM)


def a_source(
    facts: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
    *,
    format: str = "TIFF",
    files: tuple[str, ...] = ("cells.tif",),
    size: int = 1234,
) -> ImageSource:
    decided = {k: v if isinstance(v, Recorded) else said(v) for k, v in (overrides or {}).items()}
    facts = read(SIZES if facts is None else facts)
    listed = tuple(SourceFile(path=path, size=size, sha256="ab" * 32) for path in files)
    return ImageSource(
        id="5d1c",
        format=format,
        files=listed,
        images=(Image(id="i", facts=facts, overrides=decided),),
    )


def a_dataset(title: str = "Spindles") -> Dataset:
    organism = (Term(label="Homo sapiens", iri="http://purl.obolibrary.org/obo/NCBITaxon_9606"),)
    publisher = said(
        Organization(name="Brown University", ror="https://ror.org/05gq02987"),
        origin=Origin.INFERRED,
        trust=Trust.GUESSED,
    )
    return Dataset(
        id="d",
        created="2026-11-20",
        study=Study(
            id="s",
            title=said(title),
            authors=said(("p",)),
            keywords=said(("mitosis", "spindle")),
            publisher=publisher,
        ),
        people=(Person(id="p", name="Josiah Carberry", orcid="0000-0002-1825-0097"),),
        biosamples=(
            BioSample(
                id="b",
                organism=said((*organism, Term(label="a mouse"))),
                biological_entity=Recorded(state=State.UNKNOWN),
            ),
        ),
        specimens=(Specimen(id="sp", preparation=Recorded(state=State.NOT_APPLICABLE)),),
        acquisitions=(AcquisitionProtocol(id="a", instrument=said("n")),),
        instruments=(Instrument(id="n", label="Ti2 room 4", manufacturer=said("Nikon")),),
        uses=Uses(biosample="b", specimen="sp", acquisition="a"),
    )


def projected(
    source: ImageSource, ome_xml: bytes | None = None, dataset: Dataset | None = None
) -> OmeSidecar:
    path = sidecar_name(source, exists=lambda _: False)
    sidecar = project(dataset or a_dataset(), source, ome_xml=ome_xml, sidecar_path=path)
    assert sidecar is not None
    assert schema_errors(sidecar.data) == []
    assert is_ours(sidecar.data)
    return sidecar


def tree(sidecar: OmeSidecar) -> etree._Element:
    return etree.fromstring(sidecar.data)


def one(sidecar: OmeSidecar, path: str) -> Any:
    (found,) = tree(sidecar).xpath(path, namespaces=NS)
    return found


def kept(sidecar: OmeSidecar) -> dict[str, str]:
    pairs = tree(sidecar).xpath(
        "//o:MapAnnotation[contains(@Namespace, '/original')]/o:Value/o:M", namespaces=NS
    )
    return {pair.get("K"): pair.text for pair in pairs}


def document(image: str = "", more: str = "", pixels: str = "", **attributes: str) -> bytes:
    said = {
        "ID": "Pixels:0",
        "DimensionOrder": "XYZCT",
        "Type": "uint16",
        **{f"Size{axis}": "2" for axis in "XYZCT"},
        **attributes,
    }
    text = " ".join(f'{name}="{value}"' for name, value in said.items() if value != "-")
    return (
        f'<OME xmlns="{NS["o"]}">{more}<Image ID="Image:0">{image}<Pixels {text}>'
        f"{pixels or '<TiffData/>'}</Pixels></Image></OME>"
    ).encode()


OWN = {"facts": {}, "format": "OME-TIFF", "files": ("cells.ome.tif",)}


# --- written from the record


def test_a_new_companion_points_at_all_pages_of_the_unchanged_file() -> None:
    sidecar = projected(a_source(files=("day 1/cells #1.tif",)))
    block = one(sidecar, "//o:TiffData")
    assert (block.get("IFD"), block.get("PlaneCount")) == ("0", "6")
    assert one(sidecar, "//o:UUID/@FileName") == "cells #1.tif"
    assert one(sidecar, "//o:Pixels/@DimensionOrder") == "XYCZT"


def test_a_colour_image_has_one_channel_of_three_samples() -> None:
    facts = {**SIZES, "image.size_z": 1, "channel.0.samples_per_pixel": 3}
    sidecar = projected(a_source(facts))
    assert one(sidecar, "//o:Channel/@SamplesPerPixel") == "3"
    assert one(sidecar, "//o:TiffData/@PlaneCount") == "1"


def test_formats_that_are_no_tiff_are_described_without_pixels() -> None:
    sidecar = projected(a_source(format="CZI", files=("cells.czi",)))
    assert sidecar.path == "cells.czi.omexml"
    one(sidecar, "//o:MetadataOnly")


def test_what_the_file_says_stands_at_its_place_in_ome() -> None:
    facts = {
        **SIZES,
        "image.physical_size_x": micrometres(0.108),
        "image.acquisition_date": "2026-11-20T14:03:00",
        "channel.1.name": "GFP",
        "channel.1.emission_wavelength": Quantity(value=525, unit="nm"),
        "channel.0.color": "#ff0000",
        "objective.lens_na": 1.4,
        "objective.immersion": "oil",
        "microscope.manufacturer": "Zeiss",
        "detector.0.model": "Prime 95B",
        "light_source.0.type": "laser",
        "light_source.0.wavelength": Quantity(value=488, unit="nm"),
    }
    sidecar = projected(a_source(facts))
    assert one(sidecar, "//o:Pixels/@PhysicalSizeX") == "0.108"
    assert one(sidecar, "//o:AcquisitionDate").text == "2026-11-20T14:03:00"
    assert one(sidecar, "//o:Channel[2]/@EmissionWavelength") == "525"
    assert one(sidecar, "//o:Channel[1]/@Color") == "-16776961"
    assert one(sidecar, "//o:Objective/@Immersion") == "Oil"
    assert one(sidecar, "//o:ObjectiveSettings/@ID") == one(sidecar, "//o:Objective/@ID")
    assert one(sidecar, "//o:Microscope/@Manufacturer") == "Zeiss"
    assert one(sidecar, "//o:Detector/@Model") == "Prime 95B"
    assert one(sidecar, "//o:Laser/@Wavelength") == "488"


def test_a_word_that_ome_does_not_know_becomes_other_and_is_kept() -> None:
    facts = {**SIZES, "channel.0.acquisition_mode": "LatticeLightsheet"}
    sidecar = projected(a_source(facts))
    assert one(sidecar, "//o:Channel[1]/@AcquisitionMode") == "Other"
    value = read_sidecar(sidecar.data).images[0].values["channel.0.acquisition_mode"]
    assert value.value == "LatticeLightsheet"


def test_a_day_without_a_time_gets_no_invented_midnight() -> None:
    sidecar = projected(a_source({**SIZES, "image.acquisition_date": "2026-11-20"}))
    assert tree(sidecar).xpath("//o:AcquisitionDate", namespaces=NS) == []
    value = read_sidecar(sidecar.data).images[0].values["image.acquisition_date"]
    assert value.value == "2026-11-20"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"image.size_x": None}, "SizeX of image 1, which is not known"),
        ({"image.dtype": None}, "the pixel type of image 1, which is not known"),
        ({"image.dtype": "int64"}, "no name for its pixel type int64"),
        ({"image.size_t": 0}, "not what OME-XML allows"),
    ],
)
def test_without_sizes_there_is_no_sidecar_and_it_says_why(
    change: dict[str, Any], reason: str
) -> None:
    facts = {path: value for path, value in {**SIZES, **change}.items() if value is not None}
    source = a_source(facts)
    asked = {"ome_xml": None, "sidecar_path": "cells.tif.companion.ome"}
    assert project(a_dataset(), source, **asked) is None
    assert reason in why_not(a_dataset(), source, **asked)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (a_source(format="ImageJ TIFF", size=5 << 30), "ImageJ keeps stacks of this size"),
        (a_source(files=("a.tif", "b.tif")), "spread over the files"),
        (a_source(files=("\U0001f9eb.tif",)), "characters of the file name"),
        (
            a_source({k: v for k, v in SIZES.items() if not k.endswith("order")}),
            "order of the planes is not known",
        ),
    ],
)
def test_a_companion_that_cannot_point_at_the_planes_only_describes(
    source: ImageSource, reason: str
) -> None:
    sidecar = projected(source)
    assert sidecar.path.endswith(".omexml")
    assert reason in " ".join(sidecar.notes)
    one(sidecar, "//o:MetadataOnly")


# --- grafted into the file's own document


def test_the_content_of_the_files_own_document_is_kept() -> None:
    own = document(
        more='<Experiment ID="Experiment:7" Type="TimeLapse SpectralImaging"/>',
        image='<Description>by the\n maker </Description><ExperimentRef ID="Experiment:7"/>',
        pixels='<Channel ID="Channel:0:0" Name="\u00e4"/><TiffData/><Plane TheZ="0" TheC="0" '
        'TheT="0" DeltaT="1.50"/>',
    )
    sidecar = projected(a_source(**OWN), own)
    assert sidecar.notes == ()
    assert one(sidecar, "//o:Experiment/@Type") == "TimeLapse SpectralImaging"
    assert one(sidecar, "//o:Image/o:Description").text == "by the\n maker "
    assert one(sidecar, "//o:Plane/@DeltaT") == "1.50"
    assert one(sidecar, "//o:UUID/@FileName") == "cells.ome.tif"


def test_what_a_person_decided_replaces_what_the_document_says_and_that_is_kept() -> None:
    own = document(PhysicalSizeX="0.2", pixels='<Channel ID="Channel:0" Name="C0"/><TiffData/>')
    decided = {"image.physical_size_x": micrometres(0.1), "channel.0.name": "DAPI"}
    sidecar = projected(a_source(overrides=decided, **OWN), own)
    assert one(sidecar, "//o:Pixels/@PhysicalSizeX") == "0.1"
    assert one(sidecar, "//o:Channel/@Name") == "DAPI"
    assert kept(sidecar) == {"Pixels:0/@PhysicalSizeX": "0.2", "Channel:0/@Name": "C0"}


def test_a_value_that_a_person_calls_unknown_leaves_the_document() -> None:
    decided = {"image.physical_size_x": Recorded(state=State.UNKNOWN)}
    sidecar = projected(a_source(overrides=decided, **OWN), document(PhysicalSizeX="0.2"))
    assert one(sidecar, "//o:Pixels").get("PhysicalSizeX") is None
    assert kept(sidecar) == {"Pixels:0/@PhysicalSizeX": "0.2"}


def test_a_fact_of_the_file_fills_a_gap_but_replaces_nothing() -> None:
    facts = {"image.physical_size_x": micrometres(9), "image.physical_size_y": micrometres(0.5)}
    own = document(PhysicalSizeX="0.2")
    sidecar = projected(a_source(**{**OWN, "facts": facts}), own)
    assert one(sidecar, "//o:Pixels/@PhysicalSizeX") == "0.2"
    assert one(sidecar, "//o:Pixels/@PhysicalSizeY") == "0.5"
    assert kept(sidecar) == {}


@pytest.mark.parametrize(
    ("attributes", "name", "now", "before"),
    [
        ({"PhysicalSizeX": "1", "PhysicalSizeXUnit": "micron"}, "PhysicalSizeXUnit", UM, "micron"),
        ({"Type": "UINT16"}, "Type", "uint16", "UINT16"),
        ({"PhysicalSizeX": "0"}, "PhysicalSizeX", None, "0"),
        ({"PhysicalSizeX": "-0.1"}, "PhysicalSizeX", None, "-0.1"),
        ({"PhysicalSizeX": "NaN"}, "PhysicalSizeX", None, "NaN"),
        ({"Shutter": "open"}, "Shutter", None, "open"),
        ({"BigEndian": "True"}, "BigEndian", "true", "True"),
    ],
)
def test_an_invalid_attribute_is_mended_or_moved_and_its_text_kept(
    attributes: dict[str, str], name: str, now: str | None, before: str
) -> None:
    sidecar = projected(a_source(**OWN), document(**attributes))
    assert one(sidecar, "//o:Pixels").get(name) == now
    assert kept(sidecar)[f"Pixels:0/@{name}"] == before


def test_a_size_in_a_unit_that_means_nothing_is_not_read_as_micrometres() -> None:
    own = document(PhysicalSizeX="5", PhysicalSizeXUnit="furlong")
    sidecar = projected(a_source(**OWN), own)
    assert one(sidecar, "//o:Pixels").get("PhysicalSizeX") is None
    assert kept(sidecar)["Pixels:0/@PhysicalSizeX"] == "5"


@pytest.mark.parametrize(
    "own",
    [
        document(
            pixels='<Channel ID="0" Color="4294967295" AcquisitionMode="Lattice"/><TiffData/>'
        ),
        document(pixels='<Plane TheZ="0" TheC="0" TheT="0"/><TiffData/><Channel ID="Channel:0"/>'),
        document(pixels='<Channel ID="Channel:0"/><Channel ID="Channel:0"/><TiffData/>'),
        document(image="<AcquisitionDate>20/11/2026</AcquisitionDate>"),
        document(image='<InstrumentRef ID="Instrument:9"/>'),
        document(image="<Colour>red</Colour>stray text"),
        document(more='<BinaryOnly MetadataFile="x" UUID="y"/>'),
        document(pixels="<Plane/><TiffData/>"),
        document(image="<?xml version='1.0'?><OME:Channel/>"),
        document(more="<Unfinished><!-- a -- b -->"),
        document(SizeZ="two", SizeC=""),
        document(more="<!-- \U0001f9eb --><?keep this?>"),
        document().replace(b"</OME>", document()[document().index(b"<Image") :]),
    ],
)
def test_a_broken_document_is_made_valid(own: bytes) -> None:
    sidecar = projected(a_source(format="OME-TIFF"), own)
    assert b"napari-fair/rembi/v1/biosample" in sidecar.data


def test_ids_that_are_malformed_are_renamed_with_their_references() -> None:
    own = document(
        more='<Instrument ID="Microscope"><Detector ID="Camera"/></Instrument>',
        image='<InstrumentRef ID="Microscope"/>',
        pixels='<Channel ID="Channel:0"><DetectorSettings ID="Camera"/></Channel><TiffData/>',
    )
    sidecar = projected(a_source(**OWN), own)
    assert one(sidecar, "//o:Instrument/@ID") == one(sidecar, "//o:InstrumentRef/@ID")
    assert one(sidecar, "//o:Detector/@ID") == one(sidecar, "//o:DetectorSettings/@ID")


def test_an_id_made_to_stall_pattern_matching_is_renamed_at_once() -> None:
    own = document(more=f'<Instrument ID="urn:lsid:{"a." * 400}"/><Instrument ID="{"b" * 9999}"/>')
    sidecar = projected(a_source(**OWN), own)
    assert one(sidecar, "//o:Instrument[1]/@ID") == "Instrument:0"


def test_images_share_the_instrument_that_their_files_name_alike() -> None:
    alike = read({**SIZES, "image.size_z": 1, "image.size_c": 1, "objective.model": "Plan Apo"})
    other = alike | read({"objective.model": "Plan Fluor"})
    images = tuple(
        Image(id=str(number), index=number, facts=facts)
        for number, facts in enumerate([alike, other, alike])
    )
    source = a_source(format="CZI").model_copy(update={"images": images})
    root = tree(projected(source))
    used = [node.get("ID") for node in root.findall(".//o:ObjectiveSettings", NS)]
    assert used[0] == used[2] != used[1]
    assert len(root.findall("o:Instrument", NS)) == 2


def test_an_older_schema_is_upgraded() -> None:
    old = document(pixels="<TiffData/>").replace(b"2016-06", b"2015-01")
    sidecar = projected(a_source(**OWN), old)
    assert "upgraded from schema 2015-01" in " ".join(sidecar.notes)


@pytest.mark.parametrize(
    "own",
    [
        b"<OME/>",
        b"not xml",
        b"",
        b'<!DOCTYPE a [<!ENTITY b "c">]><OME>&b;</OME>',
        document().replace(b"OME", b"OMG"),
        document(Type="complicated"),
    ],
)
def test_a_document_that_cannot_be_used_is_kept_as_text_and_written_anew(own: bytes) -> None:
    sidecar = projected(a_source(format="OME-TIFF"), own)
    assert one(sidecar, "//o:Pixels/@SizeX") in ("10", "2")
    assert sidecar.notes


def test_a_renamed_file_is_pointed_at_by_its_name_of_today() -> None:
    uuid = "urn:uuid:8d1e6f6a-0a0a-4b1c-9f0e-1c2d3e4f5a6b"
    own = document(pixels=f'<TiffData><UUID FileName="old.ome.tif">{uuid}</UUID></TiffData>')
    sidecar = projected(a_source(**OWN), own)
    assert one(sidecar, "//o:UUID/@FileName") == "cells.ome.tif"
    assert one(sidecar, "//o:UUID").text == uuid


def test_one_file_of_a_set_is_not_taken_for_the_whole_set() -> None:
    uuid = "urn:uuid:8d1e6f6a-0a0a-4b1c-9f0e-1c2d3e4f5a6b"
    blocks = "".join(
        f'<TiffData IFD="0" FirstZ="{z}"><UUID FileName="z{z}.tif">{uuid}</UUID></TiffData>'
        for z in range(2)
    )
    whole = a_source({}, format="OME-TIFF", files=("z0.tif", "z1.tif"))
    assert projected(whole, document(pixels=blocks)).path.endswith(".companion.ome")
    part = a_source({}, format="OME-TIFF", files=("z0.tif",))
    alone = projected(part, document(pixels=blocks))
    assert alone.path == "z0.tif.omexml"
    assert "'z1.tif', which is not there" in alone.notes[0]


def test_thousands_of_planes_are_kept_and_the_invalid_one_among_them_is_moved() -> None:
    planes = [f'<Plane TheZ="{z}" TheC="0" TheT="0" DeltaT="{z / 7}"/>' for z in range(3000)]
    own = document(SizeZ="3000", pixels="<TiffData/>" + "".join(planes))
    assert len(tree(projected(a_source(**OWN), own)).findall(".//o:Plane", NS)) == 3000
    planes[1234] = '<Plane TheZ="x" TheC="0" TheT="0"/>'
    broken = projected(a_source(**OWN), document(pixels="<TiffData/>" + "".join(planes)))
    assert len(tree(broken).findall(".//o:Plane", NS)) == 2999


# --- what comes back


NAMESPACES = ["", "https://lab.example/keys#v1", "file name", "naïve\u2028x%zz", f"{REMBI}study"]


def test_free_pairs_stand_in_the_sidecar_below_their_namespaces_and_come_back() -> None:
    def pairs(word: str) -> tuple[KeyValue, ...]:
        return tuple(
            KeyValue(namespace=namespace, key="dish", value=f"{word} {number}")
            for number, namespace in enumerate(NAMESPACES)
        )

    record = a_dataset()
    sample = record.biosamples[0].model_copy(update={"pairs": pairs("sample")})
    record = record.model_copy(update={"biosamples": (sample,)})
    source = a_source()
    image = source.images[0].model_copy(update={"pairs": pairs("image")})
    sidecar = projected(source.model_copy(update={"images": (image,)}), dataset=record)
    linked = set(tree(sidecar).xpath("//o:Image/o:AnnotationRef/@ID", namespaces=NS))
    found = tree(sidecar).xpath("//o:MapAnnotation[o:Value/o:M/@K='dish']", namespaces=NS)
    assert len(found) == 10 and {node.get("ID") for node in found} <= linked
    assert "https://lab.example/keys#v1" in {node.get("Namespace") for node in found}
    lone = read_sidecar(sidecar.data)
    assert lone.images[0].pairs == pairs("image")
    assert lone.pairs == {"biosample": pairs("sample")}


def test_a_lone_sidecar_gives_the_record_back() -> None:
    decided = {"image.physical_size_x": micrometres(0.1)}
    sidecar = projected(a_source(overrides=decided))
    lone = read_sidecar(sidecar.data, where="cells.tif.companion.ome")
    assert lone.files == (SourceFile(path="cells.tif", size=1234, sha256="ab" * 32),)
    record = a_dataset()
    assert lone.values["study.title"].value == "Spindles"
    assert lone.values["study.keywords"].value == ("mitosis", "spindle")
    assert record.study.publisher is not None
    assert lone.values["study.publisher"].value == record.study.publisher.value
    assert lone.values["study.publisher"].trust is Trust.GUESSED
    assert record.biosamples[0].organism is not None
    assert lone.values["biosample.organism"].value == record.biosamples[0].organism.value
    assert lone.values["biosample.biological_entity"].state is State.UNKNOWN
    assert lone.values["specimen.preparation"].state is State.NOT_APPLICABLE
    assert lone.texts == {
        "study.authors": "Josiah Carberry <0000-0002-1825-0097>",
        "acquisition.instrument": "Ti2 room 4",
    }
    assert lone.images[0].values["image.physical_size_x"].value == micrometres(0.1)
    assert {value.origin for value in lone.values.values()} == {"sidecar"}
    assert {value.where for value in lone.values.values()} == {"cells.tif.companion.ome"}


def test_a_pending_checksum_has_no_key() -> None:
    source = a_source().model_copy(update={"files": (SourceFile(path="cells.tif", size=5),)})
    sidecar = projected(source)
    assert b"SHA-256" not in sidecar.data
    assert read_sidecar(sidecar.data).files[0].sha256 == ""


def test_nonsense_in_an_edited_sidecar_is_left_out_and_the_rest_read() -> None:
    data = projected(a_source()).data
    data = data.replace(b"http://purl.obolibrary.org/obo/NCBITaxon_9606", b"not an address")
    lone = read_sidecar(data.replace(b'K="Title"', b'K="Tittle"'))
    assert "biosample.organism" not in lone.values
    assert "study.title" not in lone.values
    assert lone.values["study.keywords"].given


def test_a_file_converted_from_our_sidecar_keeps_its_annotations_and_gets_new_ones() -> None:
    converted = projected(a_source()).data.partition(b"-->\n")[2]
    assert not is_ours(converted)
    sidecar = projected(a_source(**OWN), converted, a_dataset("Another study"))
    assert b"Spindles" in sidecar.data
    assert read_sidecar(sidecar.data).values["study.title"].value == "Another study"


@pytest.mark.parametrize("data", [b"", b"<OME/>", document(), b"\xff\xfe", b'{"a": 1}'])
def test_what_others_wrote_is_not_ours(data: bytes) -> None:
    assert not is_ours(data)


# --- laws

texts = st.text(min_size=1, max_size=40)


@given(texts, texts, texts, st.lists(texts, min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_any_text_gives_the_same_valid_document_each_time(
    title: str, label: str, name: str, keywords: list[str]
) -> None:
    study = Study(id="s", title=said(title), keywords=said(tuple(keywords)))
    sample = BioSample(id="b", organism=said((Term(label=label),)))
    dataset = Dataset(
        id="d", created="2026-11-20", study=study, biosamples=(sample,), uses=Uses(biosample="b")
    )
    source = a_source({**SIZES, "channel.0.name": name, "image.description": title})
    first = projected(source, dataset=dataset)
    assert first == projected(source, dataset=dataset)
    unwritable = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd]")
    lone = read_sidecar(first.data)
    assert lone.values["study.title"].value == unwritable.sub("\ufffd", title)
    assert lone.values["biosample.organism"].value == (Term(label=unwritable.sub("\ufffd", label)),)


names = st.sampled_from(["ID", "Type", "SizeX", "SizeZ", "PhysicalSizeX", "PhysicalSizeXUnit"])
words = st.sampled_from(
    ["", "0", "-1", "1e999", "micron", "Image:0", "a b", "UINT8", "true", "3.0"]
)
inner = st.recursive(
    st.just(""),
    lambda children: st.builds(
        lambda tag, attribute, word, body: f'<{tag} {attribute}="{word}">{body}</{tag}>',
        st.sampled_from(["Channel", "Plane", "TiffData", "UUID", "Pixels", "ROI", "MetadataOnly"]),
        names,
        words,
        children,
    ),
    max_leaves=4,
)


@given(st.dictionaries(names, words), inner, inner, inner)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_document_of_a_stranger_gives_a_valid_sidecar(
    attributes: dict[str, str], image: str, more: str, pixels: str
) -> None:
    own = document(image=image, more=more, pixels=pixels, **attributes)
    first = projected(a_source(format="OME-TIFF"), own)
    assert first == projected(a_source(format="OME-TIFF"), own)


# --- real files

testdata = os.environ.get("NAPARI_FAIR_TESTDATA")


@pytest.mark.skipif(not testdata, reason="NAPARI_FAIR_TESTDATA is not set")
def test_real_documents_give_valid_sidecars() -> None:
    root = Path(testdata or "")
    seen = 0
    for path in sorted(root.rglob("*")):
        if path.suffix not in (".xml", ".ome") or not path.is_file():
            continue
        source = a_source(format="OME-XML", files=(path.relative_to(root).as_posix(),))
        projected(source, path.read_bytes())
        seen += 1
    assert seen > 100
