"""The last image a person worked on, what can be taken over from it, and what differs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_fair.model import Image, ImageSource, Origin, field, split_path

if TYPE_CHECKING:
    from napari_fair.session import Change, Session
    from napari_fair.session.similar import Place
    from napari_fair.viewer.state import AnnotationModel


class QuickEntry:
    """What the image shown has in common with the last one.

    Attributes
    ----------
    only_differing
        Whether the form shows only what the two files say differently.
    """

    def __init__(self, model: AnnotationModel) -> None:
        self._model = model
        self._last: tuple[Session, str] | None = None
        self.only_differing = False

    def leave(self) -> None:
        """Remember the image shown as the last one, if something was said of it."""
        self.only_differing = False
        session, held = self._model.session, self._model.held
        if session is None or held is None:
            return
        source, image = held
        if image.overrides or session.unsaved or session.saved(source.id):
            self._last = (session, image.id)

    @property
    def last(self) -> Place | None:
        """The last image, or the one saved before this one in the folder."""
        session, shown = self._model.session, self._model.image_id
        if session is None or shown is None:
            return None
        if self._last is not None and self._last[1] != shown:
            before, image = self._last
            held = before.dataset.image(image)
            if held is not None:
                return (before.dataset, *held)
        return self._saved_before(session, shown)

    def _saved_before(self, session: Session, shown: str) -> Place | None:
        found: tuple[ImageSource, Image] | None = None
        for source in session.sources():
            for image in source.images:
                if image.id == shown and found is not None:
                    return (session.dataset, *found)
                if image.id != shown and session.saved(source.id):
                    found = (source, image)
        return (session.dataset, *found) if found is not None else None

    @property
    def last_name(self) -> str:
        """The file name of the last image."""
        return Path(self.last[1].path).name if self.last is not None else ""

    def to_take_over(self) -> list[Change]:
        """Return the changes that make this image as the last one was."""
        from napari_fair.session.similar import taken_over

        session, held, last = self._model.session, self._model.held, self.last
        if session is None or held is None or last is None:
            return []
        return taken_over(last, (session.dataset, *held))

    def links_to_take_over(self) -> dict[str, str]:
        """Return the blocks that this image must use to be as the last one was, id by kind."""
        from napari_fair.session.similar import links_taken_over

        session, held, last = self._model.session, self._model.held, self.last
        if session is None or held is None or last is None:
            return {}
        return links_taken_over(last, (session.dataset, *held))

    def same_as_last(self) -> list[str]:
        """Take over what was said of the last image; returns sentences about what was not taken."""
        session = self._model.session
        changes, links = self.to_take_over(), self.links_to_take_over()
        if session is None or not (changes or links):
            return []
        told = {"origin": Origin.PREVIOUS, "where": self.last_name}
        return session.set_many(changes, of=self._model.image_id, links=links, **told)

    def differing(self) -> list[str]:
        """Return the paths of what the files of this and the last image say differently."""
        from napari_fair.session.similar import differing

        image, last = self._model.image, self.last
        return differing(last[2], image) if image is not None and last is not None else []

    def said_before(self, path: str) -> str:
        """Return what the file of the last image says of a field, in words if it is silent."""
        from napari_fair.session import text_of

        last = self.last
        fact = last[2].facts.get(path) if last is not None else None
        if last is None or fact is None:
            return "not stated"
        return text_of(last[0], field(split_path(path)[0]), fact)

    def show_only_differing(self, on: bool) -> None:
        """Show what differs, or everything that is asked."""
        if on is not self.only_differing:
            self.only_differing = on
            self._model.form_changed.emit()
