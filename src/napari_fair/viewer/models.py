"""One `AnnotationModel` for each viewer, for as long as the viewer lives."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QApplication

from napari_fair.viewer.state import AnnotationModel
from napari_fair.viewer.tasks import WorkerRunner

if TYPE_CHECKING:
    from napari.components import ViewerModel

_MODELS: dict[int, AnnotationModel] = {}


def model_of(viewer: ViewerModel) -> AnnotationModel:
    """Return the model of a viewer; the first call makes it.

    napari hands a new proxy of the viewer to each plugin, so the viewer behind it counts.
    """
    viewer = getattr(viewer, "__wrapped__", viewer)
    key = id(viewer)
    model = _MODELS.get(key)
    if model is None:
        model = _MODELS[key] = AnnotationModel(WorkerRunner())
        weakref.finalize(viewer, _forget, key)
        application = QApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(model.close)
    return model


def _forget(key: int) -> None:
    model = _MODELS.pop(key, None)
    if model is not None:
        model.close()
