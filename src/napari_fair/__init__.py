"""FAIR annotation of microscopy images: headers and people fill one record, written as sidecars."""

from __future__ import annotations

__version__ = "0.1.0"
