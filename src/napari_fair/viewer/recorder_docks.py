"""Docked widgets of plugins: which there are, what they are, what their fields show."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QObject, Signal
from qtpy.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QDockWidget,
    QDoubleSpinBox,
    QFormLayout,
    QGridLayout,
    QLabel,
    QLineEdit,
    QMainWindow,
    QRadioButton,
    QSpinBox,
    QWidget,
)

from napari_fair.model import Parameter, Tool
from napari_fair.provenance.software import package_tool
from napari_fair.provenance.values import parameter_of

if TYPE_CHECKING:
    from napari_fair.viewer.recorder_callers import Caller

_OURS = "napari_fair"
_MOST_FIELDS = 60


@dataclass(frozen=True)
class Proposal:
    """What probably did an opaque step.

    Attributes
    ----------
    sure
        Whether the tool was seen at work; else it is the only one, or the last one used.
    """

    tool: Tool
    parameters: tuple[Parameter, ...] = ()
    sure: bool = False


@dataclass(frozen=True)
class Dock:
    """A docked widget.

    Attributes
    ----------
    title
        As the dock shows it.
    widget
        A magicgui widget, or a `QWidget`.
    """

    title: str
    widget: Any

    @property
    def native(self) -> QWidget:
        """The Qt widget."""
        native = getattr(self.widget, "native", self.widget)
        return native  # type: ignore[no-any-return]

    @property
    def package(self) -> str:
        """Top-level package of the widget's own code, empty for a toolkit's."""
        function = getattr(self.widget, "__wrapped__", None)
        module = getattr(function, "__module__", None) or type(self.widget).__module__
        return str(module).partition(".")[0]


def docks(viewer: Any) -> list[Dock]:
    """Return the docked widgets of plugins; none without a window."""
    window = getattr(viewer, "window", None)
    if window is None:
        return []
    found = [Dock(title, widget) for title, widget in window.dock_widgets.items()]
    return [dock for dock in found if dock.package not in (_OURS, "napari")]


def guis_in(dock: Dock) -> Iterator[Any]:
    """Yield the magicgui functions of a docked widget: itself, or those that it keeps."""
    from magicgui.widgets import FunctionGui

    if isinstance(dock.widget, FunctionGui):
        yield dock.widget
        return
    for value in list(getattr(dock.widget, "__dict__", {}).values()):
        if isinstance(value, FunctionGui):
            yield value


# ---- which one it was ----


def propose(caller: Caller, docked: list[Dock], last_used: QWidget | None) -> Proposal | None:
    """Return the tool that a change probably comes from."""
    if caller.module and not caller.scripted:
        dock = next((one for one in docked if one.package == caller.package), None)
        tool = package_tool(caller.package)
        name = _plain_title(dock) if dock is not None else tool.package or caller.package
        return Proposal(tool.model_copy(update={"name": name}), _shown(dock), sure=True)
    if caller.scripted:
        return None
    dock = next((one for one in docked if one.native is last_used), None)
    if dock is None and len(docked) == 1:
        dock = docked[0]
    if dock is None:
        return None
    tool = package_tool(dock.package) if dock.package in sys.modules else Tool()
    return Proposal(tool.model_copy(update={"name": _plain_title(dock)}), _shown(dock))


def dock_of(widget: QWidget | None, docked: list[Dock]) -> QWidget | None:
    """Return the docked widget that a widget is in."""
    for one in docked:
        native = one.native
        if widget is not None and (native is widget or native.isAncestorOf(widget)):
            return native
    return None


def _plain_title(dock: Dock) -> str:
    """Return a dock's title without the plugin's name in brackets."""
    return dock.title.rpartition(" (")[0] or dock.title


# ---- what its fields show ----


def _shown(dock: Dock | None) -> tuple[Parameter, ...]:
    if dock is None:
        return ()
    from magicgui.widgets import Container

    pairs = _of_container(dock.widget) if isinstance(dock.widget, Container) else []
    if not pairs:
        pairs = list(_of_widget(dock))
    found: dict[str, Parameter] = {}
    for name, value in pairs[:_MOST_FIELDS]:
        parameter = parameter_of(name, value)
        if parameter is not None:
            found.setdefault(name, parameter)
    return tuple(found.values())


def _of_container(container: Any) -> list[tuple[str, Any]]:
    pairs = []
    for widget in container:
        if widget.gui_only or not hasattr(widget, "value") or isinstance(widget.value, QWidget):
            continue
        name = widget.name or widget.label
        value = widget.value
        shown = getattr(value, "name", value) if _is_layer(value) else value
        if name and not _is_button(widget):
            pairs.append((name, shown))
    return pairs


def _is_button(widget: Any) -> bool:
    from magicgui.widgets import Label, PushButton

    return isinstance(widget, (PushButton, Label))


def _is_layer(value: Any) -> bool:
    from napari.layers import Layer

    return isinstance(value, Layer)


def _of_widget(dock: Dock) -> Iterator[tuple[str, Any]]:
    names = {id(value): name for name, value in getattr(dock.widget, "__dict__", {}).items()}
    for child in dock.native.findChildren(QWidget):
        value = _value(child)
        if value is None or child.isHidden() or isinstance(child.parent(), QAbstractSpinBox):
            continue
        if isinstance(child.parent(), QComboBox):
            continue
        name = _label(child) or names.get(id(child), "") or child.objectName()
        yield (name.strip(" :*") or type(child).__name__), value


def _value(child: QWidget) -> Any:
    if isinstance(child, (QSpinBox, QDoubleSpinBox, QAbstractSlider)):
        return None if type(child).__name__ == "QScrollBar" else child.value()
    if isinstance(child, QComboBox):
        return child.currentText()
    if isinstance(child, (QCheckBox, QRadioButton)):
        return child.isChecked()
    if isinstance(child, QLineEdit):
        return child.text()
    return None


def _label(child: QWidget) -> str:
    """Return the words beside a field: its own, its label's, or those left of or above it."""
    if isinstance(child, QAbstractButton) and child.text():
        return child.text()
    if child.accessibleName():
        return child.accessibleName()
    parent = child.parentWidget()
    if parent is None:
        return ""
    for label in parent.findChildren(QLabel):
        if label.buddy() is child:
            return label.text()
    return _neighbour(parent.layout(), child)


def _neighbour(layout: Any, child: QWidget) -> str:
    if isinstance(layout, QFormLayout):
        label = layout.labelForField(child)
        return label.text() if isinstance(label, QLabel) else ""
    if layout is None or layout.indexOf(child) < 0:
        return ""
    if isinstance(layout, QGridLayout):
        row, column, _, _ = layout.getItemPosition(layout.indexOf(child))
        items = [layout.itemAtPosition(row, left) for left in range(column - 1, -1, -1)]
    else:
        items = [layout.itemAt(layout.indexOf(child) - 1)]
    words = (item.widget() for item in items if item is not None)
    return next((label.text() for label in words if isinstance(label, QLabel)), "")


# ---- seeing them come, and in use ----


class DockWatch(QObject):
    """Says when a widget is docked, and remembers which one was used last.

    Attributes
    ----------
    docked
        A widget was docked into the window.
    """

    docked = Signal()

    def __init__(self, viewer: Callable[[], Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._windows: list[weakref.ref[QMainWindow]] = []
        self.last_used: QWidget | None = None

    def start(self) -> None:
        """Watch the windows of this process."""
        application = QApplication.instance()
        if not isinstance(application, QApplication):
            return
        for window in application.topLevelWidgets():
            if isinstance(window, QMainWindow):
                window.installEventFilter(self)
                self._windows.append(weakref.ref(window))
        application.focusChanged.connect(self._focused)

    def stop(self) -> None:
        """Leave the windows alone."""
        for held in self._windows:
            window = held()
            if window is not None:
                with suppress(RuntimeError):  # Qt's part of it may be gone
                    window.removeEventFilter(self)
        self._windows.clear()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.disconnect(self._focused)
        self.last_used = None

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """See docks come; every event goes on."""
        if event is not None and event.type() == QEvent.Type.ChildAdded:
            child = event.child()  # type: ignore[attr-defined]
            if isinstance(child, QDockWidget):
                self.docked.emit()
        return False

    def _focused(self, _old: QWidget | None, new: QWidget | None) -> None:
        viewer = self._viewer()
        if new is None or viewer is None:
            return
        found = dock_of(new, docks(viewer))
        if found is not None:
            self.last_used = found
