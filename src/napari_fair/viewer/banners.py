"""Things a person should know or decide before the form: drafts, conflicts, notes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QPushButton, QVBoxLayout, QWidget

from napari_fair.files import FairError
from napari_fair.model import field, split_path
from napari_fair.viewer import wording
from napari_fair.viewer.banner import Answer, Banner, Note

if TYPE_CHECKING:
    from napari_fair.model import Conflict, Dataset, Field, ImageSource, Recorded
    from napari_fair.session import Draft, Session
    from napari_fair.session.calibration_notices import Notice
    from napari_fair.viewer.calibration_guard import CalibrationGuard
    from napari_fair.viewer.state import AnnotationModel

_MOST_NOTES = 2


class Banners(QWidget):
    """What asks for an answer first, then what the file and the folder have to say."""

    def __init__(self, model: AnnotationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._seen: tuple[object, ...] | None = None
        self._all_notes = False
        self._guard: CalibrationGuard | None = None
        self._refused: dict[tuple[str, str], str] = {}
        self.banners: list[Banner] = []
        self.notes: list[Note] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(10, 8, 10, 8)
        self._layout.setSpacing(7)

    def heed(self, guard: CalibrationGuard) -> None:
        """From now on also say what the guard of the calibration says."""
        self._guard = guard

    def refresh(self) -> None:
        """Show what there is to know; nothing moves when nothing changed."""
        model, session = self._model, self._model.session
        record = session and (id(session), session.draft, session.conflicts, session.notes)
        seen = (
            model.sentence,
            model.header,
            model.image_id,
            model.renamed,
            record,
            self._notices(),
        )
        if seen != self._seen:
            self._seen, self._all_notes = seen, False
            self._refused = {}
            self._rebuild()

    def _rebuild(self) -> None:
        while (item := self._layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.banners = self._made()
        texts = self._texts()
        shown = texts if self._all_notes else texts[:_MOST_NOTES]
        self.notes = [Note(icon, tone, text) for icon, tone, text in shown]
        for widget in (*self.banners, *self.notes):
            self._layout.addWidget(widget)
        if len(shown) < len(texts):
            self._layout.addWidget(self._more(len(texts) - len(shown)))
        self.setVisible(bool(self.banners or self.notes))

    def _more(self, count: int) -> QPushButton:
        button = QPushButton(f"Show {count} more note{'s' if count > 1 else ''}", self)
        button.setProperty("link", "true")
        button.clicked.connect(self._show_all)
        return button

    def _show_all(self) -> None:
        self._all_notes = True
        self._rebuild()

    def _texts(self) -> list[tuple[str, str, str]]:
        header, session = self._model.header, self._model.session
        texts = [("▲", "warning", text) for text in (header.warnings if header else ())]
        texts += [("▲", "warning", n.text) for n in self._notices() if not n.remedies]
        return texts + [("ℹ", "", text) for text in (session.notes if session else ())]

    def _notices(self) -> tuple[Notice, ...]:
        return self._guard.notices if self._guard is not None else ()

    def _made(self) -> list[Banner]:
        model, session = self._model, self._model.session
        made = [Banner("ℹ", "", model.sentence)] if model.sentence else []
        if model.renamed is not None:
            made.append(self._renamed(model.renamed))
        if session is not None:
            if session.draft is not None:
                made.append(self._draft(session.draft))
            made += [self._conflict(session, each) for each in self._conflicts(session)]
            made += [self._calibration(notice) for notice in self._notices() if notice.remedies]
        return made

    def _calibration(self, notice: Notice) -> Banner:
        guard = self._guard
        if guard is None:
            raise LookupError("nobody guards the calibration")
        answers = [
            Answer(each.label, partial(guard.take, each), each.said, _short(each.where), each.where)
            for each in notice.remedies
        ]
        leave = Answer("Leave it as it is", partial(guard.leave, notice))
        tone = "" if notice.kind == "offer" else "warning"
        return Banner("⟷", tone, notice.text, [*answers, leave])

    def _conflicts(self, session: Session) -> list[Conflict]:
        """Return what concerns the image shown; other images' conflicts wait for their turn."""
        images = {image.id for source in session.sources() for image in source.images}
        others = images - {self._model.image_id}
        return [conflict for conflict in session.conflicts if conflict.subject not in others]

    def _renamed(self, source: ImageSource) -> Banner:
        text = f"This file has the content of “{source.path}”, which is gone. Was it renamed?"
        answer = self._model.answer_renamed
        yes = Answer("Yes, use its record", partial(answer, same=True))
        no = Answer("No, another image", partial(answer, same=False))
        return Banner("↪", "", text, [yes, no])

    def _restore(self) -> None:
        if self._model.session is not None:
            for sentence in self._model.session.recover_draft():
                self._model.told.emit("warning", sentence)
        self._model.record_changed.emit()

    def _discard(self) -> None:
        if self._model.session is not None:
            self._model.session.discard_draft()
        self._model.record_changed.emit()

    def _draft(self, draft: Draft) -> Banner:
        edits = "1 unsaved edit" if draft.edits == 1 else f"{draft.edits} unsaved edits"
        text = f"You have {edits} from {wording.date_line(draft.when)}."
        answers = [Answer("Restore", self._restore), Answer("Discard", self._discard)]
        return Banner("✎", "warning", text, answers)

    def _conflict(self, session: Session, conflict: Conflict) -> Banner:
        declared = field(split_path(conflict.path)[0])
        answers = [
            _answer(
                session.dataset, declared, recorded, partial(self._decide, session, conflict, place)
            )
            for place, recorded in enumerate(conflict.candidates)
        ]
        refused = self._refused.get((conflict.subject, conflict.path), "")
        text = f"{declared.label}: which one holds?"
        return Banner("⚖", "warning", f"{text}\n✕ {refused}" if refused else text, answers)

    def _decide(self, session: Session, conflict: Conflict, choice: int) -> None:
        """Settle a conflict; why that is refused stands in its banner."""
        try:
            session.decide(conflict, choice)
        except FairError as refusal:
            self._refused[conflict.subject, conflict.path] = str(refusal)
            self._rebuild()


def _short(where: str) -> str:
    """Return the part of a place in a file that says which kind of place it is."""
    return where if where.startswith("layer ") else where.partition(":")[0].partition(",")[0]


def _answer(dataset: Dataset, declared: Field, recorded: Recorded[Any], do: Any) -> Answer:
    from napari_fair.session import text_of

    text = text_of(dataset, declared, recorded) or recorded.state.value
    place = f", {_short(recorded.where)}" if recorded.where else ""
    return Answer("Use this", do, text, f"{recorded.origin}{place}", recorded.where)
