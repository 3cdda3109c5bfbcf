"""Workflow files of napari-workflows and ndev-workflows as declared steps.

napari-workflows writes Python objects into its YAML. They are read as data: a tag such as
``!!python/name:skimage.filters.gaussian`` becomes the text of that name, and nothing is imported
or built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from napari_fair.files import DamagedDocument, reading, shown
from napari_fair.model import Confidence, DataRef, Parameter, Slot, Step, Tool
from napari_fair.provenance.history import History
from napari_fair.provenance.names import split_function
from napari_fair.provenance.values import parameter_of

_LARGEST = 4 << 20
_MOST_NODES = 50_000
_DEEPEST = 40
_PLACED = re.compile(r"arg\d+")
_NAME, _FUNCTION = "tag:yaml.org,2002:python/name:", "\0function:"


def read_workflow(path: Path) -> History:
    """Return the steps that a workflow file describes, in an order in which they can be done.

    They are declared: a workflow says what is to be done, not that, when or on which data it was.
    Times, checksums and the environment are therefore absent.

    Raises
    ------
    FairError
        If the file cannot be read, or is no workflow.
    """
    with reading(path), path.open("rb") as stream:
        data = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise DamagedDocument(f"{shown(path)} is too large for a workflow; check what it is.")
    document = _document(data, path)
    return _history(dict(_tasks(document, path)), _inputs(document), path)


def _document(data: bytes, path: Path) -> Any:
    import yaml

    try:
        node = yaml.compose(data.decode("utf-8"), Loader=yaml.SafeLoader)
        return _plain(node, _Budget(), 0)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as problem:
        first = str(problem).splitlines()[0]
        raise DamagedDocument(f"{shown(path)} is no workflow that can be read ({first}).") from None


class _Budget:
    """Counts nodes, so that references to references cannot multiply without end."""

    def __init__(self) -> None:
        self.left = _MOST_NODES

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise ValueError("it has too many parts")


def _plain(node: Any, budget: _Budget, depth: int) -> Any:
    """Return a node as lists, dictionaries and scalars, whatever its tag says."""
    import yaml

    budget.spend()
    if depth > _DEEPEST:
        raise ValueError("it is nested too deeply")
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, budget, depth + 1) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return {
            str(_plain(key, budget, depth + 1)): _plain(value, budget, depth + 1)
            for key, value in node.value
        }
    return None


def _scalar(node: Any) -> Any:
    import yaml

    if node.tag.startswith(_NAME):
        return f"{_FUNCTION}{node.tag.removeprefix(_NAME)}"
    if not node.tag.startswith("tag:yaml.org,2002:") or "python" in node.tag:
        return str(node.value)
    try:
        return yaml.SafeLoader("").construct_object(node)
    except yaml.YAMLError:
        return str(node.value)


# ---- tasks -----------------------------------------------------------------------------------


def _tasks(document: Any, path: Path) -> Iterator[tuple[str, list[Any]]]:
    """Yield the tasks of a workflow: its name, and a function with its arguments."""
    listed = document.get("_tasks", document.get("tasks")) if isinstance(document, dict) else None
    if not isinstance(listed, dict):
        raise DamagedDocument(f"{shown(path)} holds no tasks of a napari workflow.")
    for name, task in listed.items():
        if isinstance(task, list) and task:
            yield name, task
        elif isinstance(task, dict) and isinstance(task.get("function"), str):
            yield name, [f"{_FUNCTION}{task['function']}", *_arguments(task)]


def _arguments(task: dict[str, Any]) -> list[Any]:
    """Return the arguments of a task of ndev-workflows; those without name are arg0, arg1, …."""
    params = task.get("params")
    if not isinstance(params, dict):
        return []
    placed = [value for name, value in params.items() if _PLACED.fullmatch(name)]
    named = {name: value for name, value in params.items() if not _PLACED.fullmatch(name)}
    return [*placed, named] if named else placed


def _inputs(document: dict[str, Any]) -> set[str]:
    """Return the data that a workflow says it is given; napari-workflows does not say."""
    listed = document.get("inputs")
    return {name for name in listed if isinstance(name, str)} if isinstance(listed, list) else set()


def _history(tasks: dict[str, list[Any]], inputs: set[str], path: Path) -> History:
    # the first argument is the image, by the convention of napari-workflows
    first = {task[1] for task in tasks.values() if len(task) > 1 and isinstance(task[1], str)}
    names = [*sorted((inputs or first) - set(tasks)), *tasks]
    data = {name: DataRef(id=str(uuid4()), name=_clean(name)) for name in names}
    steps = [_step(name, tasks[name], data, path) for name in _ordered(tasks)]
    used = {slot.data for step in steps for slot in (*step.inputs, *step.outputs)}
    return History(tuple(steps), tuple(piece for piece in data.values() if piece.id in used))


def _step(name: str, task: list[Any], data: dict[str, DataRef], path: Path) -> Step:
    function, more = _function(task[0])
    tool = _tool(function) if function else Tool(name=_clean(name))
    inputs: list[Slot] = []
    parameters: list[Parameter] = []
    for key, value in _named([*task[1:], *more]):
        if isinstance(value, str) and value in data:
            inputs.append(Slot(name=_clean(key), data=data[value].id))
        elif (stated := parameter_of(key, _shown(value))) is not None:
            parameters.append(stated)
    return Step(
        id=str(uuid4()),
        name=_clean(name),
        tool=tool,
        parameters=tuple(parameters),
        inputs=tuple(inputs),
        outputs=(Slot(data=data[name].id),),
        confidence=Confidence.DECLARED,
        gap="it was read from a workflow file, which does not say that it was done",
        comment=f"From {path.name}",
        observed="workflow file",
    )


def _function(stated: Any) -> tuple[str, list[Any]]:
    """Return the dotted name of a task's function, and arguments bound to it (a partial)."""
    if isinstance(stated, str):
        known = stated.startswith(_FUNCTION)
        return (stated.removeprefix(_FUNCTION), []) if known else ("", [])
    if isinstance(stated, dict):
        return _function(stated.get("state", stated.get("args")))
    if isinstance(stated, list) and stated:
        return _function(stated[0])[0], [item for item in stated[1:3] if isinstance(item, dict)]
    return "", []


def _named(arguments: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield arguments with their names, or else their numbers."""
    for number, argument in enumerate(arguments, start=1):
        if isinstance(argument, dict):
            yield from argument.items()
        else:
            yield f"argument {number}", argument


def _shown(value: Any) -> Any:
    return value.removeprefix(_FUNCTION) if isinstance(value, str) else value


def _tool(dotted: str) -> Tool:
    """Return the tool of a function by its dotted name; its version is not known."""
    module, _, name = dotted.replace(":", ".").rpartition(".")
    function = f"{module}:{name}"
    known = split_function(function) is not None
    return Tool(name=_clean(name or dotted), function=function if known else "")


def _ordered(tasks: dict[str, list[Any]]) -> list[str]:
    """Return the tasks, each behind those that it needs; a circle is cut where it is found."""
    done: dict[str, None] = {}
    for start in tasks:
        pending = [(start, False)]
        entered: set[str] = set()
        while pending:
            name, ready = pending.pop()
            if ready:
                done.setdefault(name)
            elif name not in done and name not in entered:
                entered.add(name)
                pending.append((name, True))
                needed = [value for _, value in _named(tasks[name][1:]) if _is_in(value, tasks)]
                pending += [(need, False) for need in reversed(needed)]
    return list(done)


def _is_in(value: Any, tasks: dict[str, list[Any]]) -> bool:
    return isinstance(value, str) and value in tasks


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
