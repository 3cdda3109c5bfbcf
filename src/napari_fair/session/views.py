"""What forms show of one field."""

from __future__ import annotations

from dataclasses import dataclass

from napari_fair.model import (
    Dataset,
    Field,
    Kind,
    Recorded,
    State,
    Term,
    field,
    resolve,
    split_path,
    value_type,
)
from napari_fair.session.edits import image_of
from napari_fair.session.plausible import implausible
from napari_fair.session.texts import term_id, text_of


@dataclass(frozen=True)
class FieldView:
    """One field of an image, or of what images share.

    Attributes
    ----------
    text
        The value in its text form, empty when there is none.
    state
        None when nobody said anything.
    level
        What holds the value: ``image``, ``source``, ``study``, ``dataset`` or ``file``.
    replaced_text
        What the value took the place of.
    overridable
        Whether the image can have a value of its own.
    term_id
        Short ids of the terms, e.g. ``NCBITaxon:9606``.
    not_yet_a_term
        Whether some of it is free text where a term is wanted.
    locked_by
        Name of the preset that keeps people from changing the value, see `PresetLocks`.
    warning
        A sentence about a value that is hardly right, see `implausible`.
    """

    path: str
    field: Field
    text: str = ""
    state: State | None = None
    origin: str = ""
    where: str = ""
    trust: str = ""
    original: str = ""
    level: str = ""
    replaced_text: str = ""
    overridable: bool = False
    is_term: bool = False
    term_id: str = ""
    not_yet_a_term: bool = False
    locked_by: str = ""
    warning: str = ""


def view(dataset: Dataset, path: str, image: str | None) -> FieldView:
    """Return what is in force for a field, of an image or of what images share."""
    declared = field(split_path(path)[0])
    source, found = image_of(dataset, image) if image is not None else (None, None)
    is_term = declared.kind in (Kind.TERM, Kind.TERMS)
    overridable = image is not None and not path.startswith("study.")
    empty = FieldView(path, declared, overridable=overridable, is_term=is_term)
    held = resolve(dataset, source, found, path)
    if held is None:
        return empty
    recorded = held.recorded
    terms = recorded.value if isinstance(recorded.value, tuple) else (recorded.value,)
    free = is_term and any(isinstance(term, Term) and not term.iri for term in terms)
    return FieldView(
        path,
        declared,
        text=text_of(dataset, declared, recorded),
        state=recorded.state,
        origin=recorded.origin,
        where=recorded.where,
        trust=recorded.trust.value,
        original=recorded.original,
        level=held.level,
        replaced_text=_replaced(dataset, declared, recorded),
        overridable=overridable,
        is_term=is_term,
        term_id=term_id(recorded.value, declared.vocabulary) if is_term else "",
        not_yet_a_term=free,
        warning=implausible(declared, recorded),
    )


def _replaced(dataset: Dataset, declared: Field, recorded: Recorded[object]) -> str:
    before = recorded.replaced
    if before is None:
        return ""
    known = {"value": before.value, "state": before.state}  # as JSON when it comes from a crate
    return text_of(dataset, declared, value_type(declared.kind).validate_python(known))
