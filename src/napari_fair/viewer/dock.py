"""The dock *FAIR annotation*."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QHideEvent, QKeySequence, QShowEvent
from qtpy.QtWidgets import QFileDialog, QShortcut, QWidget

from napari_fair.viewer import theme
from napari_fair.viewer.dock_layout import DockLayout
from napari_fair.viewer.late_page import LatePage
from napari_fair.viewer.live_look import CoreLook
from napari_fair.viewer.models import begin_to_record, guard_of, live_of, model_of
from napari_fair.viewer.preset_actions import PresetActions
from napari_fair.viewer.recorder import recorder_of
from napari_fair.viewer.review import ReviewDialog
from napari_fair.viewer.subjects import has_annotations, is_drawn, subject_of

if TYPE_CHECKING:
    from napari.components import ViewerModel

    from napari_fair.viewer.history_page import HistoryPage
    from napari_fair.viewer.live_page import LivePage
    from napari_fair.viewer.table_place import TablePlace

_PAUSE = 200
"""Milliseconds after an edit until the plan and the readiness are worked out anew."""


class FairDock(DockLayout):
    """Shows the image of the active layer, its record, and what is missing.

    Parameters
    ----------
    napari_viewer
        The viewer whose active layer is followed. No window is needed.

    Notes
    -----
    The state lives in `AnnotationModel`, one a viewer: a dock that is closed and opened again
    shows the same session.
    """

    def __init__(self, napari_viewer: ViewerModel, parent: QWidget | None = None) -> None:
        model = model_of(napari_viewer)
        super().__init__(model, parent)
        self._viewer = napari_viewer
        self._layer: Any = None
        self._connected = False
        self._seen: tuple[object, ...] = ()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self.guard = guard_of(napari_viewer)
        self.banners.heed(self.guard)
        self.recorder = recorder_of(napari_viewer)
        self._colours = theme.palette(napari_viewer.theme)
        self._scene = ""
        self._glance = QTimer(self)
        self._glance.setSingleShot(True)
        self.live_model = live_of(napari_viewer)
        self.late_live = LatePage(self.make_live, self)
        self.add_page("Live", self.late_live)
        self._core_look = CoreLook(self.live_model, napari_viewer, self)
        self.presets = PresetActions(self.model, self.quick.menu, self.form.commit, self)
        self._connect_widgets()
        self._apply_theme()
        self.follow()
        self._subject_changed()
        self._recorder_changed()
        self._seen = self._now()

    # pages that are made when they are needed

    @property
    def live(self) -> LivePage:
        """The Live tab."""
        return self.late_live.page

    def make_live(self) -> LivePage:
        """Return a new Live tab, which follows what happens."""
        from napari_fair.viewer.live_page import LivePage

        page = LivePage(self.live_model, self._viewer, self.go_to, self.show_live, self)
        page.set_colours(self._colours)
        if self._connected:
            page.follow()
        return page

    def make_table(self) -> TablePlace:
        """Return a new Table tab in the theme's colours."""
        place = super().make_table()
        place.table.set_colours(self._colours)
        return place

    def make_history(self) -> HistoryPage:
        """Return a new History tab, which puts the steps into the record from now on."""
        page = super().make_history()
        page.set_colours(self._colours)
        page.heed(self.recorder)
        return page

    def _recorder_changed(self) -> None:
        """Have the steps that are recorded put into the record."""
        if self.recorder.on or self.recorder.ledger.steps:
            _ = self.history

    def _connect_widgets(self) -> None:
        self.readiness.clicked.connect(self.go_to_first_missing)
        self.tabs.currentChanged.connect(self._tab_changed)
        self.form.filled.connect(self.order_tabs)
        self.footer.save.clicked.connect(self.save)
        self.footer.review.clicked.connect(self.review_changes)
        self._pause.timeout.connect(self._work_out)
        self._glance.timeout.connect(self.guard.look)
        for keys, do in (
            (QKeySequence(QKeySequence.StandardKey.Undo), self.model.undo),
            (QKeySequence("Ctrl+Shift+Z"), self.model.redo),
        ):
            shortcut = QShortcut(keys, self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(do)

    def _tab_changed(self, index: int) -> None:
        self.form.commit()
        self.pages.setCurrentIndex(index)
        if index == 1:
            self.order_tabs()
        if index == 0:  # the form is not kept up to date while it cannot be seen
            self._show_values()
        self._show_level()
        self.model.saving.cover_all(self.pages.currentWidget() is self.late_table)

    # following the viewer

    def showEvent(self, event: QShowEvent | None) -> None:
        """Follow the viewer while shown."""
        super().showEvent(event)
        if not self._connected:
            self._connect_all()
            self._look_for_annotations()
            self.follow()
            if self._seen != self._now():
                self._subject_changed()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Keep what is typed and stop following: the dock may be about to be destroyed."""
        if event is None or not event.spontaneous():
            self.form.commit()
            self._disconnect_all()
        super().hideEvent(event)

    def _connections(self) -> list[tuple[Any, Any]]:
        model = self.model
        return [
            (self._viewer.layers.selection.events.active, self._active_changed),
            # the selection empties before the layer is gone
            (self._viewer.layers.events.removed, self._layers_changed),
            (self._viewer.layers.events.inserted, self._look_for_annotations),
            (self._viewer.events.theme, self._theme_changed),
            (model.subject_changed, self._subject_changed),
            (model.form_changed, self._form_changed),
            (model.record_changed, self._record_changed),
            (model.checked, self._checked),
            (self.live_model.changed, self._show_live_tab),
            (self.recorder.changed, self._recorder_changed),
            (model.leaving, self.form.commit),
            (model.told, self._tell),
            (self.guard.stirred, self._layers_stirred),
            (self.guard.changed, self.banners.refresh),
            (model.saving.changed, self.footer.refresh),
            (model.saving.file_needed, self._ask_for_file),
            (model.saving.place_needed, self._ask_for_place),
        ]

    def _connect_all(self) -> None:
        for signal, slot in self._connections():
            signal.connect(slot)
        self.guard.watch()
        self._connected = True
        begin_to_record(self._viewer)
        if self.late_live.made is not None:
            self.live.follow()
        self._core_look.start()
        self._recorder_changed()

    def _now(self) -> tuple[object, ...]:
        """Return what is shown, to tell whether it changed while nobody listened."""
        model, session = self.model, self.model.session
        record = (session, session.dataset) if session is not None else ()
        return (model.subject, model.image_id, model.level, model.sentence, record)

    def _disconnect_all(self) -> None:
        if self._connected:
            for signal, slot in self._connections():
                signal.disconnect(slot)
            self.guard.rest()
            self._core_look.stop()
            if self.late_live.made is not None:
                self.live.rest()
            self._glance.stop()
            self._connected = False
            self._seen = ()
        self._watch(None)

    def _active_changed(self, _event: Any = None) -> None:
        self.form.commit()
        self.follow()

    def _look_for_annotations(self, _event: Any = None) -> None:
        found = any(has_annotations(layer) for layer in self._viewer.layers)
        if found is not self.model.annotated:
            self.model.annotated = found
            self.form.refresh()

    def _layers_changed(self, _event: Any = None) -> None:
        self._look_for_annotations()
        if not len(self._viewer.layers):
            self.follow()

    def _layers_stirred(self) -> None:
        self._glance.start()

    def follow(self) -> None:
        """Show the image of the active layer; it stays when none, or a drawing on it, is active."""
        layer = self._viewer.layers.selection.active
        if is_drawn(layer) and self.model.session is not None:
            return
        self._watch(layer)
        if layer is not None or not len(self._viewer.layers):
            acquired = self.live_model.subject_of(layer)
            self.model.look_at(acquired or subject_of(self.guard.origin(layer)))
            self._show_scene()

    def _show_scene(self) -> None:
        """Show the scene of the file that the active layer shows, if that is clear."""
        scene = self.guard.scene(self.guard.origin(self._layer))
        if scene and scene != self._scene:
            self._scene = scene
            self.model.choose_image(scene)

    def _watch(self, layer: Any) -> None:
        if layer is self._layer:
            return
        if self._layer is not None:
            self._layer.events.thumbnail.disconnect(self._thumbnail_changed)
        self._layer = layer
        if layer is not None:
            layer.events.thumbnail.connect(self._thumbnail_changed)
            self.head.show_thumbnail(layer.thumbnail)

    def _thumbnail_changed(self, _event: Any = None) -> None:
        if self._layer is not None:
            self.head.show_thumbnail(self._layer.thumbnail)

    # showing

    def _subject_changed(self) -> None:
        self._show_scene()
        shown = self._shown
        if self._layer is None and not shown:
            self.head.show_thumbnail(None)
        for widget in (self.readiness, self.levels, self.quick, self.footer):
            widget.setVisible(shown)
        self._show_live_tab()
        self._show_level()
        self.pages.setVisible(True)
        self.model.saving.forget()
        self._refresh_table()
        if self.late_history.made is not None:
            self.history.refresh()
        self._form_changed()
        self._checked()
        self._pause.stop()
        self._work_out()

    def _show_level(self) -> None:
        beside = self.pages.currentWidget() in (self.late_history, self.late_live)
        for widget in (self.readiness, self.levels):
            widget.setVisible(self._shown and not beside)

    @property
    def _shown(self) -> bool:
        return self.model.session is not None and self.model.renamed is None

    def _show_live_tab(self) -> None:
        """Offer the Live tab while something is live, alone while there is no image."""
        live = self.live_model
        if live.active:
            _ = self.live
        last = self.tabs.count() - 1
        history = self.pages.indexOf(self.late_history)  # recording can begin before any image
        kept = {history} if live.active else {0, history}
        for place in range(last):
            self.tabs.setTabVisible(place, self._shown or place in kept)
        self.tabs.setTabVisible(last, live.active)
        self.tabs.setTabText(last, "Live ▲" if live.unsaved or live.questions else "Live")
        if live.active and not self._shown and self.tabs.currentIndex() != history:
            self.tabs.setCurrentIndex(last)

    def show_live(self) -> None:
        """Show the live session, also before anything is acquired."""
        self.live_model.want()
        self._show_live_tab()
        self.tabs.setCurrentIndex(self.tabs.count() - 1)

    def _form_changed(self) -> None:
        self.form.rebuild()
        self.order_tabs()
        self._show_around()
        self.levels.refresh()
        bar = self.scrolls[0].verticalScrollBar()
        if bar is not None:
            bar.setValue(0)

    def _record_changed(self) -> None:
        self._show_values()
        self._pause.start()

    def _show_values(self) -> None:
        if self.pages.currentIndex() == 0:
            self.form.refresh()
        self._refresh_table()
        self._show_around()

    def _refresh_table(self) -> None:
        if self.late_table.made is not None:
            self.table.refresh()

    def _show_around(self) -> None:
        self.guard.look()
        self.head.refresh()
        if self.pages.currentIndex() == 0:
            self.quick.refresh()
        self.banners.refresh()
        self.footer.refresh()

    def _work_out(self) -> None:
        if self.model.session is not None:
            self.model.check()
            self.model.saving.make_plan()

    def _checked(self) -> None:
        self.readiness.show_report(self.model.report)
        if self.late_rules.made is not None:
            self.rules.refresh()
        if self.late_live.made is not None:
            self.live.show_report()

    def _tell(self, kind: str, sentence: str) -> None:
        from napari.utils import notifications

        show = {
            "info": notifications.show_info,
            "warning": notifications.show_warning,
            "error": notifications.show_error,
        }
        show[kind](sentence)

    def _theme_changed(self, _event: Any = None) -> None:
        self._apply_theme()

    def _apply_theme(self) -> None:
        colours = self._colours = theme.palette(self._viewer.theme)
        self.setStyleSheet(theme.style_sheet(colours))
        self.form.set_popup_style(theme.popup_style(colours))
        if self.late_history.made is not None:
            self.history.set_colours(colours)
        if self.late_live.made is not None:
            self.live.set_colours(colours)
        if self.late_table.made is not None:
            self.table.set_colours(colours)

    # going and doing

    def go_to_first_missing(self) -> None:
        """Put the cursor into the first essential field that is empty."""
        missing = self.form.missing()
        open_fields = [r.field for r in self.model.report.to_go] if self.model.report else []
        for path in [*missing, *open_fields]:
            if self.go_to(path):
                return

    def save(self) -> None:
        """Keep what is typed and write the sidecars."""
        self.form.commit()
        if self.late_history.made is None:
            self.model.saving.save()
        else:
            self.history.settle(self.model.saving.save)

    @property
    def settled(self) -> bool:
        """Whether nothing is being read, worked out or written for the image shown."""
        waiting = self._pause.isActive() or self._glance.isActive() or self.form.waiting
        return not waiting and self.model.runner.idle

    def review_changes(self) -> None:
        """List the files that Save would write."""
        self.form.commit()
        plan = self.model.saving.plan
        if plan is not None and ReviewDialog(self.model.saving.changes, plan, self).exec():
            self.save()

    def _ask_for_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, "Where is this image? Choose its file, or save the layer first", ""
        )
        if path:
            self.model.bind_file(Path(path))
            self.model.told.emit("info", "The draft now belongs to this file; press Save to write.")

    def _ask_for_place(self) -> None:
        folder = QFileDialog.getExistingDirectory(
            self, "The image's folder cannot be written. Where may the record go?"
        )
        if folder:
            self.model.saving.save_elsewhere(Path(folder))
