"""Which named block the image shown uses, at the head of its section."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtGui import QActionGroup
from qtpy.QtWidgets import QHBoxLayout, QLabel, QMenu, QWidget

from napari_fair.files import FairError
from napari_fair.viewer.block_dialogs import BlockNameDialog
from napari_fair.viewer.qt_text import ElidedButton
from napari_fair.viewer.state import sentence_of

if TYPE_CHECKING:
    from napari_fair.session.blocks import BlockUse
    from napari_fair.viewer.state import AnnotationModel

WORDS = {
    "component": "Study component",
    "biosample": "Sample",
    "specimen": "Specimen",
    "acquisition": "Acquisition",
    "annotation": "Annotation method",
    "correlation": "Correlation",
    "analysis": "Analysis",
    "instrument": "Instrument",
}


class BlockChooser(QWidget):
    """A button that says the block's name and opens what can be done with blocks.

    Parameters
    ----------
    kinds
        The kinds of blocks of the section; several of them have a menu each.
    """

    def __init__(
        self, model: AnnotationModel, kinds: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model, self.kinds = model, tuple(kinds)
        self.button = ElidedButton(self)
        self.button.setProperty("link", "true")
        self.button.setProperty("chooser", "true")
        self.button.elide = Qt.TextElideMode.ElideMiddle
        self.count = QLabel(self)
        self.count.setProperty("role", "id")
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self.fill)
        self.button.setMenu(self.menu)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addStretch()
        layout.addWidget(self.button)
        layout.addWidget(self.count)

    def refresh(self) -> None:
        """Say which blocks the image uses and how many images share them."""
        found = [(kind, self._used(kind)) for kind in self.kinds]
        names = [use.name for _, use in found if use is not None]
        self.button.setText(_escaped(f"{' · '.join(names) or 'Name it'} ▾"))
        only = found[0][1] if len(found) == 1 else None
        self.count.setText(f"· used by {_images(only.images)}" if only is not None else "")
        sentence = "; ".join(
            f"{WORDS[kind]}: {use.name}, used by {_images(use.images)}"
            for kind, use in found
            if use is not None
        )
        self.button.setToolTip(sentence or f"{self._words()}: choose, name or copy one")
        self.button.setAccessibleName(f"{sentence or self._words()}. Choose, name or copy")
        self.count.setToolTip(sentence)

    def _words(self) -> str:
        return " and ".join(WORDS[kind].lower() for kind in self.kinds).capitalize()

    def wanted(self, *, always: bool) -> bool:
        """Return whether there is something to choose or to share."""
        blocks = self._model.blocks
        several = blocks.images() > 1
        return (
            always
            or several
            or any(use.label for k in self.kinds if k != "instrument" for use in blocks.all(k))
        )

    def _used(self, kind: str) -> BlockUse | None:
        block = self._model.blocks.used(kind)
        return next((u for u in self._model.blocks.all(kind) if block and u.id == block.id), None)

    # the menu

    def fill(self) -> None:
        """Offer the blocks there are and what can be done."""
        for below in self.menu.findChildren(QMenu):  # clear() leaves them behind
            below.deleteLater()
        self.menu.clear()
        for kind in self.kinds:
            menu = self.menu if len(self.kinds) == 1 else self.menu.addMenu(WORDS[kind])
            if menu is not None:
                self._fill_kind(menu, kind)

    def _fill_kind(self, menu: QMenu, kind: str) -> None:
        blocks, used = self._model.blocks, self._used(kind)
        group = QActionGroup(menu)
        for use in blocks.all(kind):
            action = menu.addAction(_escaped(f"{use.name} – {_images(use.images)}"))
            if action is not None:
                action.setCheckable(True)
                action.setChecked(used is not None and use.id == used.id)
                action.setToolTip("This image uses it from now on")
                group.addAction(action)
                do = partial(self._do, blocks.use, kind, use.id)
                action.triggered.connect(lambda _checked=False, do=do: do())
        menu.addSeparator()
        if used is not None:
            self._fill_scopes(menu, kind, used)
        _add(menu, "&New …", partial(self._ask_new, kind))
        _add(menu, "&Duplicate …", partial(self._ask_copy, kind), used is not None)
        _add(menu, "&Rename …", partial(self._ask_name, kind), used is not None)
        self._fill_unused(menu, kind)

    def _fill_scopes(self, menu: QMenu, kind: str, used: BlockUse) -> None:
        blocks, source = self._model.blocks, self._model.source
        total = blocks.images()
        if source is not None and 1 < len(source.images) < total:
            words = f"Use it for all {len(source.images)} images of this &file"
            _add(menu, words, partial(self._do, blocks.use_in_file, kind, used.id))
        if used.images < total:
            words = f"Use it for &all {total} images"
            _add(menu, words, partial(self._do, blocks.use_everywhere, kind, used.id))

    def _fill_unused(self, menu: QMenu, kind: str) -> None:
        unused = self._model.blocks.unused(kind)
        if not unused:
            return
        below = menu.addMenu("Remove &unused")
        for use in unused if below is not None else ():
            _add(
                below,
                _escaped(use.name),
                partial(self._do, self._model.blocks.remove, kind, use.id),
            )

    def _ask_new(self, kind: str) -> None:
        self._ask(kind, f"New {WORDS[kind].lower()}", "", lambda label: self._add(kind, label))

    def _ask_copy(self, kind: str) -> None:
        used = self._used(kind)
        if used is not None:
            name = self._model.blocks.free_label(kind, f"{used.name} copy")
            title = f"Duplicate {WORDS[kind].lower()}"
            self._ask(kind, title, name, lambda label: self._add(kind, label, used.id))

    def _ask_name(self, kind: str) -> None:
        used = self._used(kind)
        if used is not None:
            title = f"Rename {WORDS[kind].lower()}"
            rename = self._model.blocks.rename
            name = used.label or used.name
            self._ask(kind, title, name, lambda label: rename(kind, used.id, label), used.id)

    def _add(self, kind: str, label: str, copied: str = "") -> None:
        self._model.blocks.add(kind, label, copied)

    def _ask(
        self, kind: str, title: str, name: str, do: Callable[[str], None], id: str = ""
    ) -> None:
        check = partial(self._model.blocks.problem, kind, id=id)
        dialog = BlockNameDialog(title, name, check, self)
        if dialog.exec():
            self._do(do, dialog.name.text())

    def _do(self, change: Callable[..., None], *arguments: object) -> None:
        try:
            change(*arguments)
        except (FairError, OSError) as error:
            self._model.told.emit("error", sentence_of(error))


def _add(menu: QMenu | None, words: str, do: Callable[..., None], enabled: bool = True) -> None:
    action = menu.addAction(words) if menu is not None else None
    if action is not None:
        action.setEnabled(enabled)
        action.triggered.connect(lambda _checked=False: do())


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count} images"


def _escaped(text: str) -> str:
    return text.replace("&", "&&")
