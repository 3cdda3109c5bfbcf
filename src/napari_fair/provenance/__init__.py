"""What was done with the data: recorded by plain calls, without napari."""

from __future__ import annotations

from napari_fair.provenance.data import Data, results_of
from napari_fair.provenance.decoration import recorded
from napari_fair.provenance.descriptions import Description, description_of, is_described
from napari_fair.provenance.history import Completeness, History
from napari_fair.provenance.identity import Checksums, Identity, identity_of
from napari_fair.provenance.ledger import Ledger
from napari_fair.provenance.privacy import impersonal, impersonal_data, impersonal_step
from napari_fair.provenance.recording import Recording, record_step, unrecorded
from napari_fair.provenance.software import environment, know_packages, tool_of
from napari_fair.provenance.targets import Target, attach, detach
from napari_fair.provenance.values import can_be_restored, parameter_of

__all__ = [
    "Checksums",
    "Completeness",
    "Data",
    "Description",
    "History",
    "Identity",
    "Ledger",
    "Recording",
    "Target",
    "attach",
    "can_be_restored",
    "description_of",
    "detach",
    "environment",
    "identity_of",
    "impersonal",
    "impersonal_data",
    "impersonal_step",
    "is_described",
    "know_packages",
    "parameter_of",
    "record_step",
    "recorded",
    "results_of",
    "tool_of",
    "unrecorded",
]
