"""Where a document's pixels are: in the unchanged TIFF files, or not said."""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING, Any

from napari_fair.sidecar.ome_annotations import relative_name
from napari_fair.sidecar.ome_elements import type_of
from napari_fair.sidecar.ome_names import NS
from napari_fair.sidecar.ome_xml import clean, element, images, insert, steady_uuid

if TYPE_CHECKING:
    from lxml import etree

    from napari_fair.model import ImageSource

_BODIES = (NS + "BinData", NS + "TiffData", NS + "MetadataOnly")
_FOUR_GIGABYTES = 2**32


class CannotPoint(Exception):
    """A companion file cannot say where the planes are; the message says why."""


def describe_only(root: etree._Element) -> None:
    """Say of every image that the document holds no pixels and points at none."""
    for pixels in root.iterfind(f"{NS}Image/{NS}Pixels"):
        _empty(pixels, _BODIES)
        insert(pixels, element("MetadataOnly"))


def point_at_files(root: etree._Element, source: ImageSource, sidecar_path: str) -> None:
    """Let every image's ``TiffData`` name the source's files; Bio-Formats fails on one without.

    Blocks that the document has are kept. File names of a source that was renamed are put right.

    Raises
    ------
    CannotPoint
        If it is not known which file or page holds a plane. The document is then half changed and
        wants `describe_only`.
    """
    files = _Files(root, source, sidecar_path)
    all_images = images(root)
    for image in all_images:
        pixels = image.find(NS + "Pixels")
        if pixels is None:
            continue
        _empty(pixels, (NS + "BinData", NS + "MetadataOnly"))
        blocks = pixels.findall(NS + "TiffData")
        if not blocks:
            blocks = [_one_block(pixels, source, single=len(all_images) == 1)]
        if not files.are_named(blocks):
            for block in blocks:
                files.name(block)


def _empty(pixels: etree._Element, tags: tuple[str, ...]) -> None:
    for tag in tags:
        found = pixels.findall(tag)
        for node in found:
            pixels.remove(node)


def _one_block(pixels: etree._Element, source: ImageSource, *, single: bool) -> etree._Element:
    """Return one block for all pages of the file."""
    if not single:
        raise CannotPoint("which pages belong to which image is not known")
    if len(source.files) > 1:
        raise CannotPoint("how the planes are spread over the files is not known")
    if source.format == "ImageJ TIFF" and (source.files[0].size or 0) >= _FOUR_GIGABYTES:
        raise CannotPoint("ImageJ keeps stacks of this size outside the TIFF's pages")
    return insert(pixels, element("TiffData", IFD="0", PlaneCount=str(_plane_count(pixels))))


def _plane_count(pixels: etree._Element) -> int:
    sizes = [_count(pixels.get(f"Size{axis}")) for axis in "ZCT"]
    samples = [_count(c.get("SamplesPerPixel")) for c in pixels.iterfind(NS + "Channel")]
    channels = len(samples) if samples and sum(samples) == sizes[1] else sizes[1]
    return sizes[0] * channels * sizes[2]


def _count(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 1


class _Files:
    """The source's files by the names that a document may use for them."""

    def __init__(self, root: etree._Element, source: ImageSource, sidecar_path: str) -> None:
        self._names = [relative_name(file.path, sidecar_path) for file in source.files]
        folder = sidecar_path.rpartition("/")[0]
        for file, name in zip(source.files, self._names, strict=True):
            if (f"{folder}/{name}" if folder else name) != file.path:
                raise CannotPoint("it lies in another folder than the images")
            if clean(name) != name:
                raise CannotPoint("Bio-Formats cannot read all characters of the file name")
        self._source_id = source.id
        self._by_base: dict[str, str] = {}
        for name in reversed(self._names):
            self._by_base[basename(name)] = name
        self._root_uuid = root.get("UUID") or ""
        self._renamed = self._is_renamed(root)
        self._uuids: dict[str, str] = {}

    def are_named(self, blocks: list[Any]) -> bool:
        """Return whether all blocks name files of the source as they are; fast for many."""
        if not all(map(len, blocks)):
            return False
        inner = [block[0] for block in blocks]
        if {node.tag for node in inner} != {NS + "UUID"}:
            return False
        names, uuids = {node.get("FileName") for node in inner}, {node.text for node in inner}
        return names <= set(self._names) and all(_is_uuid(text or "") for text in uuids)

    def name(self, block: etree._Element) -> None:
        """Give a block the name of the file that holds it."""
        uuid = block.find(NS + "UUID")
        if uuid is None:
            uuid = element("UUID")
            block.append(uuid)
        file = self._file(uuid.get("FileName"))
        if uuid.get("FileName") != file:
            uuid.set("FileName", file)
        if not uuid.text or not _is_uuid(uuid.text):
            uuid.text = self._uuid(file)

    def _uuid(self, file: str) -> str:
        known = self._uuids.get(file)
        if known is None:
            own = file == self._names[0] and _is_uuid(self._root_uuid)
            known = self._root_uuid if own else steady_uuid(self._source_id, file)
            self._uuids[file] = known
        return known

    def _file(self, written: str | None) -> str:
        if not written:
            return self._names[0]
        written = written.replace("\\", "/")
        if written in self._names:
            return written
        found = self._by_base.get(basename(written))
        if found is not None:
            return found
        if self._renamed:
            return self._names[0]
        raise CannotPoint(f"it names the file '{written}', which is not there")

    def _is_renamed(self, root: etree._Element) -> bool:
        """Whether all blocks name one file, under another name than it has now."""
        if len(self._names) > 1:
            return False
        path = f"{NS}Image/{NS}Pixels/{NS}TiffData/{NS}UUID"
        written = {node.get("FileName") for node in root.iterfind(path)} - {None, ""}
        return len(written) == 1


_UUID_TYPE = type_of("TiffData", "UUID").text


def _is_uuid(text: str) -> bool:
    return _UUID_TYPE is not None and _UUID_TYPE.allows(text)
