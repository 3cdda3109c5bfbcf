"""Hypothesis strategies for records, from single values to whole datasets."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from napari_fair.model import (
    CREDIT_ROLES,
    POOLS,
    SHARED_BLOCKS,
    Conflict,
    Dataset,
    Field,
    Image,
    ImageSource,
    KeyValue,
    Kind,
    Organization,
    Origin,
    Person,
    Quantity,
    Recorded,
    Replaced,
    SourceFile,
    State,
    Study,
    Term,
    Trust,
    Uses,
    fields,
    image_id,
    join_path,
    source_id,
)

texts = st.text(min_size=1, max_size=12)
floats = st.floats(allow_nan=False, allow_infinity=False)
iris = st.sampled_from(
    ["", "http://purl.obolibrary.org/obo/NCBITaxon_9606", "https://ror.org/05gq02987", "urn:x:1"]
)
uuids = st.uuids().map(str)
dates = st.dates().map(str)
moments = st.datetimes(timezones=st.none() | st.timezones()).map(lambda moment: moment.isoformat())
organizations = st.builds(Organization, name=texts, ror=iris)
terms = st.builds(Term, label=texts, iri=iris)

_VALUES: dict[Kind, Any] = {
    Kind.TEXT: texts,
    Kind.LONG_TEXT: st.text(min_size=1, max_size=60),
    Kind.TEXTS: st.lists(st.text(max_size=8), min_size=1, max_size=3).map(tuple),
    Kind.INTEGER: st.integers(min_value=-(2**53), max_value=2**53),
    Kind.NUMBER: floats,
    Kind.DATE: dates,
    Kind.DATETIME: moments,
    Kind.TERM: terms,
    Kind.TERMS: st.lists(terms, min_size=1, max_size=3).map(tuple),
    Kind.ORGANIZATION: organizations,
    Kind.INSTRUMENT: uuids,
    Kind.ADDRESS: texts,
    Kind.CHOICE: texts,
    Kind.CHOICES: st.lists(texts, min_size=1, max_size=3).map(tuple),
    Kind.PEOPLE: st.lists(uuids, min_size=1, max_size=2).map(tuple),
}


def values(field: Field) -> st.SearchStrategy[Any]:
    """Values that a field takes."""
    if field.kind is Kind.QUANTITY:
        units = st.sampled_from([field.unit, "mm", "odd unit"])
        return st.builds(Quantity, value=floats, unit=units)
    strategy: st.SearchStrategy[Any] = _VALUES[field.kind]
    return strategy


@st.composite
def recorded(draw: st.DrawFn, field: Field) -> Recorded[Any]:
    """Values with every kind of origin, trust, emptiness and history."""
    state = draw(st.sampled_from([State.GIVEN, State.GIVEN, *State]))
    before = st.builds(Replaced, value=st.none() | values(field), origin=texts)
    replaced = draw(st.none() | before)
    return Recorded(
        value=draw(values(field)) if state is State.GIVEN else None,
        state=state,
        origin=draw(st.sampled_from([*map(str, Origin), "unknown, x; y", "my lab robot"])),
        where=draw(st.sampled_from(["", "OME-XML: Image[0]/@Name", "a; b: c", "Image[.]"])),
        trust=draw(st.sampled_from(Trust)),
        original=draw(st.sampled_from(["", "micron"])),
        replaced=replaced,
    )


key_values = st.builds(KeyValue, namespace=st.just("") | texts, key=texts, value=texts)


@st.composite
def blocks(draw: st.DrawFn, name: str, block: type[Any], id: str | None = None) -> Any:
    """Shared blocks with any of their fields filled."""
    declared = [field for field in fields().values() if field.block == name]
    chosen = draw(st.lists(st.sampled_from(declared), unique=True)) if declared else []
    filled = {field.attribute: draw(recorded(field)) for field in chosen}
    pairs = st.lists(key_values, max_size=2, unique=True).map(tuple)
    label = draw(st.just("") | texts)
    return block(id=id or draw(uuids), label=label, pairs=draw(pairs), **filled)


@st.composite
def facts(draw: st.DrawFn, *, per_image: bool = True) -> dict[str, Recorded[Any]]:
    """Values by path, of images and of shared blocks."""
    chosen = draw(st.lists(st.sampled_from(sorted(fields())), unique=True, max_size=6))
    found: dict[str, Recorded[Any]] = {}
    for name in chosen:
        field = fields()[name]
        indices = draw(st.lists(st.integers(0, 3), max_size=2)) if field.repeated else [None]
        for index in indices:
            found[join_path(name, index)] = draw(recorded(field))
    return found


names = st.sampled_from(
    ["a.tif", "b c.tif", "d#e%20.tif", "ü/ß.tif", "\U0001f52c.tif", "x.ome.zarr", "long" * 40]
)


@st.composite
def sources(draw: st.DrawFn, dataset: str, path: str) -> ImageSource:
    """Sources of one or several files with one or several images."""
    id = draw(st.just(source_id(dataset, path)) | uuids)
    more = draw(st.lists(st.integers(0, 99), unique=True, max_size=2))
    store = path.endswith(".zarr") and not more
    digest = st.sampled_from(["", "0" * 64])
    sizes = st.none() | st.integers(0, 2**60)
    indices = sorted(draw(st.lists(st.integers(0, 5), unique=True, max_size=3)))
    sidecar = SourceFile(path=f"{path[:100]}.companion.ome", size=draw(sizes), sha256=draw(digest))
    return ImageSource(
        id=id,
        format=draw(st.sampled_from(["TIFF", "OME-TIFF", "OME-Zarr", ""])),
        files=tuple(
            SourceFile(path=name, size=draw(sizes), sha256=draw(digest))
            for name in [path, *(f"{path}.{number}" for number in more)]
        ),
        store=store,
        images=tuple(
            Image(
                id=draw(st.just(image_id(id, index)) | uuids),
                index=index,
                facts=draw(facts()),
                overrides=draw(facts()),
                uses=draw(uses),
                pairs=draw(st.lists(key_values, max_size=2, unique=True).map(tuple)),
            )
            for index in indices
        ),
        overrides=draw(facts()),
        uses=draw(uses),
        sidecar=draw(st.none() | st.just(sidecar)),
    )


uses = st.builds(Uses, **{name: st.none() | uuids for name in Uses.model_fields})
people = st.builds(
    Person,
    id=uuids,
    name=texts,
    orcid=st.sampled_from(["", "0000-0002-1825-0097", "0000-0001-5109-3700"]),
    email=st.sampled_from(["", "jc@example.org"]),
    affiliation=st.none() | organizations,
    roles=st.lists(st.sampled_from(CREDIT_ROLES), unique=True, max_size=2).map(tuple),
)


@st.composite
def conflicts(draw: st.DrawFn) -> Conflict:
    """Conflicts about any field."""
    field = draw(st.sampled_from(list(fields().values())))
    path = join_path(field.name, 1 if field.repeated else None)
    candidates = draw(st.lists(recorded(field), min_size=2, max_size=3).map(tuple))
    return Conflict(subject=draw(uuids), path=path, candidates=candidates)


def _several(strategy: st.SearchStrategy[Any], *, by: str = "id") -> st.SearchStrategy[Any]:
    return st.lists(strategy, max_size=2, unique_by=lambda entry: getattr(entry, by)).map(tuple)


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    """Whole records."""
    id = draw(uuids)
    paths = sorted(draw(st.lists(names, unique=True, max_size=3)))
    return Dataset(
        id=id,
        created=draw(dates),
        study=draw(blocks("study", Study)),
        people=draw(_several(people)),
        **{pool: draw(_several(blocks(name, SHARED_BLOCKS[name]))) for name, pool in POOLS.items()},
        defaults=draw(facts()),
        sources=tuple(draw(sources(id, path)) for path in paths),
        uses=draw(uses),
        conflicts=tuple(draw(st.lists(conflicts(), max_size=1))),
    )
