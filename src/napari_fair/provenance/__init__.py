"""What was done with the data: recorded by plain calls, without napari."""

from __future__ import annotations

from napari_fair.provenance.history import Completeness, History
from napari_fair.provenance.ledger import Ledger
from napari_fair.provenance.privacy import impersonal, impersonal_data, impersonal_step

__all__ = [
    "Completeness",
    "History",
    "Ledger",
    "impersonal",
    "impersonal_data",
    "impersonal_step",
]
