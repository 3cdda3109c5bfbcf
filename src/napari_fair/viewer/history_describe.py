"""Describe a step: one that only its outcome is known of, or one that was done elsewhere."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError
from qtpy.QtCore import QDateTime, Qt
from qtpy.QtWidgets import (
    QDateTimeEdit,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_fair.model import Parameter, Tool
from napari_fair.provenance.values import parameter_of
from napari_fair.viewer.history_words import value_text

_HOW = "one a line, e.g. sigma = 1.5"


class DescribeDialog(QDialog):
    """Asks for the tool, its version and parameters; for work done elsewhere also for layers.

    Parameters
    ----------
    tool, parameters
        What is proposed.
    layers
        The layers to choose inputs and results from; None for a step that has them already.
    """

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        tool: Tool | None = None,
        parameters: Iterable[Parameter] = (),
        layers: list[Any] | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Describe this step")
        self.resize(400, 460 if layers is not None else 360)
        tool = tool or Tool()
        self._proposed = tool
        self._known = {one.name: one for one in parameters}
        self.name = _line(tool.name, "e.g. Cellpose, Fiji: Subtract background")
        self.version = _line(tool.version, "e.g. 3.1.1")
        self.package = _line(tool.package, "name on the Python index, if it has one")
        self.homepage = _line(tool.homepage, "https://…")
        self.parameters = QPlainTextEdit(self)
        self.parameters.setPlaceholderText(_HOW)
        self.parameters.setPlainText("\n".join(_text(one) for one in self._known.values()))
        self.comment = _line("", "anything worth knowing")
        self.used = self.made = None
        self.when: QDateTimeEdit | None = None
        if layers is not None:
            self.used, self.made = _choice(layers), _choice(layers)
            self.when = QDateTimeEdit(QDateTime.currentDateTime(), self)
            self.when.setCalendarPopup(True)
        self.problem = QLabel("", self)
        self.problem.setProperty("tone", "error")
        self.problem.setWordWrap(True)
        self._arrange()

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        rows: list[tuple[str, QWidget | None]] = [
            ("&Tool", self.name),
            ("&Version", self.version),
            ("&Package", self.package),
            ("&Home page", self.homepage),
            ("Para&meters", self.parameters),
            ("Made &from", self.used),
            ("&Result", self.made),
            ("&When", self.when),
            ("&Comment", self.comment),
        ]
        for label, widget in rows:
            if widget is not None:
                widget.setAccessibleName(label.replace("&", ""))
                form.addRow(label, widget)
        self.keep = QPushButton("&Keep", self)
        self.keep.setProperty("primary", "true")
        self.keep.setDefault(True)
        self.keep.clicked.connect(self._check)
        cancel = QPushButton("Cance&l", self)
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(cancel)
        buttons.addWidget(self.keep)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.problem)
        layout.addLayout(buttons)

    def _check(self) -> None:
        problem = self._wrong()
        self.problem.setText(problem)
        if not problem:
            self.accept()

    def _wrong(self) -> str:
        if not self.name.text().strip():
            return "Say which tool did it."
        lines = self.parameters.toPlainText().splitlines()
        bad = next((text for text in lines if text.strip() and "=" not in text), None)
        if bad is not None:
            return f"“{bad.strip()}” has no “=”: write parameters as name = value, {_HOW}."
        address = self.homepage.text().strip()
        if address and not _is_address(address):
            return "A home page begins with https:// and has no spaces."
        if self.made is not None and not self.results():
            return "Choose the layer that is its result."
        return ""

    # ---- what was said ----

    def tool(self) -> Tool:
        """Return the tool."""
        said = {
            "name": self.name.text().strip(),
            "version": self.version.text().strip(),
            "package": self.package.text().strip(),
            "homepage": self.homepage.text().strip(),
        }
        same = said["name"] == self._proposed.name and said["package"] == self._proposed.package
        return (self._proposed if same else Tool()).model_copy(update=said)

    def said(self) -> tuple[Parameter, ...]:
        """Return the parameters; those left as they were keep their type."""
        found = []
        for text in self.parameters.toPlainText().splitlines():
            name, equals, value = text.partition("=")
            if not equals or not name.strip():
                continue
            known = self._known.get(name.strip())
            if known is not None and _text(known) == text.strip():
                found.append(known)
            else:
                parameter = parameter_of(name.strip(), _value(value.strip()))
                found.append(parameter or Parameter(name=name.strip(), value=value.strip()[:4096]))
        return tuple(found)

    def sources(self) -> list[Any]:
        """Return the layers it was made from."""
        return _chosen(self.used)

    def results(self) -> list[Any]:
        """Return the layers it gave."""
        return _chosen(self.made)

    def moment(self) -> str:
        """Return when it was done, ISO 8601 with offset; empty when not asked."""
        if self.when is None:
            return ""
        return self.when.dateTime().toUTC().toString("yyyy-MM-ddTHH:mm:ss") + "+00:00"


def _is_address(text: str) -> bool:
    try:
        Tool(homepage=text)
    except ValidationError:
        return False
    return text.startswith(("http://", "https://"))


def _line(text: str, hint: str) -> QLineEdit:
    line = QLineEdit(text)
    line.setPlaceholderText(hint)
    return line


def _choice(layers: list[Any]) -> QListWidget:
    found = QListWidget()
    found.setMaximumHeight(84)
    found.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    found.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    for layer in layers:
        item = QListWidgetItem(layer.name)
        item.setFlags(Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled)
        item.setCheckState(Qt.CheckState.Unchecked)
        item.setData(Qt.ItemDataRole.UserRole, layer)
        found.addItem(item)
    return found


def _chosen(choice: QListWidget | None) -> list[Any]:
    if choice is None:
        return []
    items = [choice.item(row) for row in range(choice.count())]
    return [
        item.data(Qt.ItemDataRole.UserRole)
        for item in items
        if item is not None and item.checkState() == Qt.CheckState.Checked
    ]


def _text(parameter: Parameter) -> str:
    value = parameter.value
    plain = isinstance(value, (bool, int, float, tuple))
    shown = repr(list(value) if isinstance(value, tuple) else value) if plain else str(value)
    return f"{parameter.name} = {shown if value is not None else value_text(parameter)}"


def _value(text: str) -> Any:
    """Return a number, truth or list as such, anything else as text."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return value if isinstance(value, (bool, int, float, str, list, tuple)) else text
