"""When the cursor comes to an editor and when it leaves: told in one place for all editors."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtGui import QFocusEvent


class TellsFocus:
    """Mix-in for a widget with a signal ``focused(bool)``; stands before the Qt class.

    Attributes
    ----------
    commits_when_left
        Whether `commit` is called when the cursor leaves for anything but a popup of the editor.
    """

    focused: Any
    commits_when_left = False

    def commit(self) -> None:
        """Hand on the value if it was changed."""

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Tell that the hint is wanted."""
        super().focusInEvent(event)  # type: ignore[misc]
        self.focused.emit(True)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Tell that the hint is no longer wanted, and keep the value."""
        super().focusOutEvent(event)  # type: ignore[misc]
        self.focused.emit(False)
        popup = event is not None and event.reason() == Qt.FocusReason.PopupFocusReason
        if self.commits_when_left and not popup:
            self.commit()
