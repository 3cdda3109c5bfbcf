"""Go through the rules for every image of a record; nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from napari_fair.model import Dataset, Field, Image, ImageSource, linked_block, resolve
from napari_fair.readiness.judgement import Judgement, judge
from napari_fair.readiness.report import Report, Result, Status
from napari_fair.readiness.rules import Condition, Rule, RuleSet, rule_set

_BY_URGENCY = (
    Status.MISSING,
    Status.PARTLY,
    Status.NOT_CHECKED,
    Status.PASSED,
    Status.NOT_APPLICABLE,
)
_FINE = (Status.PASSED, Status.NOT_APPLICABLE)
_NO_IMAGE = Judgement(Status.NOT_CHECKED, "there is no image in the record", "Add an image.")
_UNDECIDED = Judgement(
    Status.PARTLY,
    "two or more values wait for a decision",
    "Decide which of the listed values is right.",
)


def check(dataset: Dataset, *, rules: str = "essentials") -> Report:
    """Check a record against a rule set.

    Parameters
    ----------
    dataset
        The record; it is only read.
    rules
        The rule set's name, see `rule_sets`.

    Returns
    -------
    Report
        One result a rule. A rule is passed only when every image meets it; what is inherited
        counts for each image that inherits it.

    Raises
    ------
    FairError
        If there is no such rule set.
    """
    chosen = rule_set(rules)
    checker = _Checker(dataset, chosen)
    results = tuple(_result(rule, checker.judged(rule)) for rule in chosen.rules)
    return Report(chosen.name, chosen.title, chosen.version, results)


@dataclass(frozen=True, slots=True)
class _Place:
    """An image and its source; neither in a record without images."""

    source: ImageSource | None
    image: Image | None


@dataclass(frozen=True, slots=True)
class _Judged:
    """What was found for one image: a judgement for each field of the rule."""

    place: _Place
    fields: Mapping[str, Judgement]
    status: Status


class _Checker:
    """Judges fields for images, each stored value once."""

    def __init__(self, dataset: Dataset, rules: RuleSet) -> None:
        self._dataset = dataset
        self._placeholders = rules.placeholders
        self._undecided = {(conflict.subject, conflict.path) for conflict in dataset.conflicts}
        self._known: dict[tuple[str, int], Judgement] = {}
        places = [_Place(source, image) for source in dataset.sources for image in source.images]
        self._places = places or [_Place(None, None)]

    def judged(self, rule: Rule) -> list[_Judged]:
        """Judge the fields of a rule for every image."""
        return [self._image(rule, place) for place in self._places]

    def _image(self, rule: Rule, place: _Place) -> _Judged:
        fields = {
            field.name: self._judge(field, rule.conditions.get(field.name), place)
            for field in rule.fields
        }
        return _Judged(place, fields, _combined({j.status for j in fields.values()}))

    def _judge(self, field: Field, condition: Condition | None, place: _Place) -> Judgement:
        if place.image is None and field.per_image:
            return _NO_IMAGE
        held = resolve(self._dataset, place.source, place.image, field.name)
        if condition and (held is None or not held.recorded.given):
            unmet = self._unmet(condition, place)
            if unmet is not None:
                return unmet
        if self._undecided and self._is_undecided(field, place):
            return _UNDECIDED
        key = (field.name, id(held.recorded) if held else 0)
        if key not in self._known:
            self._known[key] = judge(self._dataset, field, held, self._placeholders)
        return self._known[key]

    def _unmet(self, condition: Condition, place: _Place) -> Judgement | None:
        held = resolve(self._dataset, place.source, place.image, condition.field)
        if held is None or held.value is None:
            what = condition.field.split(".")[1]
            return Judgement(Status.NOT_CHECKED, f"{what} is unknown, which decides if it applies")
        if held.value > condition.above:
            return None
        return Judgement(Status.NOT_APPLICABLE, condition.otherwise)

    def _is_undecided(self, field: Field, place: _Place) -> bool:
        block = linked_block(self._dataset, place.source, place.image, field.block)
        holders = [part.id for part in (place.source, place.image, block) if part is not None]
        return any((holder, field.name) in self._undecided for holder in holders)


def _result(rule: Rule, images: list[_Judged]) -> Result:
    status = _combined({image.status for image in images})
    names = [field.name for field in rule.fields]
    worst = {name: _most_urgent([image.fields[name] for image in images]) for name in names}
    name = min(names, key=lambda name: _BY_URGENCY.index(worst[name].status))
    if status in _FINE:
        name = names[0]
    return Result(
        rule=rule.id,
        title=rule.title,
        status=status,
        evidence=_evidence_for(rule, images) if status in _FINE else _lack(rule, name, images),
        action="" if status in _FINE else worst[name].action or rule.actions[name],
        field=name,
        images=tuple(
            image.place.image.id
            for image in images
            if image.status not in _FINE and image.place.image is not None
        ),
    )


def _combined(statuses: set[Status]) -> Status:
    """Combine what holds for parts: met only when every part that applies is met."""
    kinds = statuses - {Status.NOT_APPLICABLE}
    if not kinds:
        return Status.NOT_APPLICABLE
    if len(kinds) == 1:
        return next(iter(kinds))
    return Status.MISSING if kinds == {Status.MISSING, Status.NOT_CHECKED} else Status.PARTLY


def _most_urgent(judgements: list[Judgement]) -> Judgement:
    return min(judgements, key=lambda judgement: _BY_URGENCY.index(judgement.status))


def _lack(rule: Rule, name: str, images: list[_Judged]) -> str:
    """Say what is wrong with the field that is worst off, and on how many images all is well."""
    said = _most_urgent([image.fields[name] for image in images]).evidence
    if len(rule.fields) > 1:
        label = next(field.label for field in rule.fields if field.name == name)
        said = f"{label}: {said}"
    fine = sum(image.status in _FINE for image in images)
    return f"on {fine} of {len(images)} images; otherwise {said}" if fine else said


def _evidence_for(rule: Rule, images: list[_Judged]) -> str:
    """Say what meets the rule, once when it is the same on all images."""
    said = {_values(rule, image) for image in images}
    if len(said) == 1:
        return said.pop()
    doubtful = sum(any(j.doubt for j in image.fields.values()) for image in images)
    doubt = f", guessed or inferred on {doubtful}" if doubtful else ""
    return f"{len(said)} different values on {len(images)} images{doubt}"


def _values(rule: Rule, image: _Judged) -> str:
    if len(rule.fields) == 1:
        return image.fields[rule.fields[0].name].evidence
    given = [f for f in rule.fields if image.fields[f.name].status is Status.PASSED]
    shown = given or rule.fields
    return ", ".join(f"{field.label} {image.fields[field.name].evidence}" for field in shown)
