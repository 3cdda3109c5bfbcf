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


_SHAPING = frozenset({254, 256, 257, 258, 277, 339})


def page_runs(tiff: TiffStructure) -> list[tuple[Page, Directory, int]]:
    """Return the runs of pages of one shape: the first page, its directory, how many there are.

    Pages that the file calls smaller copies are left out, unless there is nothing else. A page
    whose directory is like the one before is not worked out again: there may be 100,000.
    """
    runs: list[tuple[Page, Directory, int]] = []
    reduced: list[tuple[Page, Directory, int]] = []
    like: list[tuple[int, bytes]] | None = None
    for directory in tiff.directories():
        if like is not None and runs and _alike(directory, like, runs[-1][1]):
            runs[-1] = (*runs[-1][:2], runs[-1][2] + 1)
            continue
        page = page_of(tiff, directory)
        like = _inline(directory)
        if page.reduced:
            like = None
            reduced.append((page, directory, 1))
        elif runs and runs[-1][0].shape == page.shape:
            runs[-1] = (*runs[-1][:2], runs[-1][2] + 1)
        else:
            runs.append((page, directory, 1))
    return runs or reduced[:1]


def _alike(directory: Directory, like: list[tuple[int, bytes]], first: Directory) -> bool:
    entries = directory.entries
    return len(entries) == len(first.entries) and all(
        entries[at : at + len(entry)] == entry for at, entry in like
    )


def _inline(directory: Directory) -> list[tuple[int, bytes]] | None:
    """Return the entries that make the shape, None when one has its value elsewhere."""
    tags = (directory.tags.get(code) for code in _SHAPING)
    return None if any(tag and tag.offset for tag in tags) else directory.stored(_SHAPING)


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
