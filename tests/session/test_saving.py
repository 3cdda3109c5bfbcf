from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

import napari_fair.files.atomic as atomic
from folders import opened, write_image
from napari_fair.files import Cancelled, FairError, FolderNotWritable
from napari_fair.headers import read_header
from napari_fair.session import open_folder
from napari_fair.session.saving import AT_ONCE
from napari_fair.sidecar import METADATA_FILE


def _title(folder: Path) -> str:
    root = json.loads((folder / METADATA_FILE).read_bytes())["@graph"][-1]
    return str(root["name"])


def test_two_writers_of_one_folder_lose_nothing(folder: Path, image: Path) -> None:
    session, _ = opened(folder, image)
    session.set("study.title", "Base")
    session.save()
    one, two = open_folder(folder), open_folder(folder)
    one.set("study.title", "One")
    one.set("study.keywords", "a")
    two.set("study.title", "Two")
    two.set("biosample.organism", "mouse")
    two.add(read_header(write_image(folder / "second.ome.tif")))
    one.save()
    report = two.save()
    assert _title(folder) == "One"
    assert [conflict.path for conflict in report.conflicts] == ["study.title"]
    merged = open_folder(folder)
    assert merged.view("study.keywords").text == "a"
    assert merged.view("biosample.organism").text == "Mus musculus"
    assert len(merged.sources()) == 2
    (conflict,) = merged.conflicts
    merged.decide(conflict, 1)
    merged.save()
    assert _title(folder) == "Two"


def test_two_first_saves_at_once_make_one_record(folder: Path, image: Path) -> None:
    second = write_image(folder / "second.ome.tif")
    (one, _), (two, _) = opened(folder, image), opened(folder, second)
    one.set("study.title", "Title")
    two.set("biosample.organism", "mouse")
    one.save()
    two.save()
    merged = open_folder(folder)
    assert len(merged.sources()) == 2
    assert merged.view("study.title").text == "Title"
    assert merged.view("biosample.organism").text == "Mus musculus"


def test_edits_made_while_a_save_runs_stay_unsaved(folder: Path, image: Path) -> None:
    session, _ = opened(folder, image)
    session.set("study.title", "First")
    job = session.save_job()
    session.set("study.title", "Second")
    report = job.run()
    session.finish(report)
    assert _title(folder) == "First"
    assert session.view("study.title").text == "Second"
    assert session.unsaved
    assert open_folder(folder).draft is None
    session.close()
    draft = open_folder(folder).draft
    assert draft is not None
    assert draft.edits == 1


def test_large_files_are_pending_until_their_checksum_follows(folder: Path, image: Path) -> None:
    with image.open("ab") as stream:
        stream.truncate(AT_ONCE + 1)
    session, _ = opened(folder, image)
    report = session.save()
    assert report.pending == (image.name,)
    sidecar = folder / f"{image.name}.companion.ome"
    assert b"SHA-256" not in sidecar.read_bytes()
    report = session.checksum_job().run()
    session.finish(report)
    assert report.pending == ()
    assert b"SHA-256" in sidecar.read_bytes()
    (source,) = open_folder(folder).sources()
    assert len(source.files[0].sha256) == 64


def test_a_cancelled_save_writes_nothing(folder: Path, image: Path) -> None:
    session, _ = opened(folder, image)
    with pytest.raises(Cancelled):
        session.save_job().run(cancelled=lambda: True)
    assert [path.name for path in folder.iterdir()] == [image.name]


def test_a_plan_says_what_a_save_writes_and_writes_nothing(folder: Path, image: Path) -> None:
    session, _ = opened(folder, image)
    session.set("study.title", "One")
    plan = session.plan()
    assert [(file.path.name, file.action) for file in plan.files] == [
        (f"{image.name}.companion.ome", "create"),
        (METADATA_FILE, "create"),
    ]
    assert [path.name for path in folder.iterdir()] == [image.name]
    session.save()
    session.set("study.title", "Two")
    (_, crate) = session.plan().files
    assert crate.action == "update"
    assert any(line.startswith("+") and '"name":"Two"' in line for line in crate.changes)


def test_a_foreign_crate_is_backed_up_once_and_extended(folder: Path, image: Path) -> None:
    theirs = json.dumps(
        {
            "@context": "https://w3id.org/ro/crate/1.1/context",
            "@graph": [
                {
                    "@id": METADATA_FILE,
                    "@type": "CreativeWork",
                    "about": {"@id": "./"},
                    "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
                },
                {"@id": "./", "@type": "Dataset", "name": "Theirs", "funder": "A"},
            ],
        },
        indent=2,
    )
    (folder / METADATA_FILE).write_text(theirs)
    session, _ = opened(folder, image)
    assert any("another program" in note for note in session.notes)
    session.set("biosample.organism", "mouse")
    session.save()
    session.set("biosample.organism", "rat")
    session.save()
    backups = [path for path in folder.iterdir() if ".bak" in path.name]
    assert [path.read_text() for path in backups] == [theirs]
    graph = json.loads((folder / METADATA_FILE).read_bytes())["@graph"]
    root = next(entity for entity in graph if entity["@id"] == "./")
    assert (root["name"], root["funder"]) == ("Theirs", "A")


@pytest.mark.parametrize(
    "theirs", [b"not json", b'{"@graph": [{"@id": "./", "n": 12345678901234567890123}]}']
)
def test_a_crate_that_cannot_be_extended_is_left_and_ours_goes_beside(
    folder: Path, image: Path, theirs: bytes
) -> None:
    (folder / METADATA_FILE).write_bytes(theirs)
    session, _ = opened(folder, image)
    session.set("study.title", "Mine")
    session.save()
    assert (folder / METADATA_FILE).read_bytes() == theirs
    beside = folder / f"{folder.name}.crate"
    assert beside.name in session.notes[0]
    assert _title(beside) == "Mine"
    again, _ = opened(folder, image)
    assert again.view("study.title").text == "Mine"
    crate = json.loads((beside / METADATA_FILE).read_bytes())["@graph"]
    assert not [e for e in crate if ".." in e["@id"] or e["@id"].startswith("/")]


def test_images_of_a_folder_that_cannot_be_written_are_described_elsewhere(
    folder: Path, image: Path, tmp_path: Path
) -> None:
    place = tmp_path / "elsewhere" / "x.crate"
    session = open_folder(folder, crate=place)
    session.add(read_header(image))
    session.set("study.title", "Elsewhere")
    report = session.save()
    assert {path.parent for path in report.written} == {place}
    assert [path.name for path in folder.iterdir()] == [image.name]
    entities = json.loads((place / METADATA_FILE).read_bytes())["@graph"]
    (described,) = [e for e in entities if e.get("name") == image.name]
    assert described["@type"] == "ImageObject"
    assert described["sha256"]
    assert entities[-1]["sourceFolder"] == str(folder)
    assert open_folder(folder, crate=place).view("study.title").text == "Elsewhere"
    assert open_folder(folder).view("study.title").text == "Elsewhere"


def test_a_folder_without_write_permission_is_named(
    folder: Path, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _ = opened(folder, image)
    session.set("study.title", "Kept")
    real = os.open

    def refuse(path: str, flags: int, *args: object, **kwargs: object) -> int:
        if flags & os.O_CREAT and str(path).startswith(str(folder)):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, flags, *args, **kwargs)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refuse)
        with pytest.raises(FolderNotWritable, match="choose another place"):
            session.save()
    assert session.unsaved
    assert [path.name for path in folder.iterdir()] == [image.name]
    session.save()
    assert _title(folder) == "Kept"


def test_a_full_disk_leaves_what_was_there(
    folder: Path, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _ = opened(folder, image)
    session.set("study.title", "Before")
    session.save()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    session.set("study.title", "After")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(atomic.os, "fsync", full)
        with pytest.raises(FairError, match="full"):
            session.save_job().run()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    session.save()
    assert _title(folder) == "After"


def test_what_somebody_edited_in_a_sidecar_is_asked_about_and_kept(
    folder: Path, image: Path
) -> None:
    session, _ = opened(folder, image)
    session.save()
    sidecar = folder / f"{image.name}.companion.ome"
    edited = sidecar.read_bytes().replace(b"DAPI", b"Hoechst")
    sidecar.write_bytes(edited)
    again, (source,) = opened(folder, image)
    (conflict,) = again.conflicts
    assert (conflict.subject, conflict.path) == (source.images[0].id, "channel.0.name")
    assert [candidate.value for candidate in conflict.candidates] == ["DAPI", "Hoechst"]
    again.decide(conflict, 1)
    assert again.view("channel.0.name", source.images[0].id).text == "Hoechst"
    assert again.view("channel.0.name", source.images[0].id).origin == "sidecar"
    again.save()
    kept = [path for path in folder.iterdir() if ".bak" in path.name]
    assert [path.read_bytes() for path in kept] == [edited]


def _killed_after(lines: int, program: str, *arguments: str) -> list[str]:
    """Run a program until it has told some lines, kill it, and return all that it told."""
    command = [sys.executable, "-c", program, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        told = [next(running.stdout) for _ in range(lines)]
        running.kill()
        return told + list(running.stdout)


_EDITOR = """
import sys
from pathlib import Path
from napari_fair.session import open_folder
session = open_folder(Path(sys.argv[1]))
for number in range(10_000):
    session.set("study.title", f"Title {number}")
    print(number, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_session_loses_at_most_the_edit_in_flight(folder: Path) -> None:
    told = _killed_after(20, _EDITOR, str(folder))
    session = open_folder(folder)
    assert session.draft is not None
    assert session.recover_draft() == []
    kept = int(session.view("study.title").text.removeprefix("Title "))
    assert kept - int(told[-1]) in (0, 1)
    assert session.draft is None
    session.save()
    assert _title(folder) == f"Title {kept}"
    assert open_folder(folder).draft is None


_SAVER = """
import sys
from pathlib import Path
from napari_fair.headers import read_header
from napari_fair.session import open_folder
folder = Path(sys.argv[1])
session = open_folder(folder)
session.add(read_header(folder / sys.argv[2]))
for number in range(10_000):
    session.set("study.title", f"Title {number}")
    session.save()
    print(number, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
@pytest.mark.parametrize("saves", [1, 2, 3])
def test_a_killed_save_leaves_a_whole_record(folder: Path, image: Path, saves: int) -> None:
    before = image.read_bytes()
    told = _killed_after(saves, _SAVER, str(folder), image.name)
    session, _ = opened(folder, image)
    session.recover_draft()
    kept = int(session.view("study.title").text.removeprefix("Title "))
    assert kept - int(told[-1]) in (0, 1)
    session.save()
    assert _title(folder) == f"Title {kept}"
    assert image.read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [image.name, f"{image.name}.companion.ome", METADATA_FILE]
    )


def test_overrides_of_a_never_saved_image_come_back_from_the_draft(
    folder: Path, image: Path
) -> None:
    session, (source,) = opened(folder, image)
    session.set("image.physical_size_z", "0.3 µm", image=source.images[0].id)
    session.close()
    again = open_folder(folder)
    assert again.draft is not None
    assert again.recover_draft() == []
    (found,) = again.add(read_header(image)).images
    assert again.view("image.physical_size_z", found.id).text == "0.3 µm"


def test_a_discarded_draft_is_gone(folder: Path) -> None:
    session = open_folder(folder)
    session.set("study.title", "One")
    session.close()
    again = open_folder(folder)
    again.discard_draft()
    again.close()
    assert open_folder(folder).draft is None


def test_a_running_sessions_edits_are_nobody_elses_draft(folder: Path) -> None:
    session = open_folder(folder)
    session.set("study.title", "One")
    assert open_folder(folder).draft is None
    session.close()


def test_a_name_of_200_characters_and_emoji_is_saved(folder: Path) -> None:
    image = write_image(folder / ("ü\U0001f52c" * 38 + "x.ome.tif"))
    session, _ = opened(folder, image)
    session.save()
    assert [s.path for s in open_folder(folder).sources()] == [image.name]


def test_a_link_that_leaves_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    outside = write_image(tmp_path / "outside.ome.tif")
    link = folder / "link.ome.tif"
    link.symlink_to(outside)
    session = open_folder(folder)
    with pytest.raises(FairError, match=r"(outside|link)\.ome\.tif"):
        session.add(read_header(link))
    assert session.sources() == ()


_SET = """<?xml version="1.0" encoding="UTF-8"?>
<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0" Name="set">
<Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8"
 SizeX="8" SizeY="6" SizeZ="1" SizeC="2" SizeT="1">
<Channel ID="Channel:0:0" SamplesPerPixel="1"/><Channel ID="Channel:0:1" SamplesPerPixel="1"/>
<TiffData FirstC="0" IFD="0" PlaneCount="1">
<UUID FileName="c0.tif">urn:uuid:00000000-0000-4000-8000-000000000000</UUID></TiffData>
<TiffData FirstC="1" IFD="0" PlaneCount="1">
<UUID FileName="c1.tif">urn:uuid:00000000-0000-4000-8000-000000000001</UUID></TiffData>
</Pixels></Image></OME>"""


def test_a_set_of_files_is_one_source_and_its_companion_stays(folder: Path) -> None:
    for name in ("c0.tif", "c1.tif"):
        tifffile.imwrite(folder / name, np.zeros((6, 8), "uint8"), metadata=None)
    companion = folder / "set.companion.ome"
    companion.write_text(_SET)
    session, (source,) = opened(folder, companion)
    session.set("study.title", "A set")
    report = session.save()
    assert {file.path for file in source.files} == {companion.name, "c0.tif", "c1.tif"}
    assert [path.name for path in report.written] == ["set.companion.ome.omexml", METADATA_FILE]
    assert companion.read_text() == _SET
    graph = json.loads((folder / METADATA_FILE).read_bytes())["@graph"]
    (collection,) = [entity for entity in graph if entity["@type"] == "Collection"]
    assert len(collection["hasPart"]) == 3
    assert sum("sha256" in entity for entity in graph if entity["@id"].endswith(".tif")) == 2
    again, (same,) = opened(folder, companion)
    assert same.files == session.sources()[0].files
    assert again.save().written == ()
