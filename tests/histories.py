"""Hypothesis strategies for histories: steps, data and environments of every shape."""

from __future__ import annotations

from datetime import datetime

from hypothesis import strategies as st

from napari_fair.model import (
    Confidence,
    DataKind,
    DataRef,
    ManualWork,
    Parameter,
    Slot,
    SoftwareEnvironment,
    Step,
    StepKind,
    Tool,
)
from napari_fair.provenance import History

texts = st.text(max_size=12)
uuids = st.uuids(version=4).map(str)
floats = st.floats(allow_nan=False, allow_infinity=False)
digests = st.sampled_from(["", "0" * 64, "ab" * 32])
moments = st.just("") | st.datetimes(datetime(1900, 1, 1), timezones=st.timezones()).map(
    lambda m: m.isoformat()
)
scalars = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | floats | st.text(max_size=8)
)
parameters = st.builds(
    Parameter,
    name=texts,
    value=scalars | st.lists(scalars, max_size=3).map(tuple),
    unit=st.sampled_from(["", "px", "µm"]),
    type_name=st.sampled_from(
        ["", "tuple", "list", "none", "viewer", "float", "dtype", "literal", "array:uint8:2", "odd"]
    ),
)
tools = st.builds(
    Tool,
    name=texts,
    function=st.sampled_from(["", "skimage.filters:gaussian", "a:b", "odd one"]),
    package=st.sampled_from(["", "scikit-image", "PyYAML", "pkg:conda/fiji", "pkg:x/y@z"]),
    version=st.sampled_from(["", "0.26.0", "1.2+local", "odd one"]),
    plugin=st.sampled_from(["", "napari-blobs"]),
    homepage=st.sampled_from(
        [
            *("", "https://scikit-image.org", "https://a.example/#part", "urn:x:1"),
            "https://pypi.org/project/scikit-image/0.26.0/",
        ]
    ),
)
paths = st.sampled_from(
    [
        *("", "", "labels.tif", "a/b c#.tif", "ü/ß%20.tif", "x.ome.zarr", "a.tif", "a//b.tif"),
        *("/etc/passwd", "../up.tif", "C:\\x.tif", "ro-crate-metadata.json", ".", "a\0b"),
    ]
)
data_refs = st.builds(
    DataRef,
    id=uuids,
    name=texts,
    path=paths,
    kind=st.sampled_from(DataKind),
    sha256=digests,
    content_sha256=digests,
    pending=st.booleans(),
    size=st.none() | st.integers(0, 2**60),
    shape=st.lists(st.integers(0, 2**40), max_size=4).map(tuple),
    dtype=st.sampled_from(["", "uint16"]),
    scale=st.lists(floats, max_size=3).map(tuple),
    units=st.lists(st.sampled_from(["µm", ""]), max_size=3).map(tuple),
)
numbers = st.lists(st.integers(-(2**40), 2**40), max_size=3).map(tuple)
manual_work = st.builds(
    ManualWork,
    strokes=st.integers(0, 10**6),
    modes=st.lists(texts, max_size=2).map(tuple),
    labels_touched=numbers,
    planes=numbers,
    bounding_box=st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 99)), max_size=3).map(tuple),
    minutes=floats,
)
environments = st.builds(
    SoftwareEnvironment,
    id=uuids,
    system=texts,
    machine=texts,
    python=texts,
    processor=texts,
    graphics=st.lists(texts, max_size=2).map(tuple),
    plugins=st.lists(texts, max_size=2).map(tuple),
    packages=st.lists(texts, max_size=3).map(tuple),
)


@st.composite
def steps(
    draw: st.DrawFn, data: list[str], places: list[str], people: list[str] | None = None
) -> Step:
    """Steps on given data, in given environments, by given people or strangers."""
    slot = st.builds(
        Slot,
        name=texts,
        data=st.sampled_from(data) if data else uuids,
        passed_as=st.sampled_from(["", "layer"]),
    )
    tool = draw(tools)
    sure = list(Confidence) if tool.function else [Confidence.DECLARED, Confidence.OPAQUE]
    failed = draw(st.booleans())
    return Step(
        id=draw(uuids),
        kind=draw(st.sampled_from(StepKind)),
        name=draw(texts),
        tool=tool,
        parameters=draw(st.lists(parameters, max_size=3).map(tuple)),
        inputs=draw(st.lists(slot, max_size=2).map(tuple)),
        outputs=draw(st.lists(slot, max_size=2).map(tuple)),
        confidence=draw(st.sampled_from(sure)),
        gap=draw(texts),
        failed=failed,
        error=draw(texts) if failed else "",
        started=draw(moments),
        ended=draw(moments),
        agent=draw(st.sampled_from(["", "stranger", *(people or [])])),
        comment=draw(texts),
        manual=draw(st.none() | manual_work),
        environment=draw(st.sampled_from(["", "elsewhere", *places])),
        observed=draw(texts),
    )


@st.composite
def histories(draw: st.DrawFn, people: tuple[str, ...] = ()) -> History:
    """Whole histories."""
    data = draw(st.lists(data_refs, max_size=4, unique_by=lambda d: d.id))
    places = draw(st.lists(environments, max_size=2, unique_by=lambda e: e.id))
    one = steps([d.id for d in data], [p.id for p in places], list(people))
    return History(
        tuple(draw(st.lists(one, max_size=3, unique_by=lambda s: s.id))), tuple(data), tuple(places)
    )
