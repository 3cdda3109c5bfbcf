"""The Live tab: what is being acquired, what is missing, notes, and watched folders."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QKeySequence, QShowEvent
from qtpy.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QShortcut,
    QVBoxLayout,
    QWidget,
)

from napari_fair.viewer import live_words as words
from napari_fair.viewer.banner import Answer, Banner
from napari_fair.viewer.live_cards import (
    BeginCard,
    Card,
    ChecklistCard,
    StateCard,
    plain,
)
from napari_fair.viewer.live_choices import Choice, offered, preset_of_choices
from napari_fair.viewer.live_cores import can_have_core, first_core
from napari_fair.viewer.live_notes import NotesCard
from napari_fair.viewer.live_points import hide_notes, show_notes
from napari_fair.viewer.live_questions import QuestionsCard
from napari_fair.viewer.live_style import live_style

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_fair.live import LiveImage
    from napari_fair.viewer.live_state import LiveModel
    from napari_fair.viewer.theme import Palette

_PAUSE = 50
"""Milliseconds in which what changes is shown together."""
_MOST_UNSAVED = 3


class LivePage(QScrollArea):
    """Shows a `LiveModel`.

    Parameters
    ----------
    go_to
        Puts the cursor into a field of the form.
    reveal
        Shows the Live tab.
    """

    def __init__(
        self,
        live: LiveModel,
        viewer: Any,
        go_to: Callable[[str], object],
        reveal: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("live")
        self.live, self._viewer, self._reveal = live, viewer, reveal
        self._points_of: tuple[object, ...] = ()
        self._unsaved_shown: tuple[str, ...] = ()
        self._build(go_to)
        self._arrange()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self._pause.timeout.connect(self.refresh)
        self._connected = False

    def _build(self, go_to: Callable[[str], object]) -> None:
        live = self.live
        self.state = StateCard(self)
        self.state.choose.clicked.connect(self.choose_folder)
        self.state.listen.clicked.connect(self.listen_to_first)
        self.unsaved = QWidget(self)
        self._unsaved_layout = QVBoxLayout(self.unsaved)
        self._unsaved_layout.setContentsMargins(10, 0, 10, 8)
        self._unsaved_layout.setSpacing(6)
        self.questions = QuestionsCard(live.answer, live.not_now, self)
        self.begin = BeginCard(self._begun, self)
        self.begin.sum_up.clicked.connect(live.sum_up)
        self.checklist = ChecklistCard(go_to, self)
        self.notes = NotesCard(live.note, live.forget_note)
        self.notes.points.toggled.connect(self._show_points)
        self.watch = Card("Watched folder", self)
        self.watch_words, self.watch_last = plain("", "muted", self), plain("", "muted", self)
        self.watch_problem = plain("", "error", self)
        self.watch_choose = QPushButton("&Watch a folder …", self)
        self.watch_choose.clicked.connect(self.choose_watched)
        self.watch_pause = QPushButton("&Pause", self)
        self.watch_pause.clicked.connect(self._pause_watching)
        self.watch_stop = QPushButton("S&top", self)
        self.watch_stop.clicked.connect(live.watch.stop)
        self.written = plain("", "muted", self)
        key = QShortcut(QKeySequence(NotesCard.KEY), self.parentWidget() or self)
        key.setContext(Qt.ShortcutContext.WindowShortcut)
        key.activated.connect(self.press_note)

    def _arrange(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.watch_choose, self.watch_pause, self.watch_stop):
            buttons.addWidget(button)
        buttons.addStretch()
        for label in (self.watch_words, self.watch_last, self.watch_problem):
            self.watch.column.addWidget(label)
        self.watch.column.addLayout(buttons)
        page = QWidget(self)
        page.setObjectName("page")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in self._cards():
            layout.addWidget(widget)
        self.written.setContentsMargins(10, 4, 10, 8)
        layout.addWidget(self.written)
        layout.addStretch()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(page)

    def _cards(self) -> tuple[QWidget, ...]:
        first = (self.state, self.unsaved, self.notes)
        return (*first, self.questions, self.checklist, self.begin, self.watch)

    def set_colours(self, colours: Palette) -> None:
        """Use these colours."""
        self.setStyleSheet(live_style(colours))

    # ---- following ----

    def follow(self) -> None:
        """Show what happens, for as long as the dock is shown."""
        if not self._connected:
            self._connected = True
            self.live.changed.connect(self._soon)
            self.live.progressed.connect(self._show_progress)
            self.offer()
            self.refresh()

    def rest(self) -> None:
        """Stop following; the listener goes on."""
        if self._connected:
            self._connected = False
            self.live.changed.disconnect(self._soon)
            self.live.progressed.disconnect(self._show_progress)
            self._pause.stop()

    def listen_to_first(self) -> None:
        """Listen to the core that was made first in this process: a person asked for it."""
        self.live.hear(first_core())

    def _soon(self) -> None:
        if not self._pause.isActive():
            self._pause.start()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Show what changed while another tab was shown."""
        super().showEvent(event)
        self.refresh()

    # ---- showing ----

    def refresh(self) -> None:
        """Show the state of the live session."""
        live = self.live
        live.watch.show_newest()
        if not self.isVisible():
            return
        self.state.show_state(
            live.listening,
            listening=live.listener is not None,
            place=words.folder_line(live.folder, live.home),
            tip=str(live.home or ""),
            problem=live.problem or live.saving.problem,
        )
        self.state.listen.setVisible(live.core is None and can_have_core())
        self._show_progress()
        self._show_unsaved()
        self.questions.ask(live.questions)
        self.show_report()
        self.notes.show_notes(live.notes)
        self.notes.setVisible(live.session is not None or live.current is not None)
        self.begin.show_preset(live.preset)
        self.begin.show_summary(live.summary, possible=live.session is not None)
        self._show_watch()
        text = words.written_line(live.saving.written)
        self.written.setText("Writing the record …" if live.saving.busy else text)
        self.written.setVisible(bool(self.written.text()))
        if self.notes.points.isChecked():
            self._refresh_points()

    def show_report(self) -> None:
        """Show what is missing for the image shown."""
        model = self.live.model
        self.checklist.show_report(model.report if model.image else None, model.file_name)

    def _show_progress(self) -> None:
        live = self.live
        self.state.show_image(live.current or live.last, running=live.current is not None)

    def _show_unsaved(self) -> None:
        singles = [image for image in self.live.unsaved if image.kind != "acquisition"]
        images = [image for image in self.live.unsaved if image.kind == "acquisition"]
        images = images[-_MOST_UNSAVED:]
        seen = tuple(f"{image.uid} {image.state}" for image in (*images, *singles))
        if seen == self._unsaved_shown:
            return
        self._unsaved_shown = seen
        while (item := self._unsaved_layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for image in reversed(images):
            self._unsaved_layout.addWidget(self._unsaved_banner(image, [image]))
        if singles:
            self._unsaved_layout.addWidget(self._unsaved_banner(singles[-1], singles))
        self.unsaved.setVisible(bool(images or singles))

    def _unsaved_banner(self, image: LiveImage, all_: list[LiveImage]) -> Banner:
        answers = [Answer("Let it go", partial(self.live.let_go, all_))]
        if image.state != "running":
            answers.insert(0, Answer("It is saved in …", partial(self.attach, image)))
        return Banner("▲", "warning", words.unsaved_line(image, len(all_)), answers)

    def _show_watch(self) -> None:
        watch = self.live.watch
        on = watch.folder is not None
        self.watch_words.setText(watch.sentence)
        self.watch_last.setText("\n".join(watch.arrived))
        self.watch_last.setVisible(bool(watch.arrived))
        self.watch_problem.setText(watch.problem)
        self.watch_problem.setVisible(bool(watch.problem))
        self.watch_choose.setVisible(not on)
        self.watch_pause.setVisible(on)
        self.watch_pause.setText("&Go on" if watch.paused else "&Pause")
        self.watch_stop.setVisible(on)

    # ---- doing ----

    def offer(self) -> None:
        """Gather what can be chosen at the start, in the background."""
        datasets = [session.dataset for session in self.live.model.sessions.all()]

        def gather() -> dict[str, list[Choice]]:
            from napari_fair.session.preset_shelf import saved_presets

            return offered(saved_presets().values(), datasets)

        self.live.model.runner.run("live choices", gather, self.begin.offer, self.live.model.fail)

    def _begun(self, choices: dict[str, Choice]) -> None:
        who = choices.get("who")
        self.live.begin(preset_of_choices(choices.values()), who.label if who else "")

    def choose_folder(self) -> None:
        """Ask where the images of this session are saved."""
        text = QFileDialog.getExistingDirectory(self, "Where are the images saved?")
        if text:
            self.live.choose_folder(Path(text))

    def choose_watched(self) -> None:
        """Ask which folder to watch."""
        text = QFileDialog.getExistingDirectory(self, "Which folder do the images arrive in?")
        if text:
            self.live.watch.start(Path(text))

    def _pause_watching(self) -> None:
        watch = self.live.watch
        if watch.paused:
            watch.go_on()
        else:
            watch.pause()

    def attach(self, image: LiveImage) -> None:
        """Ask where the data of an image are, a store being a folder."""
        text, _ = QFileDialog.getOpenFileName(
            self, f"Where is the {image.name}? For an OME-Zarr choose its zarr.json", ""
        )
        if text:
            path = Path(text)
            inside = path.name in ("zarr.json", ".zattrs", ".zgroup")
            self.live.attach(image, path.parent if inside else path)

    def press_note(self) -> None:
        """Note the text that is ready, or ask for one."""
        if self.live.active:
            if not self.notes.text.text().strip():
                self._reveal()
            self.notes.press()

    # ---- points ----

    def _image_layer(self) -> Any | None:
        image = self.live.current or self.live.last
        found = self.live.layer_of(image, self._viewer.layers) if image is not None else None
        if found is not None:
            return found
        images = [layer for layer in self._viewer.layers if type(layer).__name__ == "Image"]
        return images[-1] if images else None

    def _show_points(self, on: bool) -> None:
        if on:
            self._refresh_points()
        else:
            self._points_of = ()
            hide_notes(self._viewer)

    def _refresh_points(self) -> None:
        layer, notes = self._image_layer(), self.live.notes_of_image
        shown = (layer, notes)
        if layer is None or shown == self._points_of:
            return
        self._points_of = shown
        active = self._viewer.layers.selection.active
        show_notes(self._viewer, layer, notes)
        self._viewer.layers.selection.active = active
