"""The report: what was found for each rule, and what to do next."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How far a rule is met. What could not be judged is never counted as met."""

    PASSED = "passed"
    PARTLY = "partly"
    MISSING = "missing"
    NOT_CHECKED = "not checked"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True)
class Result:
    """What was found for one rule.

    Attributes
    ----------
    rule, title
        The rule's id, and its name for people.
    status
        How far it is met.
    evidence
        What the record says, in words.
    action
        What to do next; empty when there is nothing to do.
    field
        The field to go to.
    images
        Ids of the images that do not meet the rule, in the record's order.
    """

    rule: str
    title: str
    status: Status
    evidence: str
    action: str
    field: str
    images: tuple[str, ...] = ()

    @property
    def to_go(self) -> bool:
        """Whether something has to be done."""
        return self.status in (Status.MISSING, Status.PARTLY)


@dataclass(frozen=True)
class Report:
    """The results of all rules of a rule set, in the order of the form."""

    rule_set: str
    title: str
    version: str
    results: tuple[Result, ...]

    @property
    def to_go(self) -> tuple[Result, ...]:
        """The results about which something has to be done."""
        return tuple(result for result in self.results if result.to_go)

    @property
    def ready(self) -> bool:
        """Whether every rule that applies was checked and is met."""
        met = (Status.PASSED, Status.NOT_APPLICABLE)
        return all(result.status in met for result in self.results)

    @property
    def counts(self) -> dict[Status, int]:
        """How many rules have each status."""
        counted = Counter(result.status for result in self.results)
        return {status: counted[status] for status in Status}

    @property
    def summary(self) -> str:
        """One phrase for the head of a form, e.g. ``2 things to go for Essentials``."""
        number, unchecked = len(self.to_go), self.counts[Status.NOT_CHECKED]
        things = "1 thing" if number == 1 else f"{number} things"
        said = f"{things} to go for {self.title}" if number else f"Nothing missing for {self.title}"
        return f"{said}, {unchecked} not checked" if unchecked else said

    def result(self, rule: str) -> Result:
        """Return the result of one rule.

        Raises
        ------
        KeyError
            If the rule set has no such rule.
        """
        for result in self.results:
            if result.rule == rule:
                return result
        raise KeyError(rule)
