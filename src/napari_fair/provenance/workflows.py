"""Workflow files of napari-workflows and ndev-workflows as declared steps.

napari-workflows writes Python objects into its YAML. They are read as data: a tag such as
``!!python/name:skimage.filters.gaussian`` becomes the text of that name, and nothing is imported
or built.
"""

from __future__ import annotations

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
    tasks = _tasks(_document(data, path), path)
    return _history(dict(tasks), path)


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
    """Return the arguments of a task as ndev-workflows writes them."""
    placed = task.get("args", task.get("arguments", []))
    named = task.get("kwargs", task.get("params", {}))
    listed = list(placed) if isinstance(placed, list) else []
    if isinstance(placed, dict):
        named = {**placed, **(named if isinstance(named, dict) else {})}
    return [*listed, *([named] if isinstance(named, dict) and named else [])]


def _history(tasks: dict[str, list[Any]], path: Path) -> History:
    inputs = {a for task in tasks.values() for a in task[1:] if isinstance(a, str)}
    names = [*sorted(inputs - set(tasks) - _texts(tasks)), *tasks]
    data = {name: DataRef(id=str(uuid4()), name=_clean(name)) for name in names}
    steps = [_step(name, tasks[name], data, path) for name in _ordered(tasks)]
    used = {slot.data for step in steps for slot in (*step.inputs, *step.outputs)}
    return History(tuple(steps), tuple(piece for piece in data.values() if piece.id in used))


def _texts(tasks: dict[str, list[Any]]) -> set[str]:
    """Return arguments that are plain text: functions, and those after the first, unless tasks."""
    return {
        argument
        for task in tasks.values()
        for number, argument in enumerate(task[1:])
        if isinstance(argument, str) and (number or argument.startswith(_FUNCTION))
    }


def _step(name: str, task: list[Any], data: dict[str, DataRef], path: Path) -> Step:
    function, tool = task[0], Tool(name=_clean(name))
    if isinstance(function, str) and function.startswith(_FUNCTION):
        tool = _tool(function.removeprefix(_FUNCTION))
    inputs: list[Slot] = []
    parameters: list[Parameter] = []
    for number, argument in enumerate(task[1:]):
        if isinstance(argument, dict):
            pairs = [(key, value) for key, value in argument.items()]
        else:
            pairs = [(f"argument {number + 1}", argument)]
        for key, value in pairs:
            if isinstance(value, str) and value in data:
                inputs.append(Slot(name=_clean(key), data=data[value].id))
            elif (stated := parameter_of(key, value)) is not None:
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
                needed = [a for a in task_names(tasks[name]) if a in tasks]
                pending += [(need, False) for need in reversed(needed)]
    return list(done)


def task_names(task: list[Any]) -> Iterator[str]:
    """Yield the texts among a task's arguments, which may be names of other tasks."""
    for argument in task[1:]:
        values = argument.values() if isinstance(argument, dict) else [argument]
        yield from (value for value in values if isinstance(value, str))


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
