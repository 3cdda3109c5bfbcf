"""The record of one folder."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from pydantic import PrivateAttr, model_validator

from napari_fair.model.acquisition import AcquisitionProtocol
from napari_fair.model.annotation import AnalyzedData, AnnotationMethod, ImageCorrelation
from napari_fair.model.event_note import EventNote
from napari_fair.model.image import Facts, Image, ImageSource, Uses
from napari_fair.model.instrument import Instrument
from napari_fair.model.people import Person
from napari_fair.model.recorded import Frozen, Recorded
from napari_fair.model.sample import BioSample, Specimen
from napari_fair.model.step import DataRef, SoftwareEnvironment, Step
from napari_fair.model.study import Study, StudyComponent


class Conflict(Frozen):
    """Two or more values for one thing that only a person can choose between.

    Attributes
    ----------
    subject
        Id of the block, source or image that the values are for.
    path
        Path of the field.
    candidates
        The values, the one in force first.
    """

    subject: str
    path: str
    candidates: tuple[Recorded[Any], ...]


POOLS = {
    "component": "components",
    "biosample": "biosamples",
    "specimen": "specimens",
    "acquisition": "acquisitions",
    "annotation": "annotations",
    "correlation": "correlations",
    "analysis": "analyses",
    "instrument": "instruments",
}
"""Where a dataset keeps the blocks of each kind."""


class _Places:
    """Which source each image was in, by number, when somebody last looked.

    Records that differ in nothing else are equal.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self) -> None:
        self.by_image: dict[str, int] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Places)


class Dataset(Frozen):
    """What is known about the images of one folder (REMBI study component, RO-Crate root).

    Attributes
    ----------
    created
        Date the record was begun, ISO 8601 (``dateCreated`` of the crate).
    uses
        The blocks that images are linked to unless they say otherwise.
    defaults
        Values of images and channels that hold wherever the file says nothing.
    notes
        What people noted while images were taken, in the order of time.
    steps
        What was done, in the order it happened.
    data
        Data that steps used or gave.
    environments
        Where steps ran.
    """

    id: str
    created: str
    study: Study
    people: tuple[Person, ...] = ()
    components: tuple[StudyComponent, ...] = ()
    biosamples: tuple[BioSample, ...] = ()
    specimens: tuple[Specimen, ...] = ()
    acquisitions: tuple[AcquisitionProtocol, ...] = ()
    annotations: tuple[AnnotationMethod, ...] = ()
    correlations: tuple[ImageCorrelation, ...] = ()
    analyses: tuple[AnalyzedData, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    defaults: Facts = {}
    sources: tuple[ImageSource, ...] = ()
    uses: Uses = Uses()
    notes: tuple[EventNote, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    steps: tuple[Step, ...] = ()
    data: tuple[DataRef, ...] = ()
    environments: tuple[SoftwareEnvironment, ...] = ()

    _places: _Places = PrivateAttr(default_factory=_Places)

    @model_validator(mode="after")
    def _sources_in_order(self) -> Dataset:
        paths = [source.path for source in self.sources]
        if paths != sorted(set(paths)):
            raise ValueError("the sources of a dataset are listed by path, each once")
        return self

    def person(self, id: str) -> Person | None:
        """Return the person with this id."""
        return next((person for person in self.people if person.id == id), None)

    def instrument(self, id: str) -> Instrument | None:
        """Return the instrument with this id."""
        return next((instrument for instrument in self.instruments if instrument.id == id), None)

    def source(self, path: str) -> ImageSource | None:
        """Return the source that one of its files' relative path names."""
        at = bisect_left(self.sources, path, key=lambda source: source.path)
        if at < len(self.sources) and self.sources[at].path == path:
            return self.sources[at]
        sets = (source for source in self.sources if len(source.files) > 1)
        return next((s for s in sets if any(file.path == path for file in s.files)), None)

    def image(self, id: str) -> tuple[ImageSource, Image] | None:
        """Return an image and its source by the image's id."""
        places = self._places
        found = self._at(places.by_image.get(id), id)
        if found is None:  # a copy has the places of the record that it was copied from
            places.by_image = {i.id: n for n, s in enumerate(self.sources) for i in s.images}
            found = self._at(places.by_image.get(id), id)
        return found

    def _at(self, place: int | None, id: str) -> tuple[ImageSource, Image] | None:
        if place is None or place >= len(self.sources):
            return None
        source = self.sources[place]
        return next(((source, image) for image in source.images if image.id == id), None)
