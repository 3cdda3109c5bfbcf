"""A source's record as OME-XML: grafted into its own document, or written anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from napari_fair.files import FairError, parse_xml
from napari_fair.model import resolved
from napari_fair.sidecar.ome_acquired import annotate_acquisition, write_planes
from napari_fair.sidecar.ome_annotations import (
    SOURCE,
    Annotations,
    add_original,
    add_people,
    component_pairs,
    rename_own,
    source_pairs,
)
from napari_fair.sidecar.ome_elements import type_of
from napari_fair.sidecar.ome_free_pairs import free_pairs
from napari_fair.sidecar.ome_names import COMPANION, NS, without_pixels
from napari_fair.sidecar.ome_pixels import CannotPoint, describe_only, point_at_files
from napari_fair.sidecar.ome_places import REQUIRED, Places, rewrites_planes
from napari_fair.sidecar.ome_runs import NotAlike, Shortened, shortened
from napari_fair.sidecar.ome_tidy import CannotBeMadeValid, tidy
from napari_fair.sidecar.ome_upgrade import UnknownSchema, upgraded
from napari_fair.sidecar.ome_validity import make_valid
from napari_fair.sidecar.ome_words import pixel_type
from napari_fair.sidecar.ome_xml import (
    Original,
    clean,
    declare_schema,
    element,
    images,
    insert,
    local,
    new_document,
    steady_uuid,
)

if TYPE_CHECKING:
    from napari_fair.model import Dataset, Held, ImageSource


class CannotProject(Exception):
    """There is no valid OME-XML for a source; the message says why."""


class _Unusable(Exception):
    """The source's own document cannot carry our additions; the message says why."""


@dataclass
class Draft:
    """A document in the making.

    Attributes
    ----------
    root
        The OME element.
    document
        The source's document, which may lack runs of planes; empty when all of it is ours.
    path
        The sidecar's path, changed when the planes cannot be pointed at.
    notes
        Sentences for people.
    original
        What the source's document said where it says something else now.
    elements
        The image elements by the images' numbers.
    new
        Whether all of it is ours.
    damaged
        Whether it comes from a document that is not well-formed.
    """

    root: etree._Element
    document: Shortened
    path: str
    notes: list[str] = field(default_factory=list)
    original: Original = field(default_factory=Original)
    elements: dict[int, etree._Element] = field(default_factory=dict)
    new: bool = False
    damaged: bool = False


Values = dict[int, "dict[str, Held]"]
"""The values in force of each image by its number in the source."""

Projected = tuple[bytes, str, tuple[str, ...]]
"""A document, the path it is for, and notes."""


def project_source(
    dataset: Dataset, source: ImageSource, ome_xml: bytes | None, sidecar_path: str
) -> Projected:
    """Return a source's OME-XML, the path it is for, and notes.

    Raises
    ------
    CannotProject
        If no valid document can be made.
    """
    values = {image.index: dict(resolved(dataset, source, image)) for image in source.images}
    why = ""
    if ome_xml is not None:
        try:
            return _carried(dataset, source, values, ome_xml, sidecar_path)
        except (_Unusable, CannotBeMadeValid) as error:
            why = str(error)
    draft = _written(source, values, sidecar_path)
    if ome_xml is not None and why:
        text = ome_xml.decode("utf-8", "replace")
        draft.original.add("OME-XML", clean(text))
        draft.notes.append(
            f"The file's own OME-XML could not be used ({why}); its text is kept as it is."
        )
    try:
        return _finished(dataset, source, values, draft)
    except CannotBeMadeValid as error:
        raise CannotProject(f"No valid OME-XML can be written for it: {error}.") from error


def _carried(
    dataset: Dataset, source: ImageSource, values: Values, ome_xml: bytes, sidecar_path: str
) -> Projected:
    """Return the source's own document with our additions.

    Runs of planes stay out of the tree; where they cannot, the whole document is taken.
    """
    document = None if any(map(rewrites_planes, values.values())) else shortened(ome_xml)
    if document is not None:
        try:
            draft = _grafted(source, values, document, sidecar_path)
            return _finished(dataset, source, values, draft)
        except (NotAlike, _Unusable, CannotBeMadeValid):
            pass
    draft = _grafted(source, values, Shortened(ome_xml), sidecar_path)
    return _finished(dataset, source, values, draft)


def _grafted(source: ImageSource, values: Values, document: Shortened, sidecar_path: str) -> Draft:
    """Return the source's own document, made valid, with its pixels in place."""
    try:
        parsed = parse_xml(document.text, name=source.path, recover=not document.runs)
        document.find_firsts(parsed.root)
        root, version = upgraded(parsed.root)
    except (FairError, UnknownSchema) as error:
        raise _Unusable(str(error)) from error
    draft = Draft(root, document, sidecar_path, list(parsed.notes), damaged=parsed.damaged)
    if parsed.damaged:
        etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
    if version:
        draft.notes.append(f"Its OME-XML was upgraded from schema {version} to 2016-06.")
    if local(root) != "OME":
        raise _Unusable(f"its root element is {local(root)}")
    declare_schema(root)
    rename_own(root, document.text)
    binary_only = root.findall(NS + "BinaryOnly")
    for node in binary_only:
        root.remove(node)
    draft.elements = dict(enumerate(images(root)))
    if not draft.elements:
        raise _Unusable("" if binary_only else "it describes no image")
    _fill_required(draft, values)
    _settle_pixels(draft, source)
    document.forget_removed()
    tidy(root, draft.original)
    if not images(root):
        raise _Unusable("no image of it is valid")
    return draft


def _fill_required(draft: Draft, values: Values) -> None:
    """Set sizes and type from the record where the document has none that is valid."""
    for number, node in draft.elements.items():
        known = values.get(number, {})
        pixels = node.find(NS + "Pixels")
        required = _required(known)
        if pixels is None and required:
            pixels = insert(node, element("Pixels", ID=f"Pixels:{node.get('ID') or '0'}"))
        if pixels is not None:
            for name, text in required.items():
                if not type_of("Pixels").attributes[name].type.allows(pixels.get(name, "")):
                    if pixels.get(name) is not None:
                        draft.original.add_attribute(pixels, name)
                    pixels.set(name, text)


def _required(values: dict[str, Held]) -> dict[str, str]:
    """Return the required attributes of `Pixels`, nothing when one is unknown."""
    found: dict[str, str] = {}
    for path, name in REQUIRED.items():
        held = values.get(path)
        value = str(held.value) if held is not None and held.recorded.given else ""
        text = pixel_type(value) if name == "Type" and value else value
        if name == "DimensionOrder" and not text:
            text = "XYZCT"
        if text is None or not type_of("Pixels").attributes[name].type.allows(text):
            return {}
        found[name] = text
    return found


def _settle_pixels(draft: Draft, source: ImageSource) -> None:
    """Point at the files where the sidecar is a companion, else only describe."""
    if draft.path.endswith(COMPANION):
        try:
            point_at_files(draft.root, source, draft.path)
        except CannotPoint as error:
            draft.path = without_pixels(draft.path)
            draft.notes.append(f"The sidecar does not open as an image: {error}.")
        else:
            return
    describe_only(draft.root)


def _written(source: ImageSource, values: Values, sidecar_path: str) -> Draft:
    """Return a new document with the images that the record knows."""
    draft = Draft(new_document(), Shortened(b""), sidecar_path, new=True)
    draft.root.set("UUID", steady_uuid(source.id))
    draft.root.set("Creator", "napari-fair")
    if not source.images:
        raise CannotProject("It holds no image that the record knows.")
    for number, known in sorted(values.items()):
        required = _required(known)
        if not required:
            raise CannotProject(_unknown(number, known))
        node = insert(draft.root, element("Image", ID=f"Image:{number}"))
        pixels = insert(node, element("Pixels", ID=f"Pixels:{number}", **required))
        for channel, samples in enumerate(_samples(known, int(required["SizeC"]))):
            made = element("Channel", ID=f"Channel:{number}:{channel}")
            made.set("SamplesPerPixel", str(samples))
            insert(pixels, made)
        draft.elements[number] = node
    if not all(map(_order_is_known, values.values())):
        draft.notes.append("The order of the planes is not known; the sidecar says XYZCT.")
        draft.path = without_pixels(draft.path)
    _settle_pixels(draft, source)
    return draft


def _unknown(number: int, values: dict[str, Held]) -> str:
    for path, name in REQUIRED.items():
        held = values.get(path)
        if path == "image.dtype" and held is not None and held.recorded.given:
            if pixel_type(held.value) is None:
                return f"OME-XML has no name for its pixel type {held.value}."
        elif name != "DimensionOrder" and (held is None or not held.recorded.given):
            what = "the pixel type" if name == "Type" else name
            return f"OME-XML needs {what} of image {number + 1}, which is not known."
    return f"The sizes of image {number + 1} are not what OME-XML allows."


def _order_is_known(values: dict[str, Held]) -> bool:
    held = values.get("image.dimension_order")
    if held is not None and held.recorded.given:
        return True
    sizes = [values[path].value for path in ("image.size_z", "image.size_c", "image.size_t")]
    return len([size for size in sizes if size > 1]) < 2


def _samples(values: dict[str, Held], size_c: int) -> list[int]:
    """Return the samples of each channel, one each where they do not add up."""
    samples: list[int] = []
    while sum(samples) < size_c:
        held = values.get(f"channel.{len(samples)}.samples_per_pixel")
        samples.append(held.value if held is not None and held.value else 1)
    return samples if sum(samples) == size_c else [1] * size_c


def _finished(dataset: Dataset, source: ImageSource, values: Values, draft: Draft) -> Projected:
    root = draft.root
    annotations, places = Annotations(root), Places(root, draft.original)
    acquired = {image.index: image for image in source.images}
    for number, node in draft.elements.items():
        known = values.get(number, {})
        if node.getparent() is not root:
            draft.notes.append(
                f"Image {number + 1} of its OME-XML is not valid and was moved away."
            )
            continue
        if number in acquired:
            write_planes(node, acquired[number].planes)
        unplaced = places.fill(node, known)
        for component, pairs in component_pairs(dataset, known, unplaced).items():
            annotations.link(node, component, pairs)
        if number in acquired:
            for component, namespace, free in free_pairs(dataset, source, acquired[number]):
                annotations.link(node, component, free, namespace)
            about = [n for n in dataset.notes if n.image == acquired[number].id]
            annotate_acquisition(node, annotations, source, about)
        annotations.link(node, SOURCE, source_pairs(source, draft.path))
    if not draft.elements.keys() >= values.keys():
        draft.notes.append("Its OME-XML describes fewer images than the file holds.")
    places.finish()
    add_people(root, annotations, dataset)
    make_valid(root, draft.original)
    if len(draft.original):
        add_original(root, annotations, draft.original)
        draft.notes.append(
            f"Mended, replaced or moved in its OME-XML: {len(draft.original)}. An annotation keeps "
            "what it said."
        )
    if draft.new:
        etree.indent(root)
    data = draft.document.to_bytes(root)
    if draft.damaged:
        _check_well_formed(data)
    return data, draft.path, tuple(draft.notes)


def _check_well_formed(data: bytes) -> None:
    """Refuse what only a recovering parser could read, such as names with an unknown prefix."""
    try:
        parse_xml(data, recover=False)
    except FairError as error:
        raise CannotBeMadeValid("it is not well-formed") from error
