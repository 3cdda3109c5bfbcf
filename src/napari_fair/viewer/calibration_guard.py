"""Watches scale, units, axes and names of layers, and says where they and the record differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from napari_fair.model import Dataset, Image, ImageSource, SourceFile
from napari_fair.session.calibration import Remedy, take
from napari_fair.session.calibration_notices import Notice, Shown, notices
from napari_fair.session.layer_calibration import Calibration, LayerChange
from napari_fair.viewer.layer_images import (
    alike,
    calibration_of,
    channels_of,
    is_array,
    origin_of,
    parent_of,
    scenes_of,
)
from napari_fair.viewer.subjects import subject_of

if TYPE_CHECKING:
    from napari.components import LayerList

    from napari_fair.viewer.state import AnnotationModel


_WATCHED = ("scale", "units", "axis_labels", "name")
_NOBODY = ImageSource(id="", format="", files=(SourceFile(path="-"),))
"""What stands for the file of an image that has none."""


class CalibrationGuard:
    """What there is to know about the calibration of the image shown and of all its layers.

    Attributes
    ----------
    stirred
        A layer came, went or was changed: `look` again soon.
    changed
        `notices` are others than before.
    """

    stirred = Signal()
    changed = Signal()

    def __init__(self, model: AnnotationModel, layers: LayerList) -> None:
        self._model = model
        self._layers = layers
        self._watching = False
        self._names: dict[str, str] = {}
        self._channels: dict[str, int] = {}
        self._renamed: set[str] = set()
        self._relabelled: set[str] = set()
        self._left: set[tuple[str, str, str]] = set()
        self.notices: tuple[Notice, ...] = ()

    # ---- watching ----

    def watch(self) -> None:
        """Listen to the layers, those that come later too."""
        if self._watching:
            return
        self._watching = True
        self._layers.events.inserted.connect(self._inserted)
        self._layers.events.removed.connect(self._removed)
        for layer in self._layers:
            self._listen(layer, "connect")

    def rest(self) -> None:
        """Listen no longer."""
        if not self._watching:
            return
        self._watching = False
        self._layers.events.inserted.disconnect(self._inserted)
        self._layers.events.removed.disconnect(self._removed)
        for layer in self._layers:
            self._listen(layer, "disconnect")

    def _listen(self, layer: Any, do: str) -> None:
        if do == "connect":
            self._names[str(layer.unique_id)] = layer.name
        for name, slot in zip(_WATCHED, self._slots(), strict=True):
            getattr(getattr(layer.events, name), do)(slot)

    def _slots(self) -> tuple[Callable[..., None], ...]:
        return (self._stir, self._stir, self._labels_changed, self._name_changed)

    def _stir(self, _event: Any = None) -> None:
        self.stirred.emit()

    def _inserted(self, event: Any) -> None:
        self._listen(event.value, "connect")
        self.stirred.emit()

    def _removed(self, event: Any) -> None:
        layer = event.value
        self._listen(layer, "disconnect")
        for known in (self._renamed, self._relabelled):
            known.discard(str(layer.unique_id))
        self._names.pop(str(layer.unique_id), None)
        self._channels.pop(str(layer.unique_id), None)
        self.stirred.emit()

    def _labels_changed(self, event: Any) -> None:
        self._relabelled.add(str(event.source.unique_id))
        self.stirred.emit()

    def _name_changed(self, event: Any) -> None:
        layer = event.source
        before = self._names.get(str(layer.unique_id))
        self._names[str(layer.unique_id)] = layer.name
        if before != layer.name:
            self._renamed.add(str(layer.unique_id))
            self.stirred.emit()

    # ---- what is shown ----

    def origin(self, layer: Any) -> Any:
        """Return the layer whose file a layer goes back to: itself, or what it was made from."""
        return origin_of(layer, self._layers)

    def scene(self, layer: Any) -> str:
        """Return the id of the scene that a layer shows, empty when nobody can tell."""
        source, session = self._model.source, self._model.session
        if layer is None or source is None or session is None:
            return ""
        if subject_of(layer) != self._model.subject:
            return ""
        found = scenes_of(layer, session.dataset, source, self._of_subject())
        return next(iter(found)) if len(found) == 1 else ""

    def look(self) -> None:
        """Work out what there is to know now."""
        found = tuple(n for n in self._found() if self._key(n) not in self._left)
        if found != self.notices:
            self.notices = found
            self.changed.emit()

    def _key(self, notice: Notice) -> tuple[str, str, str]:
        return (self._model.image_id or self._model.subject.key, notice.kind, notice.text)

    def _found(self) -> tuple[Notice, ...]:
        session, held = self._model.session, self._model.held
        if session is None or self._model.renamed is not None:
            return ()
        source, image = held if held is not None else (_NOBODY, Image(id="", index=0))
        return notices(session.dataset, source, image, self._shown(session.dataset, source, image))

    def _shown(self, dataset: Dataset, source: ImageSource, image: Image) -> Shown:
        own = self._views(dataset, source, image)
        known = Calibration(dataset, source, image)
        self._channels = {**channels_of(own, known), **self._channels}
        made = self._made(own)
        views = [layer for layer in own if all(layer is not one for one, _ in made)]
        renamed = [x for x in views if str(x.unique_id) in self._renamed and image.id]
        return Shown(
            tuple(calibration_of(layer) for layer in views),
            tuple((calibration_of(one), calibration_of(parent)) for one, parent in made),
            tuple((x.name, self._channels.get(str(x.unique_id))) for x in renamed),
            tuple(x.name for x in views if str(x.unique_id) in self._relabelled and image.id),
        )

    def _of_subject(self) -> list[Any]:
        subject = self._model.subject
        return [x for x in self._layers if is_array(x) and subject_of(x) == subject]

    def _views(self, dataset: Dataset, source: ImageSource, image: Image) -> list[Any]:
        """Return the layers that show the image.

        One that may as well show another scene counts if both scenes are measured alike.
        """
        own = self._of_subject()
        if not image.id:
            return own
        views = []
        for layer in own:
            ids = scenes_of(layer, dataset, source, own)
            if image.id in ids and (len(ids) == 1 or alike(dataset, source, ids)):
                views.append(layer)
        return views

    def _made(self, own: list[Any]) -> list[tuple[Any, Any]]:
        """Return layers without a file that belong to the image, with what they were made from."""
        found = []
        for layer in self._layers:
            parent = None if layer.source.path else self._parent(layer, own)
            if parent is not None:
                found.append((layer, parent))
        return found

    def _parent(self, layer: Any, own: list[Any]) -> Any:
        parent = parent_of(layer, self._layers)
        if parent is None:
            # marks belong to the image shown where all pixels in the viewer are of it
            of_all = [x for x in self._layers if x.source.path and x not in own]
            return own[0] if own and not of_all and not is_array(layer) else None
        related = (layer, parent, origin_of(parent, self._layers))
        return parent if any(each in own for each in related) else None

    # ---- what people do ----

    def take(self, remedy: Remedy) -> None:
        """Change record and layers as a remedy says: one click, one edit of the record."""
        session, image = self._model.session, self._model.image_id
        if session is None:
            return
        problems = take(session, image, remedy) if image is not None else []
        for sentence in problems:
            self._model.told.emit("warning", sentence)
        if not problems:
            for change in remedy.layers:
                self._change(change)
        self.look()

    def _change(self, change: LayerChange) -> None:
        layer = next((each for each in self._layers if each.name == change.layer), None)
        if layer is not None and layer.ndim == len(change.scale):
            layer.scale = change.scale
            layer.units = change.units

    def leave(self, notice: Notice) -> None:
        """Say no more about something, as long as it stays as it is."""
        self._left.add(self._key(notice))
        self.look()
