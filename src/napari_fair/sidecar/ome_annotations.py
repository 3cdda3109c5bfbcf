"""Map annotations: the record's components, the files they are about, what was moved away."""

from __future__ import annotations

from posixpath import dirname, relpath
from typing import TYPE_CHECKING, Any

from napari_fair.model import fields, resolve, split_path
from napari_fair.sidecar.ome_names import OWN_ID, REMBI
from napari_fair.sidecar.ome_pairs import Pairs, pairs_of
from napari_fair.sidecar.ome_xml import child, element, images, insert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lxml import etree

    from napari_fair.model import Dataset, Held, ImageSource, Person
    from napari_fair.sidecar.ome_xml import Original

_OWN_PERSON = "Experimenter:napari-fair:"
_EARLIER = "earlier-napari-fair"
SOURCE, ORIGINAL, PERSON = "source", "original", "person"
_DESCRIPTIONS = {
    "study": "REMBI Study",
    "biosample": "REMBI Biosample",
    "specimen": "REMBI Specimen",
    "acquisition": "REMBI Image acquisition",
    "device_states": "States of the microscope's devices when the acquisition began",
    "event": "Noted while the image was taken",
    SOURCE: "Files that this document describes",
    ORIGINAL: "What the document said before it was made valid or a person decided otherwise",
    PERSON: "Person",
}


def rename_own(root: etree._Element, data: bytes) -> None:
    """Give other ids to annotations and people that came from a sidecar of ours.

    They are in a file that was converted from such a sidecar, and belong to that file.
    """
    if OWN_ID.encode() not in data and _OWN_PERSON.encode() not in data:
        return
    number = 1
    while f":{_EARLIER}-{number}:".encode() in data:
        number += 1
    for node in root.iter("{*}*"):
        for attribute in ("ID", "Annotator"):
            id = node.get(attribute) or ""
            if id.startswith((OWN_ID, _OWN_PERSON)):
                node.set(attribute, id.replace(":napari-fair:", f":{_EARLIER}-{number}:", 1))


class Annotations:
    """Writes map annotations into a document, one for equal content, and links them."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._ids: dict[tuple[str, str, tuple[tuple[str, str], ...]], str] = {}
        self._counts: dict[str, int] = {}

    def link(
        self,
        node: etree._Element,
        component: str,
        pairs: Iterable[tuple[str, str]],
        namespace: str = "",
    ) -> None:
        """Annotate a node with pairs of a component; nothing when there are none.

        The namespace is that of the component unless another one is given.
        """
        content, namespace = tuple(pairs), namespace or REMBI + component
        if not content:
            return
        known = self._ids.get((component, namespace, content))
        id = known or self._write(component, namespace, content)
        insert(node, element("AnnotationRef", ID=id))

    def _write(self, component: str, namespace: str, pairs: tuple[tuple[str, str], ...]) -> str:
        number = self._counts.get(component, 0)
        self._counts[component] = number + 1
        id = self._ids[component, namespace, pairs] = f"{OWN_ID}{component}:{number}"
        made = element("MapAnnotation", ID=id, Namespace=namespace)
        words = component.replace("pairs-", "more about the ").replace("_", " ").capitalize()
        description = _DESCRIPTIONS.get(component, words)
        made.append(element("Description", description))
        value = child(made, "Value")
        for name, text in pairs:
            value.append(element("M", text, K=name))
        indent(made)
        child(self._root, "StructuredAnnotations").append(made)
        return id


def indent(node: etree._Element) -> None:
    """Lay out an element of ours over several lines."""
    from lxml import etree

    etree.indent(node, space="  ", level=2)
    node.tail = "\n  "


def component_pairs(
    dataset: Dataset, values: Mapping[str, Held], unplaced: set[str]
) -> dict[str, Pairs]:
    """Return what to annotate an image with, by component.

    Everything that people said, and of what the file says only what found no place in the
    document.
    """
    components: dict[str, Pairs] = {}
    for path, held in values.items():
        declared = fields()[split_path(path)[0]]
        if held.level == "file" and declared.per_image and path not in unplaced:
            continue
        pairs = pairs_of(dataset, path, held.recorded)
        components.setdefault(declared.block, []).extend(pairs)
    return components


def source_pairs(source: ImageSource, sidecar_path: str) -> Pairs:
    """Return names, sizes and checksums of a source's files; a pending checksum has no key.

    Names are relative to the sidecar; a file outside its folder is given by its name alone.
    """
    pairs: Pairs = []
    for file in source.files:
        pairs.append(("FileName", relative_name(file.path, sidecar_path)))
        if file.size is not None:
            pairs.append(("Size", str(file.size)))
        if file.sha256:
            pairs.append(("SHA-256", file.sha256))
    return pairs


def relative_name(path: str, sidecar_path: str) -> str:
    """Return a file's path relative to the sidecar's folder, its name alone if that is outside."""
    path = path.rstrip("/")
    relative = relpath(path, dirname(sidecar_path) or ".")
    return path.rpartition("/")[2] if relative.startswith(("../", "/")) else relative


def add_people(root: etree._Element, annotations: Annotations, dataset: Dataset) -> None:
    """Write the study's authors as experimenters, each with an annotation that has the ORCID iD.

    OME has no field for it. The whole name is the last name: where a name divides is not known.
    """
    for number, person in enumerate(_authors(dataset)):
        known: dict[str, str] = {"LastName": person.name, "Email": person.email}
        if person.affiliation is not None:
            known["Institution"] = person.affiliation.name
        written = {key: text for key, text in known.items() if text}
        made = element("Experimenter", ID=f"{_OWN_PERSON}{number}", **written)
        insert(root, made)
        annotations.link(made, PERSON, _person_pairs(person))
        indent(made)


def _authors(dataset: Dataset) -> list[Person]:
    held = resolve(dataset, None, None, "study.authors")
    ids: Any = held.value if held is not None and held.value else ()
    found = [dataset.person(id) for id in dict.fromkeys(ids)]
    return [person for person in found if person is not None]


def _person_pairs(person: Person) -> Pairs:
    affiliation = person.affiliation
    pairs = [
        ("Name", person.name),
        ("ORCID", f"https://orcid.org/{person.orcid}" if person.orcid else ""),
        ("Email", person.email),
        ("Affiliation", affiliation.name if affiliation else ""),
        ("Affiliation ROR", affiliation.ror if affiliation else ""),
    ]
    return [(name, text) for name, text in pairs if text]


def add_original(root: etree._Element, annotations: Annotations, original: Original) -> None:
    """Keep what was moved away as one annotation of all images."""
    pairs = list(original)
    for image in images(root) if pairs else []:
        annotations.link(image, ORIGINAL, pairs)
