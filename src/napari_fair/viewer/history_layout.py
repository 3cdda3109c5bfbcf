"""What stands where in the History tab."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from napari_fair.viewer import history_words as words
from napari_fair.viewer.history_graph import HistoryGraph
from napari_fair.viewer.history_head import HistoryHead


class HistoryLayout(QWidget):
    """The widgets of the tab, from the head to Replay; it hears no events."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("history")
        self._build()
        self._arrange()

    def _build(self) -> None:
        self.head = HistoryHead(self)
        self.narrow = QComboBox(self)
        self.narrow.setAccessibleName("Which steps")
        for label, word in words.FILTERS:
            self.narrow.addItem(label, word)
        self.narrow.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.narrow.setMinimumContentsLength(8)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Filter")
        self.search.setAccessibleName("Filter the steps by words")
        self.search.setClearButtonEnabled(True)
        self.as_graph = QPushButton("&Graph", self)
        self.as_graph.setCheckable(True)
        self.as_graph.setToolTip("Show what came from what")
        self.graph = HistoryGraph(self)
        self.earlier = QPushButton("Show earlier steps", self)
        self.earlier.setProperty("link", "true")
        self.nothing = QLabel("", self)
        self.nothing.setProperty("role", "muted")
        self.nothing.setWordWrap(True)
        self.nothing.setContentsMargins(10, 10, 10, 10)
        self.list = QWidget(self)
        self.list.setObjectName("page")
        self.rows_layout = QVBoxLayout(self.list)
        self.rows_layout.setContentsMargins(0, 0, 0, 0)
        self.rows_layout.setSpacing(0)
        self.rows_layout.addWidget(self.earlier, 0, Qt.AlignmentFlag.AlignHCenter)
        self.rows_layout.addWidget(self.nothing)
        self.rows_layout.addStretch()
        self.views = QStackedWidget(self)
        self.scrolls = [_scrolling(self.list), _scrolling(_top(self.graph))]
        for view in self.scrolls:
            self.views.addWidget(view)
        self.verdict = QLabel("", self)
        self.verdict.setWordWrap(True)
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self.verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.verdict.hide()
        self.elsewhere = QPushButton("&Describe …", self)
        self.elsewhere.setToolTip("Describe a step that was done elsewhere, e.g. in Fiji")
        self.unsaved = QLabel("", self)
        self.unsaved.setProperty("role", "muted")
        self.unsaved.setWordWrap(True)
        self.save_results = QPushButton("Save &results …", self)
        self.save_results.setToolTip("Write results that are in no file yet beside the image")
        for widget in (self.unsaved, self.save_results):
            widget.hide()
        self.script = QPushButton("Scri&pt", self)
        self.notebook = QPushButton("&Notebook", self)
        self.replay = QPushButton("Repla&y", self)
        self.replay.setProperty("primary", "true")

    def _arrange(self) -> None:
        filters = QHBoxLayout()
        filters.setContentsMargins(10, 6, 10, 6)
        filters.setSpacing(6)
        filters.addWidget(self.narrow, 3)
        filters.addWidget(self.search, 2)
        filters.addWidget(self.as_graph)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(10, 6, 10, 6)
        buttons.setSpacing(4)
        buttons.addWidget(self.elsewhere)
        buttons.addStretch()
        for button in (self.script, self.notebook, self.replay):
            buttons.addWidget(button)
        foot = QFrame(self)
        foot.setObjectName("section")
        below = QVBoxLayout(foot)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        told = QHBoxLayout()
        told.setContentsMargins(10, 6, 10, 0)
        told.addWidget(self.verdict)
        below.addLayout(told)
        results = QHBoxLayout()
        results.setContentsMargins(10, 6, 10, 0)
        results.addWidget(self.unsaved, 1)
        results.addWidget(self.save_results)
        below.addLayout(results)
        below.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addLayout(filters)
        layout.addWidget(self.views, 1)
        layout.addWidget(foot)


def _top(widget: QWidget) -> QWidget:
    page = QWidget()
    page.setObjectName("page")
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(widget)
    layout.addStretch()
    return page


def _scrolling(page: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    return area
