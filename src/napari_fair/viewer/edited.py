"""What people say about the image that is shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_fair.files import FairError
from napari_fair.model import Field, State, split_path
from napari_fair.model import field as declaration
from napari_fair.session import InvalidValue
from napari_fair.viewer.shown import ShownImage

if TYPE_CHECKING:
    from napari_fair.session import Preset
    from napari_fair.session.fluorophores import WavelengthOffer


class EditedImage(ShownImage):
    """An image whose record is changed, for itself or for all that share it.

    Methods that change something raise `napari_fair.session.InvalidValue`, and change nothing,
    when it cannot be done.

    Attributes
    ----------
    record_changed
        Values changed: forms refresh.
    edited
        A person said something about the image shown.
    """

    record_changed = Signal()
    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._narrow: set[tuple[str, str]] = set()

    def set(self, path: str, text: str) -> None:
        """Keep a value; raises `napari_fair.session.InvalidValue` and changes nothing if wrong."""
        if self.session is not None:
            self.session.set(path, text, image=self._scope(path), of=self.image_id)

    def set_state(self, path: str, state: State) -> None:
        """Say that a value is unknown, not applicable, or cleared."""
        if self.session is not None:
            self.session.set_state(path, state, image=self._scope(path), of=self.image_id)

    def change_person(self, before: str, after: str) -> None:
        """Put right what is known of a person, wherever the person is named.

        Parameters
        ----------
        before, after
            The person's text forms.
        """
        from napari_fair.session.record_changes import ChangePerson, do

        if self.session is not None:
            do(self.session, ChangePerson(before=before, after=after))

    def take_wavelengths(self, offer: WavelengthOffer, wavelengths: dict[str, float]) -> None:
        """Take wavelengths that the vocabulary knows of a dye as those of a channel."""
        from napari_fair.session.record_changes import TakeWavelengths, do

        if self.session is not None and self.image_id is not None:
            change = TakeWavelengths(
                image=self.image_id, wavelengths=wavelengths, where=offer.where
            )
            do(self.session, change)

    def apply_preset(self, path: Path) -> list[str]:
        """Fill in a preset file's values; returns sentences about those it could not use."""
        from napari_fair.session import read_preset

        if self.session is None:
            return []
        try:
            preset = read_preset(path)
            self.edited.emit()
            return list(self.session.apply_preset(preset, image=self.image_id))
        except FairError as error:
            return [str(error)]

    def preset(self, name: str, parts: list[str]) -> Preset:
        """Return a preset with what people said in some parts of the record of the image shown.

        See `napari_fair.session.preset_shelf.PARTS` for what there is.
        """
        from napari_fair.session.preset_shelf import preset_of

        if self.session is None:
            raise LookupError("no image is shown")
        return preset_of(self.session.dataset, self.held, name=name, parts=parts)

    def only_this_image(self, path: str) -> None:
        """From now on the field's value is the image's own."""
        view = self.view(path)
        if self.image_id is None:
            return
        self._narrow.add((self.image_id, path))
        if view.state is not State.GIVEN:
            self.record_changed.emit()
            return
        try:
            self.set(path, view.text)
        except InvalidValue:
            self._narrow.discard((self.image_id, path))
            raise

    def shareable(self, path: str) -> bool:
        """Whether images can have a field's value in common: not what their files state."""
        return not (self.image is not None and path in self.image.facts)

    def all_images(self, path: str) -> None:
        """Make the field's value the one of all images whose files say nothing else."""
        view, image = self.view(path), self.image_id
        if self.session is None or image is None:
            return
        self._narrow.discard((image, path))
        if self.is_own(path) and view.level == "image":
            if view.state is State.GIVEN:  # may be refused: then nothing changes
                self.session.set(path, view.text, of=image)
            self.session.drop_override(path, image)

    def is_own(self, path: str) -> bool:
        """Whether a field's value is, or will be, the image's own."""
        shared = _field(path).per_image and self.view(path).level == "dataset"
        return self._scope(path) is not None and not shared

    def _scope(self, path: str) -> str | None:
        narrow = (self.image_id, path) in self._narrow
        if _field(path).per_image or narrow or self.view(path).level == "image":
            return self.image_id
        return None

    def undo(self) -> None:
        """Take back the last edit."""
        if self.session is not None:
            self.session.undo()

    def redo(self) -> None:
        """Repeat the edit taken back last."""
        if self.session is not None:
            self.session.redo()


def _field(path: str) -> Field:
    return declaration(split_path(path)[0])
