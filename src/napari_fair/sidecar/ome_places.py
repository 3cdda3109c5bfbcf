"""Puts the record's values at their places in an OME-XML image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_fair.model import Kind, field, split_path
from napari_fair.model.units import convert
from napari_fair.sidecar.ome_elements import element_types
from napari_fair.sidecar.ome_instrument import Instruments
from napari_fair.sidecar.ome_names import NS
from napari_fair.sidecar.ome_words import color, date_time, number, pixel_type, word
from napari_fair.sidecar.ome_xml import clean, element, insert, local, place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml import etree

    from napari_fair.model import Held
    from napari_fair.sidecar.ome_elements import SimpleType
    from napari_fair.sidecar.ome_xml import Original

SIZES = {f"image.size_{axis}": f"Size{axis.upper()}" for axis in "xyzct"}
REQUIRED = {**SIZES, "image.dtype": "Type", "image.dimension_order": "DimensionOrder"}
_DECIDED = frozenset({"image", "source"})
_ATTRIBUTES = {
    "objective.model": "Model",
    "objective.manufacturer": "Manufacturer",
    "objective.nominal_magnification": "NominalMagnification",
    "objective.lens_na": "LensNA",
    "objective.immersion": "Immersion",
    "objective.working_distance": "WorkingDistance",
    "microscope.manufacturer": "Manufacturer",
    "microscope.model": "Model",
    "microscope.type": "Type",
    "instrument.manufacturer": "Manufacturer",
    "instrument.model": "Model",
    "detector.model": "Model",
    "detector.manufacturer": "Manufacturer",
    "detector.type": "Type",
    "detector.gain": "Gain",
    "light_source.model": "Model",
    "light_source.manufacturer": "Manufacturer",
    "light_source.wavelength": "Wavelength",
}


def rewrites_planes(values: Mapping[str, Held]) -> bool:
    """Return whether a person decided what stands in every plane, each of which may say another."""
    return any(
        path.endswith(".exposure_time") and held.level in _DECIDED for path, held in values.items()
    )


class Places:
    """The places of one document's images.

    Parameters
    ----------
    root
        The document; changed in place.
    original
        Takes what is replaced.
    """

    def __init__(self, root: etree._Element, original: Original) -> None:
        self._original = original
        self._instruments = Instruments(root)

    def fill(self, image: etree._Element, values: Mapping[str, Held]) -> set[str]:
        """Write what is known about an image where OME has a place for it.

        What a person decided for the image or its source replaces what the document says;
        everything else only fills gaps.

        Parameters
        ----------
        image
            The image element.
        values
            The values in force, by path.

        Returns
        -------
        set of str
            Paths of the values that found no place.
        """
        placing = _Placing(self._instruments, image, values, self._original)
        shared_last = sorted(values.items(), key=lambda item: not _is_fact(item[0]))
        return {path for path, held in shared_last if not placing.put(path, held)}

    def finish(self) -> None:
        """Tidy up after the last image."""
        self._instruments.merge_equal()


class _Placing:
    """The places of one image."""

    def __init__(
        self,
        instruments: Instruments,
        image: etree._Element,
        values: Mapping[str, Held],
        original: Original,
    ) -> None:
        self._instruments, self._image = instruments, image
        self._values, self._original = values, original

    def put(self, path: str, held: Held) -> bool:
        """Write one value; False when it has no place or does not fit there."""
        name, index = split_path(path)
        force = held.level in _DECIDED
        if not held.recorded.given:
            return self._clear(name, index) if force else False
        if name == "image.description":
            return self._text("Description", clean(str(held.value)), force=force)
        if name == "image.acquisition_date":
            date = date_time(held.value)
            if date is None:  # a day without a time has no place
                if force:
                    self._clear(name, None)
                return False
            return self._text("AcquisitionDate", date, force=force)
        if name == "channel.exposure_time":
            return self._exposure(index or 0, held.value, force=force)
        if name == "acquisition.imaging_method":
            return self._method(held.value)
        block = name.partition(".")[0]
        if name.startswith("image.stage_"):
            return self._stage(name, held.value, force=force)
        node, attribute = self._node(name, index)
        if node is None or not attribute:
            return False
        shared = block not in ("image", "channel")
        if force and shared and self._instruments.shared(self._image, node):
            return False
        return self._attribute(node, attribute, name, held.value, force=force)

    def _node(self, name: str, index: int | None) -> tuple[etree._Element | None, str]:
        block, declared = name.partition(".")[0], field(name)
        if block == "image":
            inner = declared.ome.startswith("Pixels/")
            node = self._pixels() if inner else self._image
            return node, declared.ome.rpartition("@")[2]
        if block == "channel":
            return self._channel(index or 0), declared.ome.rpartition("@")[2]
        if name not in _ATTRIBUTES:
            return None, ""
        kind = self._values.get(f"light_source.{index}.type")
        words = str(kind.value or "") if kind is not None and block == "light_source" else ""
        return self._instruments.part(self._image, block, index or 0, words), _ATTRIBUTES[name]

    def _pixels(self) -> etree._Element | None:
        found: etree._Element | None = self._image.find(NS + "Pixels")
        return found

    def _channel(self, index: int) -> etree._Element | None:
        pixels = self._pixels()
        if pixels is None:
            return None
        channels = pixels.findall(NS + "Channel")
        return channels[index] if index < len(channels) else None

    def _attribute(
        self, node: etree._Element, attribute: str, name: str, value: Any, *, force: bool
    ) -> bool:
        declared = element_types()[local(node)].attributes.get(attribute)
        if declared is None:
            return False
        text = _as_attribute(name, value, declared.type)
        unit = f"{attribute}Unit" if field(name).kind is Kind.QUANTITY else ""
        fits = text is not None and (not unit or _has_unit(node, unit, value.unit))
        if not fits:
            text, unit = ("Other" if "Other" in declared.type.values else None), ""
        if node.get(attribute) is not None:
            if not force:
                return True
            if text is not None and self._same(node, attribute, unit, text, value):
                return fits
            if text is None and declared.required:
                return False
            self._keep(node, attribute, f"{attribute}Unit")
            self._drop(node, attribute)
        if text is not None:
            node.set(attribute, text)
        if unit:
            node.set(unit, clean(value.unit))
        return fits

    def _drop(self, node: etree._Element, attribute: str) -> None:
        for name in (attribute, f"{attribute}Unit"):
            if node.get(name) is not None:
                del node.attrib[name]

    def _same(self, node: etree._Element, attribute: str, unit: str, text: str, value: Any) -> bool:
        before = node.get(attribute) or ""
        if not unit:
            return before == text
        default = "nm" if attribute.endswith("Wavelength") else field_unit(attribute)
        try:
            same = convert(float(before), node.get(unit, default), value.unit)
        except ValueError:
            return False
        return same is not None and same == float(value.value)

    def _keep(self, node: etree._Element, attribute: str, unit: str) -> None:
        text = node.get(attribute) or ""
        if unit and node.get(unit):
            text = f"{text} {node.get(unit)}"
        self._original.add(place(node, attribute), text)

    def _text(self, name: str, text: str, *, force: bool) -> bool:
        found = self._image.find(NS + name)
        if found is None:
            insert(self._image, element(name, text))
        elif force and found.text != text:
            self._original.add(place(found), found.text or "")
            found.text = text
        return True

    def _exposure(self, index: int, exposure: Any, *, force: bool) -> bool:
        """Write a channel's exposure into its planes, or into a first plane made for it."""
        pixels = self._pixels()
        if pixels is None or self._channel(index) is None or exposure.unit != "s":
            return False
        mine = [p for p in pixels.iterfind(NS + "Plane") if p.get("TheC") == str(index)]
        if not mine:
            first = element("Plane", TheZ="0", TheC=str(index), TheT="0")
            mine = [insert(pixels, first)]
        if not force and any(plane.get("ExposureTime") is not None for plane in mine):
            return True
        for plane in mine:
            if plane.get("ExposureTime") is not None:
                self._keep(plane, "ExposureTime", "ExposureTimeUnit")
            plane.set("ExposureTime", number(exposure.value))
            plane.set("ExposureTimeUnit", "s")
        return True

    def _method(self, terms: Any) -> bool:
        """Fill gaps in the channels' acquisition modes where the method is one of OME's words."""
        words = element_types()["Channel"].attributes["AcquisitionMode"].type.values
        labels = (term.label.lower().replace("microscopy", "") for term in terms)
        mode = next((found for label in labels if (found := word(label, words))), None)
        pixels = self._pixels()
        if mode is None or pixels is None:
            return False
        for channel in pixels.iterfind(NS + "Channel"):
            if channel.get("AcquisitionMode") is None:
                channel.set("AcquisitionMode", mode)
        return True

    def _stage(self, name: str, value: Any, *, force: bool) -> bool:
        label = self._image.find(NS + "StageLabel")
        if not force and self._image.find(f"{NS}Pixels/{NS}Plane[@PositionX]") is not None:
            return True  # the planes say it, each for itself
        if label is None:
            label = insert(self._image, element("StageLabel", Name="Stage position"))
        attribute = name.rpartition("_")[2].upper()
        return self._attribute(label, attribute, name, value, force=force)

    def _clear(self, name: str, index: int | None) -> bool:
        """Take out a value of which a person said that there is none."""
        if name in REQUIRED:
            return False
        if name in ("image.description", "image.acquisition_date"):
            found = self._image.find(NS + field(name).ome)
            if found is not None:
                self._original.add(place(found), found.text or "")
                self._image.remove(found)
            return True
        if not name.startswith(("image.", "channel.")) or name == "channel.exposure_time":
            return False
        node, attribute = self._node(name, index)
        if node is not None and node.get(attribute) is not None:
            self._keep(node, attribute, f"{attribute}Unit")
            self._drop(node, attribute)
        return True


def _is_fact(path: str) -> bool:
    return field(split_path(path)[0]).per_image


def field_unit(attribute: str) -> str:
    """Return the unit in which the schema reads an attribute without one."""
    return "s" if attribute in ("TimeIncrement", "ExposureTime") else "\u00b5m"


def _has_unit(node: etree._Element, attribute: str, unit: str) -> bool:
    declared = element_types()[local(node)].attributes.get(attribute)
    return declared is not None and declared.type.allows(unit)


def _as_attribute(name: str, value: Any, kind: SimpleType) -> str | None:
    """Return a value as the attribute's type wants it, None when it does not fit."""
    text: str | None
    if name == "image.dtype":
        text = pixel_type(value)
    elif name == "channel.color":
        text = color(value)
    elif field(name).kind is Kind.QUANTITY:
        text = number(value.value)
    elif field(name).kind is Kind.NUMBER:
        text = number(value)
    elif kind.values:
        text = word(str(value), kind.values)
    else:
        text = clean(str(value))
    return text if text is not None and kind.allows(text) else None
