"""What a preset and ``--set`` say, and where in a record it belongs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_fair.model import ImageSource, State
    from napari_fair.session import Preset, Session


@dataclass(frozen=True)
class Assignment:
    """A text, or a state without one, for a field.

    Attributes
    ----------
    path
        The field's path, e.g. ``study.title`` or ``channel.0.name``.
    origin, where
        ``typed``, or ``preset`` with the preset's name and version.
    """

    path: str
    text: str = ""
    state: State | None = None
    origin: str = "typed"
    where: str = ""


@dataclass(frozen=True)
class Named:
    """The images of a record that a command line names.

    Attributes
    ----------
    sources
        The sources named.
    images
        Ids of the images named: all of the sources', or one scene of each.
    all
        Whether this is everything in the record, so that shared values are meant for all.
    """

    sources: tuple[ImageSource, ...]
    images: tuple[str, ...]
    all: bool


def assignments(preset: Preset | None, settings: Sequence[str]) -> list[Assignment]:
    """Return what to set; what ``--set`` says goes before what the preset says.

    Raises
    ------
    FairError
        If a setting is not ``field=value``, or there is no such field.
    """
    found: dict[str, Assignment] = {}
    if preset is not None:
        for path, text in preset.values.items():
            found[path] = Assignment(path, text, origin="preset", where=preset.where)
        for path, state in preset.states.items():
            found[path] = Assignment(path, state=state, origin="preset", where=preset.where)
    for setting in settings:
        path, text = _split(setting)
        found[path] = Assignment(path, text)
    # Other values of an instrument can be kept once it is known which one is meant.
    return sorted(found.values(), key=lambda a: a.path != "acquisition.instrument")


def _split(setting: str) -> tuple[str, str]:
    from napari_fair.files import FairError
    from napari_fair.model import field, join_path, split_path

    path, equals, text = setting.partition("=")
    path = path.strip()
    if not equals:
        raise FairError(f"--set {setting!r} is not field=value, e.g. study.title=Spindles.")
    name, index = split_path(path)
    try:
        declared = field(name)
    except ValueError as problem:
        raise FairError(str(problem)) from None
    if declared.repeated and index is None:
        raise FairError(f"{path} needs a number, counted from 0, e.g. {join_path(name, 0)}.")
    if index is not None and not declared.repeated:
        raise FairError(f"{path} takes no number: use {name}.")
    return path, text


def named(session: Session, sources: Iterable[ImageSource], index: int | None) -> Named:
    """Return the images that are meant.

    Raises
    ------
    FairError
        If a source has no image of this number.
    """
    from napari_fair.files import FairError, shown

    chosen = tuple(sources)
    images: list[str] = []
    for source in chosen:
        meant = [image.id for image in source.images if index in (None, image.index)]
        if index is not None and not meant:
            raise FairError(
                f"{shown(source.path)} has no image {index}: it has {len(source.images)}, "
                "counted from 0."
            )
        images += meant
    everything = {image.id for source in session.sources() for image in source.images}
    whole = {source.id for source in session.sources()} == {source.id for source in chosen}
    return Named(chosen, tuple(images), whole and everything == set(images))


def assign(session: Session, what: Iterable[Assignment], target: Named) -> list[str]:
    """Put values where they belong; returns sentences about images that cannot hold theirs.

    The study's go to the study, those of an image to each image named. Others go to the shared
    block when every image of the record is named, else to each image named. What is so already
    stays untouched.

    Raises
    ------
    InvalidValue
        If a text is no value of its field.
    """
    from napari_fair.model import field, split_path

    problems: list[str] = []
    for assignment in what:
        declared = field(split_path(assignment.path)[0])
        shared = not declared.per_image and (declared.block == "study" or target.all)
        if shared:
            _put(session, assignment, None)
        if declared.block == "study":
            continue
        for image in target.images:
            _put_image(session, assignment, image, shared=shared)
        if not shared:
            problems += _homeless(assignment.path, target.sources)
    return list(dict.fromkeys(problems))


def doubts(session: Session, what: Iterable[Assignment], target: Named) -> list[str]:
    """Return sentences about values that were taken but are hardly right."""
    from napari_fair.model import field, split_path

    image = target.images[0] if target.images else None
    views = (session.view(a.path, None if _of_study(a.path) else image) for a in what)
    return [f"{field(split_path(v.path)[0]).label}: {v.warning}" for v in views if v.warning]


def _of_study(path: str) -> bool:
    return path.startswith("study.")


def _put_image(session: Session, assignment: Assignment, image: str, *, shared: bool) -> None:
    """Let an image have the value: inherited when it is shared, else of its own."""
    if not shared:
        _check_number(session, assignment.path, image)
    elif session.view(assignment.path, image).level == "image":
        session.drop_override(assignment.path, image)
    if not shared or session.view(assignment.path, image).level == "source":
        _put(session, assignment, image)


def _put(session: Session, assignment: Assignment, image: str | None) -> None:
    if _is_so(session, assignment, image):
        return
    told = {"origin": assignment.origin, "where": assignment.where}
    if assignment.state is not None:
        session.set_state(assignment.path, assignment.state, image=image, **told)
    else:
        session.set(assignment.path, assignment.text, image=image, **told)


def _is_so(session: Session, assignment: Assignment, image: str | None) -> bool:
    """Whether the value is in force already, so that saying it again changes nothing."""
    from napari_fair.model import State, field, split_path
    from napari_fair.session import text_of
    from napari_fair.session.texts import Parsing

    view = session.view(assignment.path, image)
    if assignment.state is not None:
        text, state = "", assignment.state
    else:
        parsing = Parsing(session.dataset)
        declared = field(split_path(assignment.path)[0])
        told = {"origin": assignment.origin, "where": assignment.where}
        recorded = parsing.recorded(declared, assignment.text, **told)
        if recorded is None:
            return view.state is None
        text, state = text_of(parsing.dataset, declared, recorded), recorded.state
    if view.state is not state or (state is State.GIVEN and view.text != text):
        return False
    source = (assignment.origin, assignment.where)
    # a lock holds only where the value is known to come from the preset that has it
    if view.level in ("image", "study") or image is None or session.locks.by(view.path, *source):
        return (view.origin, view.where) == source
    return view.level != "file" or view.trust == "stated"


def _check_number(session: Session, path: str, image: str) -> None:
    """Refuse a value for a channel that the image does not have."""
    from napari_fair.files import FairError, shown
    from napari_fair.model import resolve, split_path

    name, index = split_path(path)
    if index is None or not name.startswith("channel."):
        return
    found = session.dataset.image(image)
    held = resolve(session.dataset, *found, "image.size_c") if found is not None else None
    if found is not None and held is not None and held.value and index >= held.value:
        raise FairError(
            f"{shown(found[0].path)} has {held.value} channels, counted from 0: there is no {path}."
        )


def _homeless(path: str, sources: tuple[ImageSource, ...]) -> list[str]:
    return [
        f"{path} was not kept for {source.path}: its images are not known yet, because the "
        f"header of {source.format} files is not read."
        for source in sources
        if not source.images
    ]
