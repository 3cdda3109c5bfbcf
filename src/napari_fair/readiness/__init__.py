"""What a record still lacks for a purpose, why, and what to do about it."""

from __future__ import annotations

from napari_fair.readiness.engine import check
from napari_fair.readiness.report import Report, Result, Status
from napari_fair.readiness.rules import Condition, Rule, RuleSet, rule_set, rule_sets

__all__ = [
    "Condition",
    "Report",
    "Result",
    "Rule",
    "RuleSet",
    "Status",
    "check",
    "rule_set",
    "rule_sets",
]
