"""Where the table stands: in the dock, or in a window of its own."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDialog, QLabel, QPushButton, QVBoxLayout, QWidget

from napari_fair.viewer.table_page import TablePage

_SIZE = (960, 520)


class TablePlace(QWidget):
    """Holds the table, or says where it is and takes it back."""

    def __init__(self, page: TablePage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.table = page
        self.window_of_its_own: QDialog | None = None
        self._words = QLabel("The table is in a window of its own.", self)
        self._words.setWordWrap(True)
        self._back = QPushButton("&Back into the dock", self)
        self._back.clicked.connect(self.take_back)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(page, 1)
        self._layout.addWidget(self._words, 0, Qt.AlignmentFlag.AlignCenter)
        self._layout.addWidget(self._back, 0, Qt.AlignmentFlag.AlignCenter)
        self._show_words(False)
        page.wider.clicked.connect(self.tear_out)

    def _show_words(self, out: bool) -> None:
        for widget in (self._words, self._back):
            widget.setVisible(out)
        self.table.wider.setVisible(not out)

    def tear_out(self) -> None:
        """Move the table into a window; closing the window brings it back."""
        window = QDialog(self)
        window.setWindowTitle("FAIR annotation: table")
        window.setWindowFlag(Qt.WindowType.Window)
        window.resize(*_SIZE)
        layout = QVBoxLayout(window)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)
        window.finished.connect(self._closed)
        self.window_of_its_own = window
        self._show_words(True)
        window.show()

    def take_back(self) -> None:
        """Close the window."""
        if self.window_of_its_own is not None:
            self.window_of_its_own.close()

    def _closed(self) -> None:
        window, self.window_of_its_own = self.window_of_its_own, None
        self._layout.insertWidget(0, self.table, 1)
        self.table.show()
        self._show_words(False)
        if window is not None:
            window.deleteLater()
