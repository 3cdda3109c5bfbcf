"""One person as separate boxes, handed back in the text form."""

from __future__ import annotations

from collections.abc import Iterable

from qtpy.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from napari_fair.model import CREDIT_ROLES, fields
from napari_fair.session import InvalidValue
from napari_fair.session.remarks import email_remark, orcid_remark, ror_remark
from napari_fair.session.texts import read_person
from napari_fair.viewer.choice_editors import ChoicesEditor
from napari_fair.viewer.remark_line import RemarkLine

_ROWS = {
    "name": ("&Name", "Josiah Carberry"),
    "orcid": ("&ORCID iD", "0000-0002-1825-0097"),
    "email": ("&E-mail", "jc@example.org"),
    "institution": ("&Institution", "Brown University"),
    "ror": ("&ROR address", "https://ror.org/05gq02987"),
}


def person_text(
    name: str,
    orcid: str,
    email: str,
    institution: str,
    ror: str,
    roles: Iterable[str] = (),
) -> str:
    """Return a person in the text form of tables and terminals.

    ``Name <ORCID> <e-mail> [roles] @ Institution <ROR>``; parts that are not known are left out.
    """
    text = name.strip()
    text += "".join(f" <{part.strip()}>" for part in (orcid, email) if part.strip())
    listed = ", ".join(roles)
    text += f" [{listed}]" if listed else ""
    if institution.strip() or ror.strip():
        text += f" @ {institution.strip()}"
        text += f" <{ror.strip()}>" if ror.strip() else ""
    return text


_REMARKS = {"orcid": orcid_remark, "email": email_remark, "ror": ror_remark}


class PersonDialog(QDialog):
    """Asks for one person; what is typed is checked at once.

    Parameters
    ----------
    text
        The text form of the person to change; empty for a new one.
    """

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Change a person" if text else "Add a person")
        form = QFormLayout(self)
        self.boxes: dict[str, QLineEdit] = {}
        self.remarks: dict[str, RemarkLine] = {}
        for key, (label, example) in _ROWS.items():
            box = QLineEdit(self)
            box.setPlaceholderText(f"e.g. {example}")
            box.setMinimumWidth(240)
            self.boxes[key] = box
            form.addRow(label, box)
            if key in _REMARKS:
                self._check(key, box, form)
        self.roles = ChoicesEditor(CREDIT_ROLES, self)
        self.roles.setPlaceholderText("what this person did")
        self.roles.setAccessibleName("CRediT roles")
        form.addRow("Ro&les", self.roles)
        hint = QLabel("Only the name is needed. The ORCID iD makes the credit unmistakable.", self)
        hint.setWordWrap(True)
        form.addRow(hint)
        self.ok = QPushButton("&Change" if text else "&Add", self)
        self.ok.setProperty("primary", "true")
        self.ok.clicked.connect(self.accept)
        cancel = QPushButton("&Cancel", self)
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(cancel)
        buttons.addWidget(self.ok)
        form.addRow(buttons)
        self.boxes["name"].textChanged.connect(lambda _text: self._allow())
        if text:
            self._fill(text)
        self._allow()

    def _check(self, key: str, box: QLineEdit, form: QFormLayout) -> None:
        line = RemarkLine(_REMARKS[key], self)
        form.addRow("", line)
        box.textChanged.connect(line.say)
        box.textChanged.connect(lambda _text: self._allow())
        self.remarks[key] = line

    def _fill(self, text: str) -> None:
        try:
            person = read_person(fields()["study.authors"], text)
        except InvalidValue:
            self.boxes["name"].setText(text)
            return
        institution = person.affiliation
        for key, part in (
            ("name", person.name),
            ("orcid", person.orcid),
            ("email", person.email),
            ("institution", institution.name if institution else ""),
            ("ror", institution.ror if institution else ""),
        ):
            self.boxes[key].setText(part)
        self.roles.show_value("; ".join(person.roles))

    def text(self) -> str:
        """Return the person in the text form."""
        roles = [word for word, check in self.roles.checks.items() if check.isChecked()]
        texts = {key: box.text() for key, box in self.boxes.items()}
        return person_text(**texts, roles=roles)

    def _allow(self) -> None:
        wrong = any(line.tone == "error" for line in self.remarks.values())
        self.ok.setEnabled(bool(self.boxes["name"].text().strip()) and not wrong)
