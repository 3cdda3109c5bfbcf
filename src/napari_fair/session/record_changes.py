"""Changes of blocks, free pairs and terms, each one edit that the journal can tell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as PydanticField
from pydantic import TypeAdapter

from napari_fair.model import (
    POOLS,
    SHARED_BLOCKS,
    Dataset,
    KeyValue,
    Origin,
    Recorded,
    Trust,
    field,
    person_text,
)
from napari_fair.model.recorded import Frozen
from napari_fair.model.units import Quantity
from napari_fair.session.blocks import (
    WORDS,
    block_at,
    checked_label,
    pool_of,
    removable,
    used_by_all,
    used_by_image,
    used_by_source,
)
from napari_fair.session.edits import (
    put_many,
    with_block,
    with_block_of,
    with_image,
)
from napari_fair.session.image_pairs import checked_pairs
from napari_fair.session.readings import TakeReadings
from napari_fair.session.texts import InvalidValue, read_person
from napari_fair.session.unmapped import Mapping, images_saying, mapped

if TYPE_CHECKING:
    from napari_fair.session.session import Session


class _Scope(Frozen):
    """Whom a change of links is for: one image, all images of a source, or all images.

    With none of them a new block is only put by.
    """

    image: str = ""
    source: str = ""
    everywhere: bool = False

    def used(self, dataset: Dataset, kind: str, id: str) -> Dataset:
        """Return the record with the block used by them."""
        if self.image:
            return used_by_image(dataset, kind, id, self.image)
        if self.source:
            return used_by_source(dataset, kind, id, self.source)
        return used_by_all(dataset, kind, id) if self.everywhere else dataset

    def images(self, dataset: Dataset) -> Iterable[str]:
        """Return the images that are changed, as far as files alone may know them."""
        if self.image:
            return [self.image]
        return [i.id for s in dataset.sources if s.id == self.source for i in s.images]


class AddBlock(_Scope):
    """Make a named block, empty or with the values of another one.

    Attributes
    ----------
    kind
        See `napari_fair.model.POOLS`.
    id
        A new UUID.
    copied
        Id of the block whose values and pairs it takes over.
    """

    do: Literal["add block"] = "add block"
    kind: str
    id: str
    label: str
    copied: str = ""

    def done(self, dataset: Dataset) -> Dataset:
        """Return the record after it."""
        label = checked_label(dataset, self.kind, self.label)
        if self.copied:
            like = block_at(dataset, self.kind, self.copied)
            block = like.model_copy(update={"id": self.id, "label": label})
        else:
            block = SHARED_BLOCKS[self.kind](id=self.id, label=label)
        blocks = (*pool_of(dataset, self.kind), block)
        added = dataset.model_copy(update={POOLS[self.kind]: blocks})
        return self.used(added, self.kind, self.id)


class UseBlock(_Scope):
    """Let an image, all images of a source, or all images use a block."""

    do: Literal["use block"] = "use block"
    kind: str
    id: str

    def done(self, dataset: Dataset) -> Dataset:
        """Return the record after it."""
        return self.used(dataset, self.kind, self.id)


class RenameBlock(Frozen):
    """Call a block otherwise."""

    do: Literal["rename block"] = "rename block"
    kind: str
    id: str
    label: str

    def done(self, dataset: Dataset) -> Dataset:
        """Return the record after it."""
        block = block_at(dataset, self.kind, self.id)
        label = checked_label(dataset, self.kind, self.label, self.id)
        return with_block(dataset, self.kind, block.model_copy(update={"label": label}))

    def images(self, dataset: Dataset) -> Iterable[str]:
        """Return no image: only a block changes."""
        return ()


class RemoveBlock(Frozen):
    """Take away a block that no image uses."""

    do: Literal["remove block"] = "remove block"
    kind: str
    id: str

    def done(self, dataset: Dataset) -> Dataset:
        """Return the record after it."""
        block_at(dataset, self.kind, self.id)
        if not removable(dataset, self.kind, self.id):
            word = WORDS[self.kind]
            raise InvalidValue(f"Images use this {word}: let them use another one first.")
        rest = tuple(block for block in pool_of(dataset, self.kind) if block.id != self.id)
        update: dict[str, Any] = {
            POOLS[self.kind]: rest,
            "conflicts": tuple(c for c in dataset.conflicts if c.subject != self.id),
        }
        if getattr(dataset.uses, self.kind, None) == self.id:
            update["uses"] = dataset.uses.model_copy(update={self.kind: None})
        return _unlinked(dataset.model_copy(update=update), self.kind, self.id)

    def images(self, dataset: Dataset) -> Iterable[str]:
        """Return no image: none used it."""
        return ()


def _unlinked(dataset: Dataset, kind: str, id: str) -> Dataset:
    """Return the record without links of sources, or values of blocks, that lead to a block."""
    if kind == "instrument":
        acquisitions = tuple(
            block.model_copy(update={"instrument": None})
            if block.instrument is not None and block.instrument.value == id
            else block
            for block in dataset.acquisitions
        )
        return dataset.model_copy(update={"acquisitions": acquisitions})
    sources = tuple(
        source.model_copy(update={"uses": source.uses.model_copy(update={kind: None})})
        if getattr(source.uses, kind) == id
        else source
        for source in dataset.sources
    )
    return dataset.model_copy(update={"sources": sources})


class SetPairs(Frozen):
    """Give a block or an image its free key-value pairs.

    Attributes
    ----------
    kind
        A kind of shared blocks, ``study``, or ``image``.
    of
        The image that is, or whose block is, meant; empty for the block that images use by
        default.
    """

    do: Literal["set pairs"] = "set pairs"
    kind: str
    pairs: tuple[KeyValue, ...]
    of: str = ""

    def done(self, dataset: Dataset) -> Dataset:
        """Return the record after it."""
        checked_pairs(self.pairs)
        if self.kind == "image":
            held = dataset.image(self.of)
            if held is None:
                raise InvalidValue("This image is no longer in the record: choose another one.")
            source, image = held
            return with_image(dataset, source, image.model_copy(update={"pairs": self.pairs}))
        try:
            dataset, block = with_block_of(dataset, self.kind, self.of or None)
        except ValueError as problem:
            raise InvalidValue(str(problem)) from None
        return with_block(dataset, self.kind, block.model_copy(update={"pairs": self.pairs}))

    def images(self, dataset: Dataset) -> Iterable[str]:
        """Return the image whose block is meant."""
        return [self.of] if self.of else ()


class MapTerms(Frozen):
    """Put terms in the place of free text, in all images and blocks at once."""

    do: Literal["map terms"] = "map terms"
    mappings: tuple[Mapping, ...]

    def done(self, dataset: Dataset) -> Dataset:
        """Return the record after it."""
        return mapped(dataset, self.mappings)

    def images(self, dataset: Dataset) -> Iterable[str]:
        """Return the images that say one of the texts themselves."""
        return images_saying(dataset, self.mappings)


class ChangePerson(Frozen):
    """Put right what is known of a person, parts that are left out included.

    Attributes
    ----------
    before, after
        The person's text forms.
    """

    do: Literal["change person"] = "change person"
    before: str
    after: str

    def done(self, dataset: Dataset) -> Dataset:
        """Return the record after it."""
        known = next((p for p in dataset.people if person_text(p) == self.before), None)
        if known is None:
            raise InvalidValue("This person is no longer in the record: add them anew.")
        new = read_person(field("study.authors"), self.after)
        for other in dataset.people:
            if other is not known and other.orcid and other.orcid == new.orcid:
                raise InvalidValue(f"{other.name} has this ORCID iD already: look again.")
        changed = new.model_copy(update={"id": known.id})
        people = tuple(changed if person is known else person for person in dataset.people)
        return dataset.model_copy(update={"people": people})

    def images(self, dataset: Dataset) -> Iterable[str]:
        """Return no image: only the person changes."""
        return ()


class TakeWavelengths(Frozen):
    """Give a channel the wavelengths that a vocabulary says of its fluorophore.

    They are where the dye absorbs and emits most, which is not measured in this image: that is
    why they are marked as derived.

    Attributes
    ----------
    wavelengths
        Nanometres by path, e.g. ``channel.0.emission_wavelength``.
    where
        Which entry of which pack.
    """

    do: Literal["take wavelengths"] = "take wavelengths"
    image: str
    wavelengths: dict[str, float]
    where: str

    def done(self, dataset: Dataset) -> Dataset:
        """Return the record after it."""
        taken: dict[str, Recorded[Any] | None] = {
            path: Recorded(
                value=Quantity(value=value, unit="nm"),
                origin=Origin.VOCABULARY.value,
                where=self.where,
                trust=Trust.DERIVED,
            )
            for path, value in self.wavelengths.items()
        }
        return put_many(dataset, {self.image: taken})

    def images(self, dataset: Dataset) -> Iterable[str]:
        """Return the image."""
        return [self.image]


RecordChange = (
    AddBlock
    | UseBlock
    | RenameBlock
    | RemoveBlock
    | SetPairs
    | MapTerms
    | ChangePerson
    | TakeWavelengths
    | TakeReadings
)
_READ: TypeAdapter[RecordChange] = TypeAdapter(
    Annotated[RecordChange, PydanticField(discriminator="do")]
)


def do(session: Session, change: RecordChange) -> None:
    """Make a change as one edit of a session: journaled first, and one step to undo.

    Raises
    ------
    InvalidValue
        If it cannot be done; nothing is changed then.
    """
    before = session.dataset
    told = change.model_dump(mode="json")
    edit = {"do": "record", "change": told, "images": sorted(change.images(before))}
    session.change(edit, change.done(before))


def read_change(data: dict[str, Any]) -> RecordChange:
    """Return the change that the journal tells."""
    return _READ.validate_python(data)
