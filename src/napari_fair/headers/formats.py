"""Which format a file is: by its first bytes, then by its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from napari_fair.headers.ome_document import looks_like_ome

HEAD_BYTES = 1 << 13


@dataclass(frozen=True, slots=True)
class KnownFormat:
    """A format that is recognised.

    Attributes
    ----------
    name
        What people call it.
    reader
        Which reader takes it, as ``module:function``; empty when its header is not read yet.
    magic
        (offset, bytes) that all such files have; any one of them suffices.
    suffixes
        Endings that such a name must have when the magic is shared by many formats.
    """

    name: str
    reader: str = ""
    magic: tuple[tuple[int, bytes], ...] = ()
    suffixes: tuple[str, ...] = ()

    def matches(self, name: str, head: bytes) -> bool:
        """Whether a file with this name and these first bytes is one."""
        if self.suffixes and not name.endswith(self.suffixes):
            return False
        return any(head[at : at + len(mark)] == mark for at, mark in self.magic)


_TIFF = ((0, b"II*\0"), (0, b"MM\0*"), (0, b"II+\0"), (0, b"MM\0+"))
_OLE = ((0, bytes.fromhex("d0cf11e0a1b11ae1")),)

FORMATS: tuple[KnownFormat, ...] = (
    KnownFormat("cellSens VSI", "", _TIFF, (".vsi",)),
    KnownFormat("TIFF", "tiff:read_tiff", _TIFF),
    KnownFormat("PNG", "raster:read_png", ((0, b"\x89PNG\r\n\x1a\n"),)),
    KnownFormat("JPEG", "raster:read_jpeg", ((0, b"\xff\xd8\xff"),)),
    KnownFormat("Zeiss CZI", "czi:read_czi", ((0, b"ZISRAWFILE"),)),
    KnownFormat("Nikon ND2", "nd2:read_nd2", ((0, b"\xda\xce\xbe\x0a"),)),
    KnownFormat("Nikon ND2", "nd2:read_nd2", ((4, b"jP  "),), (".nd2",)),
    KnownFormat("Leica LIF", "lif:read_lif", ((0, b"\x70\0\0\0"),), (".lif", ".lof")),
    KnownFormat("Leica XLIF", "lif:read_xlif", ((0, b"<"), (0, b"\xff\xfe<")), (".xlif", ".xlef")),
    KnownFormat("Olympus OIB", "olympus:read_oib", _OLE, (".oib",)),
    KnownFormat("Olympus OIF", "olympus:read_oif", ((0, b"\xff\xfe["), (0, b"[")), (".oif",)),
    KnownFormat("Olympus OIR", "", ((0, b"OLYMPUSRAWFORMAT"),)),
    KnownFormat("Zeiss ZVI", "", _OLE, (".zvi",)),
    KnownFormat(
        "DeltaVision",
        "deltavision:read_deltavision",
        ((96, b"\xa0\xc0"), (96, b"\xc0\xa0")),
        (".dv", ".r3d", "d3d"),
    ),
    KnownFormat("DICOM", "dicom:read_dicom", ((128, b"DICM"),)),
    KnownFormat("Imaris", "", ((0, b"\x89HDF\r\n\x1a\n"),), (".ims",)),
    KnownFormat("MRC", "mrc:read_mrc", ((208, b"MAP"),), (".mrc", ".map", ".rec", ".st", ".ali")),
)
"""Tried in this order."""

OME_XML = KnownFormat("OME-XML", "ome_files:read_ome_xml")
OME_XML_SUFFIXES = (".ome.xml", ".ome", ".omexml", ".xml")


def recognise(path: Path, head: bytes) -> KnownFormat | None:
    """Return the format of a file by its first bytes and its name."""
    name = path.name.lower()
    for known in FORMATS:
        if known.matches(name, head):
            return known
    return OME_XML if looks_like_ome(head) else None


def read_head(path: Path) -> bytes:
    """Return a file's first bytes."""
    with path.open("rb", buffering=0) as stream:
        return stream.read(HEAD_BYTES)
