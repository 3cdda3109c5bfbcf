from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_fair.files import (
    UnsafePath,
    confine,
    crate_id,
    is_within,
    path_from_crate_id,
    relative_posix,
)

ESCAPES = [
    "../x",
    "a/../../x",
    "a/..",
    "..",
    "/etc/passwd",
    "//server/share/x",
    "\\\\server\\share\\x",
    "\\x",
    "..\\x",
    "a\\..\\..\\x",
    "C:\\x",
    "C:/x",
    "c:x",
    "a\0b",
]

parts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\\\0"), min_size=1
).filter(lambda part: part not in {".", ".."})
relative_paths = (
    st.lists(parts, min_size=1, max_size=4)
    .map("/".join)
    .filter(lambda path: path[1:2] != ":" or not (path[0].isascii() and path[0].isalpha()))
)


@given(relative_paths, st.booleans())
def test_a_crate_id_means_the_path_it_was_made_from(path: str, directory: bool) -> None:
    identifier = crate_id(path, directory=directory)
    assert path_from_crate_id(identifier) == path
    assert identifier.isascii()
    assert not set(identifier) & set(' #?\\:"<>')
    assert identifier.endswith("/") == directory


@pytest.mark.parametrize(
    ("path", "identifier"),
    [
        ("images/fov 0.tif", "images/fov%200.tif"),
        ("50% #1?.tif", "50%25%20%231%3F.tif"),
        ("Zellkörper.tif", "Zellk%C3%B6rper.tif"),
        ("Zellko\u0308rper.tif", "Zellko%CC%88rper.tif"),
        ("\U0001f52c.tif", "%F0%9F%94%AC.tif"),
        ("scan:1.tif", "scan%3A1.tif"),
        ("a%20b.tif", "a%2520b.tif"),
        (".", "./"),
    ],
)
def test_names_are_percent_encoded(path: str, identifier: str) -> None:
    assert crate_id(path) == identifier
    assert path_from_crate_id(identifier) == path
    assert crate_id(PurePosixPath(path)) == identifier


@pytest.mark.skipif(os.name == "nt", reason="names of bytes")
def test_a_name_that_is_not_utf8_survives() -> None:
    name = os.fsdecode(b"caf\xe9.tif")
    assert crate_id(name) == "caf%E9.tif"
    assert path_from_crate_id("caf%E9.tif") == name


def test_half_a_character_is_refused() -> None:
    with pytest.raises(UnsafePath, match="rename"):
        crate_id("\ud800.tif")


@pytest.mark.parametrize(
    ("identifier", "path"),
    [
        ("./a/b.tif", "a/b.tif"),
        ("a b/c.tif", "a b/c.tif"),
        ("Zellkörper.tif", "Zellkörper.tif"),
        ("100%.tif", "100%.tif"),
        ("fov #3.tif", "fov #3.tif"),
        ("store.zarr/", "store.zarr"),
    ],
)
def test_ids_as_others_write_them_are_understood(identifier: str, path: str) -> None:
    assert path_from_crate_id(identifier) == path


@pytest.mark.parametrize("text", ESCAPES)
def test_a_path_that_leaves_the_folder_is_refused_everywhere(tmp_path: Path, text: str) -> None:
    for attempt in (
        lambda: confine(tmp_path, text),
        lambda: crate_id(text),
        lambda: path_from_crate_id(text),
    ):
        with pytest.raises(UnsafePath):
            attempt()


@pytest.mark.parametrize(
    "identifier",
    [
        "https://example.org/x.tif",
        "file:///etc/passwd",
        "FILE:x",
        "urn:uuid:1",
        "%2e%2e/x",
        "a/%2E%2E/%2e./x",
        "%2Fetc/passwd",
        "..%5Cx",
        "C%3A/x",
        "a%00b",
        "#fragment",
        "_:b0",
        "",
    ],
)
def test_an_id_that_is_no_file_of_the_crate_is_refused(identifier: str) -> None:
    with pytest.raises(UnsafePath):
        path_from_crate_id(identifier)


def test_a_confined_path_lies_in_the_folder_and_need_not_exist(tmp_path: Path) -> None:
    assert confine(tmp_path, "a/b c.tif") == tmp_path.resolve() / "a" / "b c.tif"
    assert confine(tmp_path, ".") == tmp_path.resolve()


@pytest.mark.skipif(os.name == "nt", reason="symbolic links")
def test_links_are_followed_only_within_the_folder(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "data").mkdir(parents=True)
    (tmp_path / "secret.tif").write_bytes(b"")
    (root / "data" / "a.tif").write_bytes(b"")
    (root / "inner").symlink_to("data")
    (root / "outer").symlink_to(tmp_path)
    (root / "loop").symlink_to("loop")
    assert confine(root, "inner/a.tif") == root.resolve() / "data" / "a.tif"
    assert relative_posix(root, root / "inner" / "a.tif") == "data/a.tif"
    assert not is_within(root, root / "outer" / "secret.tif")
    for text in ("outer", "outer/secret.tif", "outer/new.tif"):
        with pytest.raises(UnsafePath, match=r"link that leaves"):
            confine(root, text)
        with pytest.raises(UnsafePath):
            relative_posix(root, root / text)
    with pytest.raises(UnsafePath):
        confine(root, "loop/x")


@pytest.mark.skipif(os.name == "nt", reason="symbolic links")
def test_a_linked_file_and_a_linked_root_keep_their_names(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.tif").write_bytes(b"")
    (root / "b.tif").symlink_to("a.tif")
    (tmp_path / "alias").symlink_to("root")
    assert relative_posix(tmp_path / "alias", root / "b.tif") == "b.tif"
    assert relative_posix(root, tmp_path / "alias" / "a.tif") == "a.tif"


def test_relative_paths_have_slashes_and_stay_inside(tmp_path: Path) -> None:
    assert relative_posix(tmp_path, tmp_path / "a" / "b.tif") == "a/b.tif"
    assert relative_posix(tmp_path, tmp_path) == "."
    assert is_within(tmp_path, tmp_path)
    assert not is_within(tmp_path / "a", tmp_path / "ab")
    assert not is_within(tmp_path, tmp_path / "a" / ".." / "..")
    with pytest.raises(UnsafePath, match="does not lie in"):
        relative_posix(tmp_path / "a", tmp_path / "ab")


def test_a_name_cannot_forge_a_line_of_the_message(tmp_path: Path) -> None:
    with pytest.raises(UnsafePath) as caught:
        confine(tmp_path, "../a\nAll is well.\x1b[2J\udcff")
    assert str(caught.value).isprintable()
