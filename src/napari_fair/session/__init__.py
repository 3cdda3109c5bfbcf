"""One open folder: facts into the record, edits, undo, conflicts, presets, the journal, saving."""

from __future__ import annotations

from napari_fair.session.journal import Draft
from napari_fair.session.presets import Preset, read_preset
from napari_fair.session.saving import PlannedFile, SaveJob, SavePlan, SaveReport
from napari_fair.session.session import Session, open_folder
from napari_fair.session.table import Cell, Change, Table, filled_down, pasted, replaced
from napari_fair.session.texts import InvalidValue, text_of
from napari_fair.session.views import FieldView

__all__ = [
    "Cell",
    "Change",
    "Draft",
    "FieldView",
    "InvalidValue",
    "PlannedFile",
    "Preset",
    "SaveJob",
    "SavePlan",
    "SaveReport",
    "Session",
    "Table",
    "filled_down",
    "open_folder",
    "pasted",
    "read_preset",
    "replaced",
    "text_of",
]
