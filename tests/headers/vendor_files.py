"""Small files of makers' formats, written for the tests from the formats' own rules."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence


def czi_entry(
    starts: dict[str, int],
    width: int,
    height: int,
    *,
    pixel_type: int = 1,
    shrunk: int = 1,
    left: int = 0,
    top: int = 0,
) -> bytes:
    """A directory entry: where a subblock lies along each dimension."""
    dimensions = {
        "X": (left, width * shrunk, width),
        "Y": (top, height * shrunk, height),
        **{name: (start, 1, 1) for name, start in starts.items()},
    }
    parts = [struct.pack("<2siqiiB5xi", b"DV", pixel_type, 544, 0, 0, 0, len(dimensions))]
    for name, (start, size, stored) in dimensions.items():
        parts.append(struct.pack("<4siifi", name.encode(), start, size, 0.0, stored))
    return b"".join(parts)


def _segment(name: bytes, data: bytes) -> bytes:
    room = -(-len(data) // 32) * 32
    return struct.pack("<16sqq", name, room, len(data)) + data.ljust(room, b"\0")


def czi(
    entries: Sequence[bytes],
    xml: str,
    stamps: Iterable[float] = (),
    pictures: Mapping[str, bytes] | None = None,
) -> bytes:
    """A CZI with subblocks that hold no pixels, their directory, the XML and attachments."""
    parts: list[bytes] = []
    places: dict[str, int] = {}

    def add(name: bytes, data: bytes, key: str = "") -> None:
        places[key] = 544 + sum(len(part) for part in parts)
        parts.append(_segment(name, data))

    for entry in entries:
        add(b"ZISRAWSUBBLOCK", (struct.pack("<iiq", 0, 0, 0) + entry).ljust(256, b"\0"))
    text = xml.encode()
    add(b"ZISRAWMETADATA", struct.pack("<ii248x", len(text), 0) + text, "xml")
    add(
        b"ZISRAWDIRECTORY",
        struct.pack("<i124x", len(entries)) + b"".join(entries),
        "directory",
    )
    times, listed = tuple(stamps), []
    for name, inner in (pictures or {}).items():
        add(b"ZISRAWATTACH", bytes(256) + inner, name)
        held = (places[name], 0, b"", b"CZI", name.encode())
        listed.append(struct.pack("<2s10xqi16s8s80s", b"A1", *held))
    if times:
        held = struct.pack(f"<ii{len(times)}d", 8 + 8 * len(times), len(times), *times)
        add(b"ZISRAWATTACH", bytes(256) + held, "stamps")
        entry = struct.pack("<2s10xqi16s8s80s", b"A1", places["stamps"], 0, b"", b"CZTIMS", b"T")
        listed.append(entry)
    if listed:
        head = struct.pack("<i252x", len(listed))
        add(b"ZISRAWATTDIR", head + b"".join(listed), "attachments")
    head = struct.pack("<iiii16s16siqqiq", 1, 0, 0, 0, b"", b"", 0, *_pointers(places))
    return _segment(b"ZISRAWFILE", head.ljust(512, b"\0")) + b"".join(parts)


def _pointers(places: dict[str, int]) -> tuple[int, int, int, int]:
    return places["directory"], places["xml"], 0, places.get("attachments", 0)


def czi_xml(image: str = "", instrument: str = "", rest: str = "") -> str:
    return (
        "<ImageDocument><Metadata><Information>"
        f"<Image>{image}</Image><Instrument>{instrument}</Instrument></Information>"
        f"{rest}</Metadata></ImageDocument>"
    )


def lif_block(text: str) -> bytes:
    data = text.encode("utf-16-le")
    return struct.pack("<iiBi", 0x70, len(data) + 5, 0x2A, len(text)) + data


def lif(xml: str) -> bytes:
    return lif_block(xml)


def lof(xml: str, pixels: bytes = bytes(100)) -> bytes:
    head = lif_block("LMS_Object_File")
    numbers = struct.pack("<BiBiBq", 0x2A, 2, 0x2A, 1, 0x2A, len(pixels))
    return head + numbers + pixels + lif_block(xml)


def lif_xml(images: str, name: str = "project.lif") -> str:
    return (
        f'<LMSDataContainerHeader Version="2"><Element Name="{name}"><Data/>'
        f"<Children>{images}</Children></Element></LMSDataContainerHeader>"
    )


def lif_image(
    dimensions: Sequence[tuple[int, int, float, str]],
    channels: int = 1,
    rest: str = "",
    name: str = "Series001",
) -> str:
    """An image; a dimension is its number, elements, length and unit."""
    described = "".join(
        f'<DimensionDescription DimID="{number}" NumberOfElements="{count}" Length="{length}" '
        f'Unit="{unit}" BytesInc="1"/>'
        for number, count, length, unit in dimensions
    )
    channel = '<ChannelDescription DataType="0" Resolution="12" LUTName="Green"/>' * channels
    return (
        f'<Element Name="{name}"><Data><Image><ImageDescription><Channels>{channel}</Channels>'
        f"<Dimensions>{described}</Dimensions></ImageDescription>{rest}</Image></Data></Element>"
    )


def dv(
    width: int = 8,
    height: int = 6,
    depth: int = 1,
    *,
    waves: Sequence[int] = (525,),
    times: int = 1,
    order: str = "<",
    lens: int = 0,
    pixel: tuple[float, float, float] = (0.1, 0.1, 0.3),
    sequence: int = 0,
    records: Sequence[Sequence[float]] = (),
) -> bytes:
    """A DeltaVision file of 16-bit pixels; a record is a section's list of numbers."""
    sections = depth * len(waves) * times
    head = bytearray(1024)
    struct.pack_into(f"{order}4i", head, 0, width, height, sections, 6)
    struct.pack_into(f"{order}3f", head, 40, *pixel)
    extended = b"".join(
        struct.pack(f"{order}8i32f", *[0] * 8, *[*record, *[0.0] * (32 - len(record))])
        for record in records
    )
    struct.pack_into(f"{order}i", head, 92, len(extended))
    struct.pack_into(f"{order}h", head, 96, -16224)
    struct.pack_into(f"{order}2h", head, 128, 8, 32)
    struct.pack_into(f"{order}h", head, 162, lens)
    struct.pack_into(f"{order}Hh", head, 180, times, sequence)
    padded = [*waves, 0, 0, 0, 0, 0][:5]
    struct.pack_into(f"{order}6h", head, 196, len(waves), *padded)
    return bytes(head) + extended + bytes(width * height * sections * 2)


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file with 512-byte sectors; small streams lie in the root's own stream."""
    table: list[int] = []
    sectors: list[bytes] = []

    def chain(data: bytes) -> int:
        if not data:
            return 0xFFFFFFFE
        first = len(sectors)
        count = -(-len(data) // 512)
        for number in range(count):
            sectors.append(data[number * 512 : number * 512 + 512].ljust(512, b"\0"))
            table.append(first + number + 1 if number + 1 < count else 0xFFFFFFFE)
        return first

    small, small_table, places = b"", [], {}
    for name, data in streams.items():
        if len(data) >= 4096:
            places[name] = chain(data)
            continue
        first, count = len(small_table), max(1, -(-len(data) // 64))
        places[name] = first
        small += data.ljust(count * 64, b"\0")
        small_table += [first + n + 1 for n in range(count - 1)] + [0xFFFFFFFE]
    root = chain(small)
    small_start = chain(struct.pack(f"<{len(small_table)}I", *small_table))

    def entry(name: str, kind: int, start: int, size: int) -> bytes:
        text = name.encode("utf-16-le")
        held = text.ljust(64, b"\0") + struct.pack("<HB", len(text) + 2, kind)
        return held.ljust(116, b"\0") + struct.pack("<IQ", start, size)

    listed = [entry("Root Entry", 5, root, len(small))]
    listed += [entry(name, 2, places[name], len(data)) for name, data in streams.items()]
    directory = chain(b"".join(listed))
    own = len(sectors)
    table.append(0xFFFFFFFD)
    sectors.append(struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff"))
    head = bytes.fromhex("d0cf11e0a1b11ae1").ljust(24, b"\0")
    head += struct.pack("<HHHHH6x", 62, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, 1, directory, 0, 4096, small_start, 1, 0xFFFFFFFE, 0)
    return head + struct.pack("<109I", own, *[0xFFFFFFFF] * 108) + b"".join(sectors)
