"""What stands where in the dock."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from napari_fair.viewer.banners import Banners
from napari_fair.viewer.footer import Footer
from napari_fair.viewer.form import Form
from napari_fair.viewer.head import Head
from napari_fair.viewer.late_page import LatePage
from napari_fair.viewer.level_choice import LevelChoice
from napari_fair.viewer.quick_bar import QuickBar
from napari_fair.viewer.readiness_view import ReadinessLine, ReadinessView

if TYPE_CHECKING:
    from napari_fair.viewer.history_page import HistoryPage
    from napari_fair.viewer.state import AnnotationModel
    from napari_fair.viewer.table_page import TablePage
    from napari_fair.viewer.table_place import TablePlace

_TABS = ("Describe", "Table", "History", "Readiness")


class DockLayout(QWidget):
    """The widgets of the dock, from the head to Save; it hears no events."""

    def __init__(self, model: AnnotationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.setObjectName("fair_dock")
        # napari puts a stretch below widgets that do not expand
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._build(model)
        self._arrange()

    def _build(self, model: AnnotationModel) -> None:
        self.head = Head(model, self)
        self.banners = Banners(model, self)
        self.readiness = ReadinessLine(self)
        self.levels = LevelChoice(model, self)
        self.tabs = QTabBar(self)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName("Describe, Table, History or Readiness")
        for name in _TABS:
            self.tabs.addTab(name)
        self.quick = QuickBar(model, self)
        self.form = Form(model, self)
        self.pages = QStackedWidget(self)
        describe = _stacked(self, self.quick, self.banners, self.form)
        self.late_table = LatePage(self.make_table, self)
        self.late_history = LatePage(self.make_history, self)
        self.late_rules = LatePage(self.make_rules, self)
        self.scrolls = [_scrolling(page) for page in (describe, self.late_rules)]
        for page in (self.scrolls[0], self.late_table, self.late_history, self.scrolls[1]):
            self.pages.addWidget(page)
        self.footer = Footer(model, self)

    # pages that are made when they are first shown, or asked for

    @property
    def table(self) -> TablePage:
        """The Table tab, wherever it stands."""
        return self.late_table.page.table

    @property
    def history(self) -> HistoryPage:
        """The History tab."""
        return self.late_history.page

    @property
    def rules(self) -> ReadinessView:
        """The Readiness tab."""
        return self.late_rules.page

    def make_table(self) -> TablePlace:
        """Return a new Table tab."""
        from napari_fair.viewer.table_page import TablePage
        from napari_fair.viewer.table_place import TablePlace

        return TablePlace(TablePage(self.model, self), self)

    def make_history(self) -> HistoryPage:
        """Return a new History tab."""
        from napari_fair.viewer.history_page import HistoryPage

        return HistoryPage(self.model, self)

    def make_rules(self) -> ReadinessView:
        """Return a new Readiness tab."""
        return ReadinessView(self.model, self.go_to, self)

    def add_page(self, name: str, page: QWidget) -> None:
        """Add a tab with its page."""
        self.tabs.addTab(name)
        self.pages.addWidget(page)

    def _arrange(self) -> None:
        narrow = QVBoxLayout()
        narrow.setContentsMargins(10, 0, 10, 4)
        narrow.setSpacing(8)
        narrow.addWidget(self.readiness)
        narrow.addWidget(self.levels)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addLayout(narrow)
        layout.addLayout(self._tab_line())
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.footer)

    def _tab_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 10, 0)
        line.addWidget(self.tabs)
        line.addStretch()
        return line

    def sizeHint(self) -> QSize:
        """As wide as a form needs; napari's other docks keep their place."""
        return QSize(380, 560)

    def minimumSizeHint(self) -> QSize:
        """Usable at this size: everything else scrolls."""
        return QSize(300, 320)

    def order_tabs(self) -> None:
        """Tab goes through the form before it reaches Save, whenever the rows were made."""
        chain: list[QWidget] = [
            self.tabs,
            self.quick.same,
            self.quick.presets,
            self.quick.differ,
            *self.form.focus_chain(),
            *(self.table.focus_chain() if self.late_table.made is not None else ()),
            self.footer.cancel,
        ]
        chain += [self.footer.review, self.footer.save]
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    def go_to(self, path: str) -> bool:
        """Put the cursor into a field; returns False when the form does not ask for it."""
        row = self.form.row(path)
        if row is None:
            return False
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        self.tabs.setCurrentIndex(0)
        self.form.open_for(row)
        row.reveal()
        row.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        return True


def _stacked(parent: QWidget, *widgets: QWidget) -> QWidget:
    page = QWidget(parent)
    page.setObjectName("page")
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for widget in widgets:
        layout.addWidget(widget)
    layout.setStretch(len(widgets) - 1, 1)
    return page


def _scrolling(page: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    return area
