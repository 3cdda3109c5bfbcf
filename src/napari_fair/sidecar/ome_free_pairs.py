"""Free key-value pairs of images and of the blocks they use, as map annotations and back.

There is one annotation a namespace. A namespace that is an address of its own is the annotation's;
any other text follows ours, escaped. Whose pairs they are stands in the annotation's id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from napari_fair.model import SHARED_BLOCKS, KeyValue, linked_block
from napari_fair.sidecar.ome_names import OWN_ID, REMBI

if TYPE_CHECKING:
    from napari_fair.model import Dataset, Image, ImageSource
    from napari_fair.sidecar.ome_pairs import Pairs

IMAGE = "image"
_ID = f"{OWN_ID}pairs-"
_OURS = f"{REMBI}pairs"
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:[A-Za-z0-9/?#@!$&'()*+,;=:._~%-]+")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def free_pairs(
    dataset: Dataset, source: ImageSource, image: Image
) -> Iterator[tuple[str, str, Pairs]]:
    """Yield component, namespace and pairs of what is to be annotated."""
    said = {IMAGE: image.pairs}
    for kind in SHARED_BLOCKS:
        block = linked_block(dataset, source, image, kind)
        said[kind] = block.pairs if block is not None else ()
    for kind, pairs in said.items():
        for namespace in dict.fromkeys(pair.namespace for pair in pairs):
            alike = [(p.key, p.value) for p in pairs if p.namespace == namespace]
            yield f"pairs-{kind}", written(namespace), alike


def written(namespace: str) -> str:
    """Return the annotation's namespace for a namespace of pairs."""
    if not namespace:
        return _OURS
    plain = _ADDRESS.fullmatch(namespace) and not _BAD_ESCAPE.search(namespace)
    if plain and namespace.count("#") < 2 and not namespace.startswith(REMBI):
        return namespace
    return f"{_OURS}/{quote(namespace, safe='')}"


def read(namespace: str) -> str:
    """Return the namespace of pairs; the inverse of `written`."""
    if namespace == _OURS:
        return ""
    ours = f"{_OURS}/"
    return unquote(namespace.removeprefix(ours)) if namespace.startswith(ours) else namespace


def kind_of(id: str) -> str:
    """Return whose pairs an annotation holds: ``image`` or a kind of block, empty for no pairs."""
    kind = id.removeprefix(_ID).partition(":")[0] if id.startswith(_ID) else ""
    return kind if kind == IMAGE or kind in SHARED_BLOCKS else ""


def read_pairs(namespace: str, pairs: Pairs) -> tuple[KeyValue, ...]:
    """Return the free pairs of an annotation; those without key or value are left out."""
    told = read(namespace)
    return tuple(
        KeyValue(namespace=told, key=key, value=value)
        for key, value in pairs
        if key.strip() and value.strip()
    )
