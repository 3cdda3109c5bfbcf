"""Which editor a field has."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QWidget

from napari_fair.model import Kind
from napari_fair.viewer.choice_editors import ChoiceEditor, ChoicesEditor
from napari_fair.viewer.date_editor import DateEditor
from napari_fair.viewer.editors import LineEditor, LongTextEditor
from napari_fair.viewer.list_editor import ListEditor
from napari_fair.viewer.people_editor import PeopleEditor
from napari_fair.viewer.quantity_editor import QuantityEditor
from napari_fair.viewer.term_editor import TermEditor

if TYPE_CHECKING:
    from napari_fair.model import Field

Editor = LineEditor | LongTextEditor | ChoiceEditor | ChoicesEditor | ListEditor


def make_editor(field: Field, parent: QWidget) -> Editor:
    """Return the editor for a field's kind."""
    if field.vocabulary:
        return TermEditor(field.vocabulary, several=field.kind is Kind.TERMS, parent=parent)
    make = _EDITORS.get(field.kind)
    return make(field, parent) if make is not None else LineEditor(parent)


_EDITORS: dict[Kind, Callable[[Field, QWidget], Editor]] = {
    Kind.CHOICE: lambda field, parent: ChoiceEditor(field.choices, parent),
    Kind.CHOICES: lambda field, parent: ChoicesEditor(field.choices, parent),
    Kind.LONG_TEXT: lambda field, parent: LongTextEditor(parent),
    Kind.PEOPLE: lambda field, parent: PeopleEditor(parent),
    Kind.TEXTS: lambda field, parent: ListEditor(parent),
    Kind.QUANTITY: lambda field, parent: QuantityEditor(field.unit, parent),
    Kind.DATE: lambda field, parent: DateEditor(with_time=False, parent=parent),
    Kind.DATETIME: lambda field, parent: DateEditor(with_time=True, parent=parent),
}
