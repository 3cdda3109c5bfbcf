"""One `AnnotationModel` and its guard for each viewer, for as long as the viewer lives."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QApplication

from napari_fair.viewer.calibration_guard import CalibrationGuard
from napari_fair.viewer.live_relay import Relay
from napari_fair.viewer.live_state import LiveModel
from napari_fair.viewer.preferences import preferences, take_presets
from napari_fair.viewer.recorder import recorder_of
from napari_fair.viewer.state import AnnotationModel
from napari_fair.viewer.tasks import WorkerRunner

if TYPE_CHECKING:
    from napari.components import ViewerModel

_MODELS: dict[int, AnnotationModel] = {}
_GUARDS: dict[int, CalibrationGuard] = {}
_LIVES: dict[int, LiveModel] = {}
_BEGUN: set[int] = set()


def model_of(viewer: ViewerModel) -> AnnotationModel:
    """Return the model of a viewer; the first call makes it.

    napari hands a new proxy of the viewer to each plugin, so the viewer behind it counts.
    """
    viewer = getattr(viewer, "__wrapped__", viewer)
    key = id(viewer)
    model = _MODELS.get(key)
    if model is None:
        take_presets()
        model = _MODELS[key] = AnnotationModel(WorkerRunner())
        model.level = preferences().level
        weakref.finalize(viewer, _forget, key)
        application = QApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(model.close)
    return model


def guard_of(viewer: ViewerModel) -> CalibrationGuard:
    """Return the guard of a viewer's calibrations; what people left as it is stays so."""
    viewer = getattr(viewer, "__wrapped__", viewer)
    key = id(viewer)
    if key not in _GUARDS:
        _GUARDS[key] = CalibrationGuard(model_of(viewer), viewer.layers)
    return _GUARDS[key]


def live_of(viewer: ViewerModel) -> LiveModel:
    """Return the live session of a viewer; it goes on when the dock is closed."""
    viewer = getattr(viewer, "__wrapped__", viewer)
    key = id(viewer)
    live = _LIVES.get(key)
    if live is None:
        relay = Relay()
        live = _LIVES[key] = LiveModel(model_of(viewer), relay.post, relay.flush)
    return live


def begin_to_record(viewer: ViewerModel) -> None:
    """Record from the first dock of a viewer on, if the Preferences say so."""
    viewer = getattr(viewer, "__wrapped__", viewer)
    if id(viewer) not in _BEGUN:
        _BEGUN.add(id(viewer))
        if preferences().record:
            recorder_of(viewer).start()


def _forget(key: int) -> None:
    live = _LIVES.pop(key, None)
    if live is not None:
        live.close()
    _GUARDS.pop(key, None)
    _BEGUN.discard(key)
    model = _MODELS.pop(key, None)
    if model is not None:
        model.close()
