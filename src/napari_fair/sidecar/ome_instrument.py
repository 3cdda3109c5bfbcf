"""The instrument of an image in an OME-XML document, and its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from napari_fair.sidecar.ome_names import NS
from napari_fair.sidecar.ome_xml import child, element, insert, local

if TYPE_CHECKING:
    from collections.abc import Iterator

_GENERIC = "GenericExcitationSource"
_LIGHT_SOURCES = {
    "laser": "Laser",
    "arc": "Arc",
    "filament": "Filament",
    "led": "LightEmittingDiode",
    "lightemittingdiode": "LightEmittingDiode",
    _GENERIC.lower(): _GENERIC,
}
_LIGHT_TAGS = frozenset(NS + name for name in _LIGHT_SOURCES.values())


def light_source_name(kind: str) -> str:
    """Return OME's element for a kind of light source."""
    return _LIGHT_SOURCES.get(kind.lower().replace(" ", ""), _GENERIC)


class Instruments:
    """Finds and makes instruments and their parts.

    Where the document came with instruments and does not say which one an image used, a lone one
    is taken and nothing is claimed; with several there is none.
    """

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._came = root.findall(NS + "Instrument")
        self._came_by_id = {node.get("ID") or "": node for node in self._came}
        self._made: dict[str, etree._Element] = {}
        self._next: dict[str, int] = {}
        nodes = (node for tag in ("Instrument", "Instrument/*") for node in self._find(tag))
        self._ids = {node.get("ID") for node in nodes}

    def _find(self, path: str) -> Iterator[etree._Element]:
        steps = (step if step == "*" else NS + step for step in path.split("/"))
        found: Iterator[etree._Element] = self._root.iterfind("/".join(steps))
        return found

    def part(
        self, image: etree._Element, block: str, index: int = 0, kind: str = ""
    ) -> etree._Element | None:
        """Return a part of an image's instrument, made where it is the next one.

        Parameters
        ----------
        image
            The image element.
        block
            The model's name: objective, microscope, instrument, detector or light_source.
        index
            Its number where there are several.
        kind
            The light source's kind, if it must be made.
        """
        instrument = self._instrument(image)
        if instrument is None:
            return None
        if block in ("microscope", "instrument"):
            return child(instrument, "Microscope")
        if block == "objective":
            return self._objective(image, instrument)
        name = "Detector" if block == "detector" else light_source_name(kind)
        tags = {NS + "Detector"} if block == "detector" else _LIGHT_TAGS
        found = [node for node in instrument if node.tag in tags]
        if index < len(found):
            return found[index]
        stem = "Detector" if block == "detector" else "LightSource"
        return self._add(instrument, name, stem) if index == len(found) else None

    def shared(self, image: etree._Element, node: etree._Element) -> bool:
        """Return whether other images use this part too."""
        name = "ObjectiveSettings" if local(node) == "Objective" else "InstrumentRef"
        reference = image.find(NS + name)
        if reference is None:
            return True
        users = [n for n in self._find(f"Image/{name}") if n.get("ID") == reference.get("ID")]
        return len(users) > 1

    def _instrument(self, image: etree._Element) -> etree._Element | None:
        reference = image.find(NS + "InstrumentRef")
        if reference is not None:
            id = reference.get("ID") or ""
            return self._made.get(id, self._came_by_id.get(id))
        if self._came:
            return self._came[0] if len(self._came) == 1 else None
        id = self._free("Instrument")
        insert(image, element("InstrumentRef", ID=id))
        made = self._made[id] = insert(self._root, element("Instrument", ID=id))
        return made

    def _objective(
        self, image: etree._Element, instrument: etree._Element
    ) -> etree._Element | None:
        settings = image.find(NS + "ObjectiveSettings")
        known = instrument.findall(NS + "Objective")
        if settings is not None:
            return next((node for node in known if node.get("ID") == settings.get("ID")), None)
        if known:
            return known[0] if len(known) == 1 else None
        made = self._add(instrument, "Objective", "Objective")
        insert(image, element("ObjectiveSettings", ID=made.get("ID") or ""))
        return made

    def _add(self, instrument: etree._Element, name: str, stem: str) -> etree._Element:
        return insert(instrument, element(name, ID=self._free(stem)))

    def _free(self, stem: str) -> str:
        position = self._next.get(stem, 0)
        while f"{stem}:{position}" in self._ids:
            position += 1
        self._next[stem] = position + 1
        return f"{stem}:{position}"

    def merge_equal(self) -> None:
        """Let images share the instruments made for them that are the same."""
        first: dict[bytes, etree._Element] = {}
        renamed: dict[str, str] = {}
        for instrument in self._made.values():
            kept = first.setdefault(_content(instrument), instrument)
            if kept is instrument:
                continue
            for ours, theirs in zip(instrument.iter(), kept.iter(), strict=True):
                if ours.get("ID"):
                    renamed[ours.get("ID") or ""] = theirs.get("ID") or ""
            self._root.remove(instrument)
        for name in ("InstrumentRef", "ObjectiveSettings") if renamed else ():
            for node in self._find(f"Image/{name}"):
                id = node.get("ID") or ""
                node.set("ID", renamed.get(id, id))


def _content(instrument: etree._Element) -> bytes:
    parts = [(n.tag, sorted((k, v) for k, v in n.items() if k != "ID")) for n in instrument.iter()]
    return repr(parts).encode()
