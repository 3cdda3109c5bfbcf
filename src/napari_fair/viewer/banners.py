"""Things a person should know or decide before the form: drafts, conflicts, notes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from napari_fair.model import field, split_path
from napari_fair.viewer import wording

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_fair.model import Conflict, Dataset, Field, ImageSource, Recorded
    from napari_fair.session import Draft, Session
    from napari_fair.viewer.state import AnnotationModel

Choice = tuple[str, "Callable[[], object]"]


class Banner(QFrame):
    """A sentence with an icon and the buttons that answer it."""

    def __init__(self, icon: str, tone: str, text: str, choices: list[Choice]) -> None:
        super().__init__()
        self.setObjectName("banner")
        sign = QLabel(icon, self)
        sign.setProperty("tone", tone)
        sentence = QLabel(text, self)
        sentence.setWordWrap(True)
        sentence.setTextFormat(Qt.TextFormat.PlainText)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(sentence, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(9, 6, 9, 6)
        layout.setSpacing(6)
        layout.addLayout(top)
        self.buttons = [QPushButton(label, self) for label, _ in choices]
        if choices:
            layout.addLayout(self._answers(choices))

    def _answers(self, choices: list[Choice]) -> QVBoxLayout:
        answers = QVBoxLayout()
        answers.setSpacing(4)
        for button, (_, do) in zip(self.buttons, choices, strict=True):
            button.clicked.connect(lambda _=False, do=do: do())
            answers.addWidget(button)
        return answers


class Banners(QWidget):
    """All banners of the image shown."""

    def __init__(self, model: AnnotationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._seen: tuple[object, ...] | None = None
        self.banners: list[Banner] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(10, 0, 10, 8)
        self._layout.setSpacing(6)

    def refresh(self) -> None:
        """Show what there is to know; nothing moves when nothing changed."""
        session = self._model.session
        seen = (
            self._model.sentence,
            self._model.header,
            self._model.image_id,
            self._model.renamed,
            session and (id(session), session.draft, session.conflicts, session.notes),
        )
        if seen == self._seen:
            return
        self._seen = seen
        for banner in self.banners:
            self._layout.removeWidget(banner)
            banner.hide()
            banner.deleteLater()
        self.banners = self._made()
        for banner in self.banners:
            self._layout.addWidget(banner)
        self.setVisible(bool(self.banners))

    def _made(self) -> list[Banner]:
        made = [Banner("ℹ", "", self._model.sentence, [])] if self._model.sentence else []
        session = self._model.session
        if self._model.renamed is not None:
            made.append(self._renamed(self._model.renamed))
        if session is not None:
            if session.draft is not None:
                made.append(self._draft(session.draft))
            made += [self._conflict(session, each) for each in self._conflicts(session)]
            made += [Banner("ℹ", "", note, []) for note in session.notes]
        if self._model.header is not None:
            made += [Banner("▲", "warning", text, []) for text in self._model.header.warnings]
        return made

    def _conflicts(self, session: Session) -> list[Conflict]:
        """Return what concerns the image shown; other images' conflicts wait for their turn."""
        images = {image.id for source in session.sources() for image in source.images}
        others = images - {self._model.image_id}
        return [conflict for conflict in session.conflicts if conflict.subject not in others]

    def _renamed(self, source: ImageSource) -> Banner:
        text = f"This file has the content of “{source.path}”, which is gone. Was it renamed?"
        answer = self._model.answer_renamed
        return Banner(
            "↪",
            "",
            text,
            [
                ("Yes, use its record", partial(answer, same=True)),
                ("No, it is another image", partial(answer, same=False)),
            ],
        )

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
        return Banner(
            "✎",
            "warning",
            f"You have {edits} from {wording.date_line(draft.when)}.",
            [("Restore", self._restore), ("Discard", self._discard)],
        )

    @staticmethod
    def _conflict(session: Session, conflict: Conflict) -> Banner:
        declared = field(split_path(conflict.path)[0])
        choices: list[Choice] = [
            (
                _candidate(session.dataset, declared, recorded),
                partial(session.decide, conflict, place),
            )
            for place, recorded in enumerate(conflict.candidates)
        ]
        return Banner(
            "⚖", "warning", f"{declared.label}: the sources disagree. Which one holds?", choices
        )


def _candidate(dataset: Dataset, declared: Field, recorded: Recorded[Any]) -> str:
    from napari_fair.session import text_of

    place = f", {recorded.where}" if recorded.where else ""
    text = text_of(dataset, declared, recorded) or recorded.state.value
    return f"{text}  ({recorded.origin}{place})"
