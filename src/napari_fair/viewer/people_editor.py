"""The people of a field: a line each, changed in a dialog of separate boxes."""

from __future__ import annotations

from napari_fair.model import fields
from napari_fair.session import InvalidValue
from napari_fair.session.texts import read_person
from napari_fair.viewer.list_editor import ListEditor


class PeopleEditor(ListEditor):
    """Shows name and institution of each; the whole text is in the tooltip."""

    def words_of(self, text: str) -> tuple[str, str]:
        """Return the name, marked when an ORCID iD is known, and the institution."""
        try:
            person = read_person(fields()["study.authors"], text)
        except InvalidValue:
            return text, ""
        institution = person.affiliation.name if person.affiliation is not None else ""
        return f"{person.name} · iD" if person.orcid else person.name, institution

    def change(self, row: int) -> None:
        """Ask for the person's parts in a dialog."""
        self.asked_to_change.emit(self.lines.texts()[row])
