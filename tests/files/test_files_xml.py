from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from napari_fair.files import DamagedDocument, UnreadableFile, parse_xml, strip_elements

NAMESPACE = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
PLANES = frozenset({"Plane", "TiffData"})
SPLINTERS = [
    b"<",
    b">",
    b"&",
    b"&#0;",
    b"]]>",
    b"<!--",
    b"<![CDATA[",
    b"<?",
    b"<Plane>",
    b"xmlns:a=''",
    b"\0",
]

BILLION_LAUGHS = b"""<?xml version="1.0"?>
<!-- harmless --><!DOCTYPE lolz [<!ENTITY lol "lol">
<!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
<!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;">
]><OME a="&lol3;">&lol3;</OME>"""

OME = f"""<?xml version="1.0" encoding="UTF-8"?>
<OME xmlns="{NAMESPACE}"><Image ID="Image:0" Name="Zelle µ"><Pixels SizeX="4">
<Channel ID="Channel:0"/><TiffData IFD="0"/>
<Plane TheC="0" DeltaT="0.5"><HashSHA1>00</HashSHA1></Plane>
<Plane TheC="1" DeltaT="1.5"/>
</Pixels></Image></OME>"""


class Summary(list[tuple[str, dict[str, str]]]):
    def __call__(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.append((tag, dict(attributes)))


def readers() -> list[object]:
    return [parse_xml, lambda data, **names: strip_elements(data, PLANES, Summary(), **names)]


both = pytest.mark.parametrize("read", readers(), ids=["parse", "strip"])


@both
def test_a_sound_document_has_no_notes(read: object, tmp_path: Path) -> None:
    path = tmp_path / "a.ome.xml"
    path.write_bytes(OME.encode())
    for source in (OME.encode(), path):
        parsed = read(source)  # type: ignore[operator]
        assert (parsed.damaged, parsed.notes) == (False, ())
        assert parsed.root.find("{*}Image").get("Name") == "Zelle µ"


@both
@pytest.mark.parametrize(
    "data",
    [
        BILLION_LAUGHS,
        BILLION_LAUGHS.decode().encode("utf-16"),
        b'<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/hostname">]><x>&x;</x>',
        b'\xef\xbb\xbf <!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;]><x/>',
        b'<?xml version="1.0" encoding="UTF-7"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        b'junk<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        b'<?broken <!DOCTYPE x [<!ENTITY a "b">]><x b="&a;"/>',
        b'<!-- a -- b --><!DOCTYPE x [<!-- > ]> --><!ENTITY a "b">]><x b="&a;"/>',
    ],
    ids=["laughs", "utf-16", "external", "parameter", "utf-7", "junk", "broken", "comments"],
)
def test_entities_never_expand(read: object, data: bytes) -> None:
    start = time.process_time()
    try:
        root = read(data, name="a.ome.xml").root  # type: ignore[operator]
    except DamagedDocument as error:
        assert "a.ome.xml" in str(error)
    else:
        pytest.fail(f"it was read: {etree.tostring(root)!r}")
    assert time.process_time() - start < 1


@both
def test_encodings_cannot_hide_entities(read: object) -> None:
    hidden = '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'.encode("utf-7")
    data = b'<?xml version="1.0" encoding="UTF-7"?>' + hidden
    with pytest.raises(DamagedDocument):
        read(data)  # type: ignore[operator]


@both
def test_an_external_dtd_is_not_fetched_and_no_harm(read: object) -> None:
    parsed = read(b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><x>y</x>')  # type: ignore[operator]
    assert parsed.root.text == "y"


def test_the_word_entity_within_the_data_is_no_declaration() -> None:
    parsed = parse_xml(b"<x><![CDATA[<!ENTITY a 'b'>]]></x>")
    assert (parsed.root.text, parsed.damaged) == ("<!ENTITY a 'b'>", False)


@both
@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("<x>µm</x>".encode("latin-1"), "µm"),
        ("<x>µm</x>".encode() + b"<!-- \xb5 -->", "µm"),
        (b"<x>a\x00b\x1fc</x>", "abc"),
        (b"<x>a&#0;b&#x1F;c&#99999999999;</x>", "a\ufffdb\ufffdc\ufffd"),
        (b"<x>a&#55357;</x>", "a\ufffd"),
        (b'<?xml version="1.0" encoding="klingon"?><x>a</x>', "a"),
    ],
)
def test_wrong_characters_are_mended_with_a_note(read: object, data: bytes, text: str) -> None:
    parsed = read(data)  # type: ignore[operator]
    assert parsed.root.text == text
    assert parsed.damaged
    assert parsed.notes


@both
@pytest.mark.parametrize(
    "data",
    [
        '<?xml version="1.0" encoding="ISO-8859-1"?><x>µm</x>'.encode("latin-1"),
        '<?xml version="1.0" encoding="windows-1252"?><x>µm</x>'.encode("cp1252"),
        '<?xml version="1.0" encoding="utf-16"?><x>µm</x>'.encode("utf-16"),
        "<x>µm</x>".encode("utf-16-le"),
        '<?xml version="1.0" encoding="utf-16"?><x>µm</x>'.encode(),
        "<x>µm</x>".encode("utf-8-sig"),
        "<x>µm</x>".encode() + b"\0\0 \n\0",
    ],
)
def test_declared_encodings_and_padding_are_no_damage(read: object, data: bytes) -> None:
    parsed = read(data)  # type: ignore[operator]
    assert (parsed.root.text, parsed.damaged, parsed.notes) == ("µm", False, ())


@both
@pytest.mark.parametrize("length", range(150, len(OME) - 10, 23))
def test_a_truncated_document_gives_what_there_is(read: object, length: int) -> None:
    parsed = read(OME.encode()[:length])  # type: ignore[operator]
    assert parsed.damaged
    assert "line" in parsed.notes[-1]
    assert parsed.root.tag == f"{{{NAMESPACE}}}OME"


def test_a_broken_document_is_refused_where_repair_is_not_wanted() -> None:
    with pytest.raises(DamagedDocument, match="well-formed"):
        parse_xml(OME.encode()[:300], recover=False)


@both
@pytest.mark.parametrize("data", [b"", b"\0\0", b"II*\0", b"{}", b"just text"])
def test_what_is_not_xml_is_one_sentence(read: object, data: bytes) -> None:
    with pytest.raises(DamagedDocument) as caught:
        read(data, name="x.ome.xml")  # type: ignore[operator]
    assert "x.ome.xml" in str(caught.value)


@both
def test_a_missing_file_or_a_folder_is_unreadable(read: object, tmp_path: Path) -> None:
    for path in (tmp_path / "missing.xml", tmp_path):
        with pytest.raises(UnreadableFile):
            read(path)  # type: ignore[operator]


@both
def test_a_deep_document_neither_crashes_nor_hangs(read: object) -> None:
    parsed = read(b"<a>" * 100_000 + b"</a>" * 100_000)  # type: ignore[operator]
    assert parsed.damaged
    assert etree.tostring(parsed.root).startswith(b"<a>")


def test_stripped_elements_are_summarised_in_order_and_gone() -> None:
    summary = Summary()
    parsed = strip_elements(OME.encode(), PLANES, summary)
    assert summary == [
        ("TiffData", {"IFD": "0"}),
        ("Plane", {"TheC": "0", "DeltaT": "0.5"}),
        ("Plane", {"TheC": "1", "DeltaT": "1.5"}),
    ]
    pixels = parsed.root.find("{*}Image/{*}Pixels")
    assert pixels is not None
    assert [etree.QName(child).localname for child in pixels] == ["Channel"]


def test_a_document_without_a_namespace_is_stripped_too() -> None:
    summary = Summary()
    parsed = strip_elements(
        b"<OME><Plane A='1'/>t<x:Plane xmlns:x='y'/><B/></OME>", PLANES, summary
    )
    assert [tag for tag, _ in summary] == ["Plane", "Plane"]
    assert [child.tag for child in parsed.root] == ["B"]


def test_a_document_cut_inside_a_plane_keeps_no_plane() -> None:
    summary = Summary()
    cut = OME.encode()[: OME.encode().index(b"00</Hash")]
    parsed = strip_elements(cut, PLANES, summary)
    assert parsed.damaged
    assert summary[-1] == ("Plane", {"TheC": "0", "DeltaT": "0.5"})
    assert parsed.root.find(".//{*}Plane") is None
    assert parsed.root.find(".//{*}Channel") is not None


def test_a_hundred_thousand_planes_are_stripped_without_piling_up() -> None:
    plane = '<TiffData IFD="0" PlaneCount="1"/>\n<Plane TheC="0" TheT="0" TheZ="0" DeltaT="1.5"/>\n'
    data = OME.replace('<TiffData IFD="0"/>', plane * 100_000).encode()
    counts = {"Plane": 0, "TiffData": 0}

    def count(tag: str, attributes: Mapping[str, str]) -> None:
        counts[tag] += 1

    start = time.process_time()
    parsed = strip_elements(data, PLANES, count)
    assert time.process_time() - start < 5
    assert counts == {"Plane": 100_002, "TiffData": 100_000}
    assert not parsed.damaged


@given(st.data())
def test_no_mutilation_raises_anything_but_a_sentence(data: st.DataObject) -> None:
    document = bytearray(OME.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(document)))
        end = data.draw(st.integers(start, min(start + 40, len(document))))
        document[start:end] = data.draw(st.binary(max_size=8) | st.sampled_from(SPLINTERS))
    for read in (parse_xml, lambda content: strip_elements(content, PLANES, Summary())):
        with suppress(DamagedDocument):
            parsed = read(bytes(document))
            assert parsed.damaged == bool(parsed.notes)
            etree.tostring(parsed.root)
