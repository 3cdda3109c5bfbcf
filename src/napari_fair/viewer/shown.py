"""The image that is shown and what its record says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_fair.model import Dataset, Image, ImageSource, State, fields, resolve, split_path

if TYPE_CHECKING:
    from napari_fair.session import FieldView, Session
    from napari_fair.session.fluorophores import WavelengthOffer
    from napari_fair.session.relevance import Circumstances
    from napari_fair.session.remarks import Remark


class ShownImage:
    """One image of an open session.

    Attributes
    ----------
    session
        None while nothing is shown.
    image_id
        None for what all images share, as for a draft.
    annotated
        Whether there are layers of labels, points or shapes.
    """

    def __init__(self) -> None:
        self.session: Session | None = None
        self.image_id: str | None = None
        self.annotated = False

    @property
    def held(self) -> tuple[ImageSource, Image] | None:
        """The source and image shown."""
        if self.session is None or self.image_id is None:
            return None
        return self.session.dataset.image(self.image_id)

    @property
    def source(self) -> ImageSource | None:
        """The source of the image shown."""
        return self.held[0] if self.held else None

    @property
    def image(self) -> Image | None:
        """The image shown."""
        return self.held[1] if self.held else None

    @property
    def crate_folder(self) -> Path:
        """Where the record is or will be."""
        if self.session is None:
            raise LookupError("no image is shown")
        return self.session.crate_folder

    def scenes(self) -> list[tuple[str, str]]:
        """Return id and name of the source's images, more than one for several scenes."""
        images = self.source.images if self.source else ()
        return [(image.id, _scene_name(image)) for image in images]

    def known_facts(self) -> set[str]:
        """Return the paths of what the header gives or a person decided for the image."""
        return {*self.image.facts, *self.image.overrides} if self.image else set()

    def sizes(self) -> dict[str, int]:
        """Return ``image.size_x`` and the like, as far as they are known."""
        texts = {f"image.size_{axis}": self.text(f"image.size_{axis}") for axis in "xyzct"}
        return {name: int(text) for name, text in texts.items() if text.isdecimal()}

    def indices(self, block: str) -> list[int]:
        """Return the numbers of the channels, detectors ... that the record knows."""
        known = (path for path in self.known_facts() if path.startswith(f"{block}."))
        indices = {split_path(path)[1] for path in known}
        return sorted(index for index in indices if index is not None)

    def channels(self) -> list[int]:
        """Return the indices of the channels that the record knows."""
        return self.indices("channel")

    def held_paths(self) -> frozenset[str]:
        """Return the paths of all fields that the record or the file says something of."""
        session = self.session
        if session is None:
            return frozenset()
        source, image = self.held or (None, None)
        plain = (name for name, field in fields().items() if not field.repeated)
        said = {path for path in plain if resolve(session.dataset, source, image, path)}
        return frozenset(said | self.known_facts() | set(session.dataset.defaults))

    def circumstances(self) -> Circumstances:
        """Return what is the case for the image shown."""
        from napari_fair.session.relevance import Circumstances, circumstances

        if self.session is None:
            return Circumstances()
        source, image = self.held or (None, None)
        return circumstances(self.session.dataset, source, image, annotated=self.annotated)

    def view(self, path: str) -> FieldView:
        """Return what the form shows for a field."""
        if self.session is None:
            raise LookupError("no image is shown")
        return self.session.view(path, self.image_id)

    def text(self, path: str) -> str:
        """Return a value in its text form, empty when there is none."""
        if self.session is None:
            return ""
        view = self.view(path)
        return view.text if view.state is State.GIVEN else ""

    def remark(self, path: str, text: str) -> Remark | None:
        """Return what there is to say about a text that is typed for a field."""
        from napari_fair.session.remarks import remark_on

        if self.session is None:
            return None
        return remark_on(self.session.dataset, path, text, self.image_id)

    def kept_remark(self, path: str) -> Remark | None:
        """Return what stays beside a field whose value was kept."""
        from napari_fair.session.remarks import kept_remark

        return kept_remark(self.session.dataset, path, self.image_id) if self.session else None

    def wavelengths_offered(self, channel: int) -> WavelengthOffer | None:
        """Return wavelengths that the vocabulary knows of a channel's dye."""
        from napari_fair.session.fluorophores import wavelengths_offered

        if self.session is None or self.image_id is None:
            return None
        return wavelengths_offered(self.session.dataset, self.image_id, channel)

    def dataset(self) -> Dataset | None:
        """Return the record as if it held only the image source shown."""
        if self.session is None:
            return None
        sources = (self.source,) if self.source else ()
        return self.session.dataset.model_copy(update={"sources": sources})


def _scene_name(image: Image) -> str:
    name = image.overrides.get("image.name") or image.facts.get("image.name")
    return str(name.value) if name is not None and name.given else f"Image {image.index + 1}"
