"""One open folder: facts into the record, edits, undo, conflicts, presets, the journal, saving."""

from __future__ import annotations

from napari_fair.session.journal import Draft
from napari_fair.session.presets import Preset, read_preset
from napari_fair.session.saving import PlannedFile, SaveJob, SavePlan, SaveReport
from napari_fair.session.session import Session, open_folder
from napari_fair.session.texts import InvalidValue, text_of
from napari_fair.session.views import FieldView

__all__ = [
    "Draft",
    "FieldView",
    "InvalidValue",
    "PlannedFile",
    "Preset",
    "SaveJob",
    "SavePlan",
    "SaveReport",
    "Session",
    "open_folder",
    "read_preset",
    "text_of",
]
