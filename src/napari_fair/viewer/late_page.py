"""A page of a tab that is made when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_fair.viewer.qt_text import lay_out

_Page = TypeVar("_Page", bound=QWidget)


class LatePage(QWidget, Generic[_Page]):
    """Stands for a page, which is made and styled when it is first shown or asked for.

    Most people look at one or two tabs: the others cost nothing when the dock opens.

    Parameters
    ----------
    make
        Makes the page.
    """

    def __init__(self, make: Callable[[], _Page], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self.made: _Page | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)

    @property
    def page(self) -> _Page:
        """The page; the first call makes it."""
        if self.made is None:
            self.made = self._make()
            layout = self.layout()
            if layout is not None:
                layout.addWidget(self.made)
        return self.made

    def showEvent(self, event: QShowEvent | None) -> None:
        """Make the page before anybody sees that it is not there."""
        if self.made is None:
            self.page.show()
            lay_out()
        super().showEvent(event)
