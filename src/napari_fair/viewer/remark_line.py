"""The line below an editor that says what is odd, or good, about what is typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QLabel, QWidget

from napari_fair.viewer.qt_text import restyle

if TYPE_CHECKING:
    from napari_fair.session.remarks import Remark

_PAUSE = 120
"""Milliseconds after a letter until something is said of the text."""
_ICONS = {"good": "✓ ", "warning": "▲ ", "error": "✕ "}


class RemarkLine(QLabel):
    """Hidden as long as there is nothing to say.

    Parameters
    ----------
    remark
        What there is to say about a text.
    """

    def __init__(self, remark: Callable[[str], Remark | None], parent: QWidget) -> None:
        super().__init__(parent)
        self._remark, self._text = remark, ""
        self.tone = ""
        self.setProperty("role", "remark")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.hide()
        self._pause: QTimer | None = None

    def say_soon(self, text: str) -> None:
        """Say something of a text when typing pauses."""
        self._text = text
        if self._pause is None:
            self._pause = QTimer(self)
            self._pause.setSingleShot(True)
            self._pause.setInterval(_PAUSE)
            self._pause.timeout.connect(self._say_pending)
        self._pause.start()

    def _say_pending(self) -> None:
        self.say(self._text)

    def say(self, text: str) -> None:
        """Say something of a text now."""
        self.show_remark(self._remark(text))

    def show_remark(self, remark: Remark | None) -> None:
        """Show a remark, or none."""
        if self._pause is not None:
            self._pause.stop()
        self.tone = remark.tone if remark is not None else ""
        if remark is not None:
            self.setText(f"{_ICONS.get(remark.tone, '')}{remark.text}")
            restyle(self, tone=remark.tone)
        if self.isHidden() is (remark is not None):
            self.setVisible(remark is not None)
