"""A document whose runs of planes stay out of the tree gives the same bytes as a whole one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_fair.model import (
    Dataset,
    Image,
    ImageSource,
    Origin,
    Quantity,
    Recorded,
    SourceFile,
    Study,
)
from napari_fair.sidecar import ome_projection, ome_runs
from napari_fair.sidecar.ome import OmeSidecar, project, schema_errors

OME = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
UUID = "urn:uuid:8d1e6f6a-0a0a-4b1c-9f0e-1c2d3e4f5a6b"
COMPANION, DESCRIPTION = "cells.ome.tif.companion.ome", "cells.ome.tif.omexml"
DATASET = Dataset(
    id="d", created="2026-11-20", study=Study(id="s", title=Recorded(value="Spindles"))
)


def source(exposure: str = "", index: int = 0) -> ImageSource:
    """An OME-TIFF, perhaps with an exposure of channel 1 that the file or a person gave."""
    sizes: dict[str, Any] = {f"image.size_{axis}": 3 for axis in "xyzct"}
    known: dict[str, Any] = {**sizes, "image.dtype": "uint8"}
    given: dict[str, Any] = {"channel.1.exposure_time": Quantity(value=0.25, unit="s")}
    facts = known | (given if exposure == "read" else {})
    image = Image(
        id="i",
        index=index,
        facts={name: Recorded(value=v, origin=Origin.HEADER) for name, v in facts.items()},
        overrides={name: Recorded(value=v) for name, v in given.items() if exposure == "typed"},
    )
    file = SourceFile(path="cells.ome.tif", size=7)
    return ImageSource(id="s", format="OME-TIFF", files=(file,), images=(image,))


def document(*pixels: str, prefix: str = "", more: str = "") -> bytes:
    p = f"{prefix}:" if prefix else ""
    declared = f"xmlns:{prefix}" if prefix else "xmlns"
    sizes = " ".join(f'Size{axis}="3"' for axis in "XYZCT")
    images = "".join(
        f'<{p}Image ID="Image:{n}"><{p}Pixels ID="Pixels:{n}" DimensionOrder="XYZCT" {sizes} '
        f'Type="uint8"><{p}Channel ID="Channel:{n}:0"/><{p}Channel ID="Channel:{n}:1"/>{inner}'
        f"</{p}Pixels></{p}Image>"
        for n, inner in enumerate(pixels)
    )
    return f'<{p}OME {declared}="{OME}">{images}{more}</{p}OME>'.encode()


def planes(count: int, form: str = '<Plane TheZ="{n}" TheC="{c}" TheT="0" DeltaT="{x}"/>') -> str:
    return "".join(form.format(n=n, c=n % 2, x=n / 7) for n in range(count))


def blocks(count: int, form: str = '<TiffData IFD="{n}" PlaneCount="1"/>') -> str:
    return planes(count, form)


@pytest.fixture
def both_ways(monkeypatch: pytest.MonkeyPatch) -> Callable[..., OmeSidecar]:
    """Project with the shortest runs cut out, and whole; the results must not differ."""
    return partial(compared, monkeypatch)


def compared(
    patch: pytest.MonkeyPatch, own: bytes, path: str = COMPANION, *of: Any, worth: int = 0
) -> OmeSidecar:
    asked: dict[str, Any] = {"ome_xml": own, "sidecar_path": path}
    with patch.context() as cut:
        cut.setattr(ome_runs, "_WORTH", worth)
        found = project(DATASET, source(*of), **asked)
    with patch.context() as whole:
        whole.setattr(ome_projection, "shortened", lambda _: None)
        assert project(DATASET, source(*of), **asked) == found
    assert found is not None
    return found


def parsed_sizes(patch: pytest.MonkeyPatch) -> list[int]:
    sizes: list[int] = []
    parse = ome_projection.parse_xml

    def noting(data: bytes, **options: Any) -> Any:
        sizes.append(len(data))
        return parse(data, **options)

    patch.setattr(ome_projection, "parse_xml", noting)
    return sizes


UUID_BLOCK = f'<TiffData IFD="{{n}}">\n <UUID FileName="{{file}}">{UUID}</UUID>\n</TiffData>'
LONG = [
    (blocks(2000) + planes(2000), ""),
    (blocks(2000, '\n  <TiffData IFD="{n}" />') + planes(2000).replace("/>", " />\n"), ""),
    (blocks(2000, UUID_BLOCK.replace("{file}", "cells.ome.tif")) + planes(2000), ""),
    (blocks(2000, UUID_BLOCK.replace("{file}", "old name.ome.tif")) + planes(2000), ""),
    (blocks(2000, "<TiffData IFD=\"{n}\"><UUID FileName='cells.ome.tif'/></TiffData>"), ""),
    (planes(2000, '<Plane TheT="0" TheZ="{n}" TheC="{c}" ExposureTime="{x}"></Plane>'), "read"),
    (planes(2000, '<Plane DeltaTUnit="\u00b5s" DeltaT="{x}" TheT="0" TheZ="{n}" TheC="0"/>'), ""),
    (planes(2000).replace("/>", "/>\r\n"), ""),
]


@pytest.mark.parametrize(("pixels", "exposure"), LONG)
@pytest.mark.parametrize("path", [COMPANION, DESCRIPTION])
@pytest.mark.parametrize("prefix", ["", "ome"])
def test_thousands_of_like_planes_are_never_a_tree(
    both_ways: Callable[..., OmeSidecar],
    monkeypatch: pytest.MonkeyPatch,
    pixels: str,
    exposure: str,
    path: str,
    prefix: str,
) -> None:
    if prefix:
        for name in ("Plane", "TiffData", "UUID"):
            pixels = pixels.replace(f"<{name}", f"<ome:{name}").replace(f"/{name}", f"/ome:{name}")
    if prefix and path == COMPANION and "TiffData" not in pixels:
        pixels = f"<ome:TiffData/>{pixels}"
    own = document(pixels, prefix=prefix)
    sidecar = both_ways(own, path, exposure)
    assert schema_errors(sidecar.data) == []
    sizes = parsed_sizes(monkeypatch)
    assert project(DATASET, source(exposure), ome_xml=own, sidecar_path=path) == sidecar
    if "<UUID FileName='cells" not in pixels and "<ome:UUID FileName='cells" not in pixels:
        assert max(sizes) < len(own) / 10


@pytest.mark.parametrize(
    "pixels",
    [
        planes(50) + '<Plane TheZ="x" TheC="0" TheT="0"/>' + planes(50),
        planes(50, '<Plane TheZ="{n}" TheC="{c}" TheT="0" DeltaT="1" DeltaTUnit="sec"/>'),
        planes(50, '<Plane TheZ="{n}" TheC="{c}" TheT="0" Color="red"/>'),
        planes(50, '<Plane TheC="{c}" TheT="0"/>'),
        planes(50, '<Plane TheZ="{n}" TheC="{c}" TheT="0" DeltaT="1e999"/>'),
        planes(50, '<Plane TheZ="{n}" TheC="{c}" TheT="0" TheT="1"/>'),
        "<!--" + planes(50) + "-->",
        "<![CDATA[" + planes(50) + "]]>",
        "<?keep " + planes(50) + "?>",
        planes(50) + blocks(50),
        blocks(50) + "<MetadataOnly/>" + planes(50),
        f"<Channel>{planes(50)}</Channel>",
        planes(50) + "stray text" + planes(50),
        planes(50) + "<!-- \U0001f9eb -->" + planes(50),
        planes(50).replace("/>", "><HashSHA1>zz</HashSHA1></Plane>"),
        planes(50) + "<Unclosed>",
        planes(50) + "\x01",
        '<Plane TheZ="0" TheC="0" TheT="0" napari-fair-run="0"/>' + planes(50),
        '<!-- napari-fair-run="0"/> -->' + planes(50),
        blocks(50, '<TiffData IFD="-{n}"/>'),
        blocks(50, f'<TiffData IFD="{{n}}"><UUID FileName="other.tif">{UUID}</UUID></TiffData>')
        + blocks(50, f'<TiffData IFD="{{n}}"><UUID FileName="and.tif">{UUID}</UUID></TiffData>'),
        blocks(50, '<TiffData IFD="{n}"><UUID FileName="a &amp; b.tif">no</UUID></TiffData>'),
    ],
)
@pytest.mark.parametrize("path", [COMPANION, DESCRIPTION])
def test_what_is_wrong_or_stands_elsewhere_is_treated_as_in_a_whole_document(
    both_ways: Callable[..., OmeSidecar], pixels: str, path: str
) -> None:
    sidecar = both_ways(document(pixels), path)
    assert schema_errors(sidecar.data) == []
    assert b'napari-fair-run="1"' not in sidecar.data


@pytest.mark.parametrize("exposure", ["read", "typed"])
@pytest.mark.parametrize("worth", [0, 4096])
@pytest.mark.parametrize("channels", ["01", "10"])
@pytest.mark.parametrize("before", ["", ' ExposureTime="0.{c}{n}" ExposureTimeUnit="s"'])
def test_an_exposure_reaches_every_plane_of_its_channel(
    both_ways: Callable[..., OmeSidecar], exposure: str, worth: int, channels: str, before: str
) -> None:
    form = '<Plane TheZ="{n}" TheC="{c}" TheT="0"%s/>'
    first, second = (form.replace("{c}", channel) % before for channel in channels)
    own = document(planes(1, first) + planes(200, second) + planes(199, first))
    if before and exposure == "read":
        assert b'ExposureTime="0.25"' not in both_ways(own, COMPANION, exposure, worth=worth).data
    else:
        sidecar = both_ways(own, COMPANION, exposure, worth=worth)
        assert sidecar.data.count(b'ExposureTime="0.25"') == 200


def test_an_exposure_that_the_first_plane_has_already_reaches_the_others(
    both_ways: Callable[..., OmeSidecar],
) -> None:
    form = '<Plane TheZ="{n}" TheC="1" TheT="0" ExposureTime="0.%d" ExposureTimeUnit="s"/>'
    own = document(planes(1, form % 25) + planes(99, form % 3))
    sidecar = both_ways(own, COMPANION, "typed")
    assert sidecar.data.count(b'ExposureTime="0.25"') == 100


def test_an_exposure_that_one_plane_has_is_found_however_late_it_comes(
    both_ways: Callable[..., OmeSidecar],
) -> None:
    form = '<Plane TheZ="{n}" TheC="%d" TheT="0" ExposureTime="0.5"/>'
    own = document(planes(40, form % 0) + planes(40, form % 1))
    assert b'ExposureTime="0.25"' not in both_ways(own, DESCRIPTION, "read").data


def test_each_image_has_its_own_channels(both_ways: Callable[..., OmeSidecar]) -> None:
    form = '<Plane TheZ="{n}" TheC="%d" TheT="0" ExposureTime="0.5"/>'
    own = document(planes(40, form % 1), planes(40, form % 0) + planes(40, form % 1))
    assert b'ExposureTime="0.25"' not in both_ways(own, DESCRIPTION, "read", 1).data


def test_an_image_that_is_moved_away_is_kept_with_all_its_planes(
    both_ways: Callable[..., OmeSidecar],
) -> None:
    own = document(planes(40), planes(40)).replace(b'Type="uint8"', b'Type="odd"', 1)
    assert both_ways(own, DESCRIPTION).data.count(b"Plane TheZ=") == 80


def test_other_schemas_and_encodings_are_read_whole(both_ways: Callable[..., OmeSidecar]) -> None:
    own = document(planes(40, '<Plane TheZ="{n}" TheC="0" TheT="0"/>'))
    both_ways(own.replace(b"2016-06", b"2015-01"))
    both_ways(own.replace(b"/OME/2016", b"/ome/2016"))
    both_ways(own.decode().encode("utf-16"))
    both_ways(b'<?xml version="1.0" encoding="latin-1"?>' + own + b"<!-- \xe4 -->")
    both_ways(b"\xef\xbb\xbf" + own)


def test_a_record_that_speaks_of_runs_is_written_as_it_is(
    both_ways: Callable[..., OmeSidecar], monkeypatch: pytest.MonkeyPatch
) -> None:
    title = Recorded(value='A napari-fair-run="0"/> of cells')
    study = Study(id="s", title=title)
    monkeypatch.setitem(globals(), "DATASET", DATASET.model_copy(update={"study": study}))
    assert both_ways(document(planes(40))).data.count(b"<Plane ") == 40


def test_a_document_that_is_too_large_to_read_is_not_read_in_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = document(planes(2000))
    assert ome_runs.shortened(own) is not None
    monkeypatch.setattr(ome_runs, "_MOST", len(own) - 1)
    assert ome_runs.shortened(own) is None


# --- the law

numbers = st.sampled_from(["0", "1", "007", "1.5", "-2e3", ".5", "1e999", "NaN", "", " 1", "x"])
separators = st.sampled_from(
    ["", "", "", " ", "\n\t", "\r\n", "<!-- a -->", "<?a b?>", "<![CDATA[ ]]>"]
)
plane_attributes = st.lists(
    st.sampled_from(
        [
            'DeltaT="{x}"',
            "DeltaT='{x}'",
            'DeltaT="{x}"  DeltaTUnit="ms"',
            'DeltaTUnit="micron"',
            'PositionX="{n}" PositionXUnit="reference frame"',
            'PositionX="{x}" PositionXUnit="&#181;m"',
            'PositionX="{x}" PositionXUnit="\u00b5m"',
            'PositionX="{x}" PositionXUnit="a &lt; &quot;b&quot;"',
            'ExposureTime="{x}" ExposureTimeUnit="s"',
            'ExposureTime="{e}" ExposureTimeUnit="s"',
            'Odd="{n}"',
        ]
    ),
    max_size=3,
)
plane_ends = st.sampled_from(
    [
        "/>",
        "/>",
        " />",
        "></{p}Plane>",
        ">\n</{p}Plane>",
        "><{p}HashSHA1>" + "ab" * 20 + "</{p}HashSHA1></{p}Plane>",
        '><{p}AnnotationRef ID="Annotation:7"/></{p}Plane>',
    ]
)
block_ends = st.sampled_from(
    [
        "/>",
        " />",
        "></{p}TiffData>",
        '><{p}UUID FileName="cells.ome.tif">' + UUID + "</{p}UUID></{p}TiffData>",
        '>\n<{p}UUID FileName="a &amp; b.tif"> ' + UUID + " </{p}UUID>\n</{p}TiffData>",
        "><{p}UUID FileName='old.tif'>odd</{p}UUID></{p}TiffData>",
        "><{p}UUID>" + UUID + "</{p}UUID></{p}TiffData>",
        ">text<{p}UUID/></{p}TiffData>",
    ]
)


@st.composite
def runs(draw: st.DrawFn, prefix: str) -> str:
    """Many elements of one form, now and then with an odd one among them."""
    if draw(st.booleans()):
        names = ' TheZ="{n}" TheC="{c}" TheT="0" '
        form = "<{p}Plane" + names + " ".join(draw(plane_attributes)) + draw(plane_ends)
    else:
        form = "<{p}TiffData" + draw(st.sampled_from(["", ' IFD="{n}"', ' IFD="{n}" FirstC="{c}"']))
        form += draw(block_ends)
    form = form.replace(' "', '"').replace('" />', '"/>') if draw(st.booleans()) else form
    count, channels, between = draw(st.integers(1, 9)), draw(st.integers(1, 3)), draw(separators)
    odd, value = draw(st.integers(0, 30)), draw(numbers)
    return "".join(
        form.format(
            n=n,
            c=n % channels,
            x=value if n == odd else n / 8,
            e=(n // channels + 2) / 8,  # the first of each channel has what the record says
            p=prefix,
        )
        + between
        for n in range(count)
    )


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    prefix = draw(st.sampled_from(["", "", "OME"]))
    inner = st.lists(runs(f"{prefix}:" if prefix else ""), max_size=4).map("".join)
    pixels = draw(st.lists(inner, min_size=1, max_size=2))
    kept = '<CommentAnnotation ID="Annotation:7"><Value>a</Value></CommentAnnotation>'
    value = f'<XMLAnnotation ID="Annotation:8"><Value>{draw(inner)}</Value></XMLAnnotation>'
    more = (
        f"<StructuredAnnotations>{draw(st.sampled_from([value, '']))}{kept}</StructuredAnnotations>"
    )
    return document(*pixels, prefix=prefix, more="" if prefix else more)


@given(
    documents(),
    st.sampled_from([COMPANION, DESCRIPTION]),
    st.sampled_from(["", "read", "typed"]),
    st.sampled_from([0, 0, 150, 300]),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_document_gives_the_same_valid_bytes_with_and_without_its_runs(
    own: bytes, path: str, exposure: str, worth: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        assert schema_errors(compared(patch, own, path, exposure, worth=worth).data) == []
