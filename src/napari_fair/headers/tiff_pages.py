"""What one page of a TIFF file says about its pixels."""

from __future__ import annotations

from dataclasses import dataclass

from napari_fair.headers.tiff_structure import Directory, TiffStructure

_KINDS = {1: "uint", 2: "int", 3: "float", 4: "uint", 5: "complex", 6: "complex"}
_REDUCED = 1


@dataclass(frozen=True, slots=True)
class Page:
    """Pixels of one directory.

    Attributes
    ----------
    width, height
        In pixels.
    samples
        Colour samples of each pixel.
    dtype
        numpy's name, empty when there is none.
    reduced
        Whether the file calls it a smaller copy of another page (NewSubfileType, bit 0).
    subfile
        NewSubfileType.
    levels
        Offsets of the directories of its smaller copies (SubIFDs).
    """

    width: int
    height: int
    samples: int
    dtype: str
    reduced: bool
    subfile: int
    levels: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, int, int, str]:
        """What pages must share to be planes of one image."""
        return self.width, self.height, self.samples, self.dtype


def page_of(tiff: TiffStructure, directory: Directory) -> Page:
    """Describe the pixels of a directory."""
    subfile = tiff.value(directory, 254)
    return Page(
        width=tiff.value(directory, 256),
        height=tiff.value(directory, 257),
        samples=max(1, tiff.value(directory, 277, 1)),
        dtype=_dtype(tiff, directory),
        reduced=bool(subfile & _REDUCED),
        subfile=subfile,
        levels=tuple(int(offset) for offset in tiff.values(directory, 330, 64)),
    )


def missing_bytes(tiff: TiffStructure, directory: Directory) -> bool:
    """Whether pixels of a directory lie beyond the end of the file."""
    for offsets, counts in ((273, 279), (324, 325)):
        starts, lengths = tiff.values(directory, offsets), tiff.values(directory, counts)
        if starts and lengths:
            return any(a + b > tiff.size for a, b in zip(starts, lengths, strict=False))
    return False


def _dtype(tiff: TiffStructure, directory: Directory) -> str:
    bits, kind = tiff.value(directory, 258, 1), _KINDS.get(tiff.value(directory, 339, 1), "")
    if not kind or not 1 <= bits <= 128:
        return ""
    if bits == 1:
        return "bool"
    if kind == "float":
        return {16: "float16", 24: "float32", 32: "float32", 64: "float64"}.get(bits, "")
    if kind == "complex":
        return {64: "complex64", 128: "complex128"}.get(bits, "")
    for width in (8, 16, 32, 64):
        if bits <= width:
            return f"{kind}{width}"
    return ""
