"""Check sidecars with the official validators, offline: OME's schema and RO-Crate's validator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from napari_fair.files import (
    DamagedDocument,
    FairError,
    confine,
    path_from_crate_id,
    read_json,
    reading,
    shown,
)
from napari_fair.sidecar.crate_graph import as_list, refs
from napari_fair.sidecar.crate_terms import METADATA_FILE
from napari_fair.sidecar.crate_validation import TIMEOUT, Outcome, Unavailable, run_profiles
from napari_fair.sidecar.ome_names import OWN_ID, REMBI
from napari_fair.sidecar.verdicts import Issue, Verdict, VerdictStatus, judged, unchecked

__all__ = ["Issue", "Verdict", "VerdictStatus", "validate"]

OME_SCHEMA = "OME-XML 2016-06"
_LEVELS = ("required", "recommended")
_OME_ENDINGS = (".companion.ome", ".omexml")
_XML_ENDINGS = (*_OME_ENDINGS, ".ome.xml", ".xml", ".ome")
_SPEC = "https://w3id.org/ro/crate/"
_PROCESS = "https://w3id.org/ro/wfrun/process/"
_SUPPORTED_VERSIONS = ("1.1", "1.2", "1.3")
_SUPPORTED_PROCESS = "0.5"

Progress = Callable[[str], None]


def validate(
    path: Path,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    timeout: float = TIMEOUT,
) -> list[Verdict]:
    """Check a file, or all sidecars of a folder, without asking the network anything.

    Parameters
    ----------
    path
        A folder: its crate, the OME sidecars that the crate lists, and those of ours that lie in
        it. A crate's metadata file, or any OME-XML file: that one. An image: its sidecars and the
        crate beside it. Foreign OME-XML is only checked when it is named itself.
    progress
        Called with a phrase when a check is begun.
    cancelled
        Asked several times a second while the RO-Crate validator runs.
    timeout
        Seconds that the RO-Crate validator may take.

    Returns
    -------
    list of Verdict
        OME-XML against OME's schema 2016-06; a crate at the levels ``required`` and
        ``recommended`` of its RO-Crate version, and of Process Run Crate 0.5 when it says that it
        conforms to that. Nothing that could not be checked is passed.

    Raises
    ------
    FairError
        If there is nothing to check, or `path` cannot be read.
    Cancelled
        If `cancelled` said so.
    """
    path = Path(path)
    crate, sidecars = _what_to_check(path)
    verdicts = []
    for sidecar in sidecars:
        if progress:
            progress(f"Checking {sidecar.name}")
        verdicts.append(_ome_verdict(sidecar))
    if crate is not None:
        verdicts += _escaping(crate)
        verdicts += _crate_verdicts(crate, progress, cancelled, timeout)
    if not verdicts:
        raise FairError(f"There is no sidecar in or beside {shown(path)}; annotate it first.")
    return verdicts


# ---- what there is to check ------------------------------------------------------------------


def _what_to_check(path: Path) -> tuple[Path | None, list[Path]]:
    """Return the crate's metadata file, if there is one, and the OME sidecars."""
    if path.is_dir():
        crate = _crate_in(path)
        return crate, _unique([*_listed(crate), *_own_beside(path)])
    with reading(path):
        path.stat()
    if path.name == METADATA_FILE:
        return path, []
    if path.name.lower().endswith(_XML_ENDINGS):
        return None, [path]
    beside = [path.with_name(path.name + ending) for ending in _OME_ENDINGS]
    return _crate_in(path.parent), [sidecar for sidecar in beside if sidecar.is_file()]


def _crate_in(folder: Path) -> Path | None:
    crate = folder / METADATA_FILE
    return crate if crate.is_file() else None


def _unique(paths: list[Path]) -> list[Path]:
    return list({path.resolve(): path for path in paths}.values())


def _own_beside(folder: Path) -> list[Path]:
    found = sorted(entry for entry in folder.iterdir() if entry.name.endswith(_OME_ENDINGS))
    return [path for path in found if path.is_file() and _is_own(path)]


def _is_own(path: Path) -> bool:
    with reading(path):
        data = path.read_bytes()
    return OWN_ID.encode() in data or REMBI.encode() in data


def _entities(crate: Path) -> list[dict[str, Any]]:
    """Return the crate's entities, none when it is not readable as a graph."""
    try:
        with reading(crate):
            document = read_json(crate.read_bytes(), name=crate.name).value
    except FairError:
        return []
    graph = document.get("@graph") if isinstance(document, dict) else None
    return [e for e in as_list(graph) if isinstance(e, dict) and isinstance(e.get("@id"), str)]


def _sidecar_ids(crate: Path) -> list[str]:
    """Return ids of the files that the crate says are OME-XML about something."""
    return [
        entity["@id"]
        for entity in _entities(crate)
        if entity["@id"].endswith(_OME_ENDINGS)
        and "File" in as_list(entity.get("@type"))
        and refs(entity.get("about"))
    ]


def _listed(crate: Path | None) -> list[Path]:
    if crate is None:
        return []
    return [path for id in _sidecar_ids(crate) if (path := _inside(crate, id)) is not None]


def _inside(crate: Path, id: str) -> Path | None:
    try:
        return confine(crate.parent, path_from_crate_id(id))
    except FairError:
        return None


def _escaping(crate: Path) -> list[Verdict]:
    """Return a verdict for each listed sidecar that would lie outside the folder."""
    return [
        judged(crate, OME_SCHEMA, "required", (Issue("required", "path", _leaves(id), id),))
        for id in _sidecar_ids(crate)
        if _inside(crate, id) is None
    ]


def _leaves(id: str) -> str:
    return f"The sidecar {shown(id)} would lie outside the folder and was not opened."


# ---- OME-XML ---------------------------------------------------------------------------------


def _ome_verdict(path: Path) -> Verdict:
    from napari_fair.sidecar.ome_schema import schema_errors

    try:
        with reading(path):
            errors = schema_errors(path.read_bytes())
    except FairError as error:
        if not path.exists():
            issue = Issue("required", "file", "The crate lists this file, but it is not there.")
            return judged(path, OME_SCHEMA, "required", (issue,))
        return unchecked(path, OME_SCHEMA, "required", str(error))
    issues = tuple(Issue("required", "schema", message) for message in errors)
    return judged(path, OME_SCHEMA, "required", issues)


# ---- RO-Crate --------------------------------------------------------------------------------


def _crate_verdicts(
    crate: Path,
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
    timeout: float,
) -> list[Verdict]:
    try:
        with reading(crate):
            read_json(crate.read_bytes(), name=shown(crate))
    except DamagedDocument as error:
        return [judged(crate, "RO-Crate", "required", (Issue("required", "json", str(error)),))]
    except FairError as error:
        return _unchecked_levels(crate, "RO-Crate", str(error))
    version, process = _conforms_to(crate)
    if version not in _SUPPORTED_VERSIONS:
        reason = f"it follows RO-Crate {version}, which the validator does not know"
        return _unchecked_levels(crate, f"RO-Crate {version}", reason)
    profiles = {f"ro-crate-{version}": f"RO-Crate {version}"}
    verdicts = []
    if process == _SUPPORTED_PROCESS:
        profiles[f"process-run-crate-{process}"] = f"Process Run Crate {process}"
    elif process:
        reason = f"the validator knows Process Run Crate {_SUPPORTED_PROCESS} only"
        verdicts = _unchecked_levels(crate, f"Process Run Crate {process}", reason)
    outcomes = _run(crate.parent, list(profiles), progress, cancelled, timeout)
    judgements = [
        verdict
        for profile, check in profiles.items()
        for verdict in _by_level(crate, check, outcomes[profile])
    ]
    return [*judgements, *verdicts]


def _run(
    folder: Path,
    profiles: list[str],
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
    timeout: float,
) -> dict[str, Outcome]:
    try:
        return run_profiles(
            folder, profiles, progress=progress, cancelled=cancelled, timeout=timeout
        )
    except Unavailable as missing:
        return dict.fromkeys(profiles, Outcome(problem=str(missing)))


def _by_level(crate: Path, check: str, outcome: Outcome) -> Iterator[Verdict]:
    for level in _LEVELS:
        if outcome.problem:
            yield unchecked(crate, check, level, outcome.problem)
        else:
            found = tuple(Issue(**issue) for issue in outcome.issues if issue["severity"] == level)
            yield judged(crate, check, level, found)


def _unchecked_levels(crate: Path, check: str, reason: str) -> list[Verdict]:
    return [unchecked(crate, check, level, reason) for level in _LEVELS]


def _conforms_to(crate: Path) -> tuple[str, str]:
    """Return the versions of RO-Crate and of Process Run Crate that a crate says it follows.

    A crate that names no version of RO-Crate is held against 1.1, and will fail.
    """
    entities = {entity["@id"].removeprefix("./"): entity for entity in _entities(crate)}
    descriptor = entities.get(METADATA_FILE, {})
    named = [id for id in refs(descriptor.get("conformsTo")) if id.startswith(_SPEC)]
    version = named[0].removeprefix(_SPEC).split("/")[0] if named else "1.1"
    root = next(iter(refs(descriptor.get("about"))), "./").removeprefix("./")
    profiles = refs(entities.get(root, {}).get("conformsTo"))
    process = next((id for id in profiles if id.startswith(_PROCESS)), "")
    return version, process.removeprefix(_PROCESS).strip("/")
