"""What a sitting begins with: who, which project, which sample, which microscope."""

from __future__ import annotations

from napari_fair.model import resolve, split_path
from napari_fair.session import Preset, Session


def begin_record(session: Session, preset: Preset) -> list[str]:
    """Set what a preset holds where the record says nothing yet; returns what could not be used.

    What somebody has said stays: a second sitting in the same folder changes nothing.
    """
    dataset = session.dataset

    def said(path: str) -> bool:
        return path in dataset.defaults or (
            split_path(path)[1] is None and resolve(dataset, None, None, path) is not None
        )

    values = {path: text for path, text in preset.values.items() if not said(path)}
    states = {path: state for path, state in preset.states.items() if not said(path)}
    if not values and not states:
        return []
    from dataclasses import replace

    return session.apply_preset(replace(preset, values=values, states=states))
