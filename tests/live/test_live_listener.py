from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from napari_fair.live import Listener, LiveImage, LiveKind, LiveState, Question, listen
from napari_fair.live.spool import spool_folder
from napari_fair.model import Plane
from napari_fair.session import InvalidValue, Preset, open_folder
from napari_fair.sidecar import read_crate
from napari_fair.sidecar.crate_validation import Unavailable, interpreters
from napari_fair.sidecar.validation import VerdictStatus, validate

OME = "{http://www.openmicroscopy.org/Schemas/OME/2016-06}"
PRESET = Preset(
    name="Spindles",
    values={
        "study.title": "Spindle length in HeLa cells",
        "study.description": "Time-lapse of dividing cells.",
        "study.authors": (
            "Josiah Carberry <0000-0002-1825-0097> <jc@example.org> "
            "@ Brown University <https://ror.org/05gq02987>"
        ),
        "study.license": "CC-BY-4.0",
        "study.keywords": "mitosis; spindle",
        "study.date_published": "2027-01-31",
        "biosample.organism": "Homo sapiens",
    },
)


@contextmanager
def listening(core: Any, folder: Path, **options: Any) -> Iterator[tuple[Listener, list[str]]]:
    failures: list[str] = []
    listener = listen(core, folder, **options)
    listener.failed.connect(failures.append)
    try:
        yield listener, failures
    finally:
        listener.stop()


def asked_once(answers: Mapping[str, str]) -> Callable[[tuple[Question, ...]], dict[str, str]]:
    return lambda asked: {question.key: answers.get(question.path, "") for question in asked}


def frames_of(core: Any) -> list[Any]:
    told: list[Any] = []
    core.mda.events.frameReady.connect(lambda _image, event, meta: told.append((event, meta)))
    return told


def planes_in(sidecar: Path) -> list[list[dict[str, str]]]:
    root = etree.parse(str(sidecar)).getroot()
    path = f"{OME}Pixels/{OME}Plane"
    images = root.iter(OME + "Image")
    return [[dict(node.attrib) for node in image.iterfind(path)] for image in images]


def sidecar_of(folder: Path, image: LiveImage) -> Path:
    contents = read_crate(folder)
    assert contents is not None
    source = next(s for s in contents.dataset.sources if s.id == image.source)
    assert source.sidecar is not None
    return folder / source.sidecar.path


@pytest.mark.parametrize("output", ["run 1.ome.zarr", "run 1.ome.tiff"])
def test_a_sidecar_agrees_with_the_frames_one_by_one(
    core: Any, folder: Path, sequence: Any, output: str, answers: dict[str, str]
) -> None:
    told = frames_of(core)
    with listening(core, folder, ask=asked_once(answers)) as (listener, failures):
        core.mda.run(sequence, output=str(folder / output))
        assert listener.wait()
        (image,) = listener.images
    assert failures == []
    assert (image.state, image.frames, image.expected) == (LiveState.FINISHED, 24, 24)
    images = planes_in(sidecar_of(folder, image))
    assert len(told) == sum(map(len, images)) == 24
    for event, meta in told:
        index = event.index
        wanted = {"TheZ": index["z"], "TheC": index["c"], "TheT": index["t"]}
        (plane,) = [p for p in images[index["p"]] if all(int(p[k]) == v for k, v in wanted.items())]
        assert float(plane["DeltaT"]) == pytest.approx(meta["runner_time_ms"] / 1000)
        assert float(plane["ExposureTime"]) == meta["exposure_ms"] / 1000
        for axis in "xyz":
            assert float(plane[f"Position{axis.upper()}"]) == meta["position"][axis]


@pytest.mark.parametrize("output", ["run.ome.zarr", "run.ome.tiff"])
def test_what_is_written_is_valid_and_names_the_microscope(
    core: Any, folder: Path, sequence: Any, output: str, answers: dict[str, str]
) -> None:
    with listening(core, folder, preset=PRESET, ask=asked_once(answers)) as (listener, failures):
        core.mda.run(sequence, output=str(folder / output))
        listener.wait()
        (image,) = listener.images
    assert failures == []
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONPATH", raising=False)
        verdicts = validate(folder)
    failed = [v for v in verdicts if v.status is VerdictStatus.FAILED]
    assert failed == []
    assert any(v.status is VerdictStatus.PASSED for v in verdicts)
    root = etree.parse(str(sidecar_of(folder, image))).getroot()
    assert root.find(f"{OME}Instrument/{OME}Microscope").get("Model") == "Ti2-E"
    lens = root.find(f"{OME}Instrument/{OME}Objective")
    assert (lens.get("LensNA"), lens.get("Model")) == ("0.45", "Nikon 20X Plan Fluor ELWD")
    assert root.find(f"{OME}Instrument/{OME}Detector").get("Type") == "CMOS"
    pixels = root.find(f"{OME}Image/{OME}Pixels")
    assert [float(pixels.get(f"PhysicalSize{axis}")) for axis in "XYZ"] == [0.5, 0.5, 1]
    channels = [c.get("Name") for c in pixels.iterfind(OME + "Channel")]
    assert channels == ["DAPI", "FITC"]
    states = {s.key: s.value for s in open_folder(folder).dataset.sources[0].states}
    assert states["Camera-BitDepth"] == "16"
    assert states["Objective-Label"] == "Nikon 20X Plan Fluor ELWD"
    assert states["sequence-dish"] == "no. 7"


@pytest.mark.parametrize("output", ["run.ome.zarr", "run.ome.tiff"])
def test_the_crate_satisfies_the_recommended_level_of_the_official_validator(
    core: Any, folder: Path, sequence: Any, answers: dict[str, str], output: str
) -> None:
    try:
        next(interpreters())
    except (StopIteration, Unavailable):
        pytest.skip("no environment with roc-validator")
    with listening(core, folder, preset=PRESET, ask=asked_once(answers)) as (listener, _):
        core.mda.run(sequence, output=str(folder / output))
        listener.wait()
        listener.note("drug added", author="jc")
        listener.wait()
    crate = [v for v in validate(folder) if v.check.startswith("RO-Crate")]
    assert {(v.level, v.status) for v in crate} == {
        ("required", VerdictStatus.PASSED),
        ("recommended", VerdictStatus.PASSED),
    }


def test_an_acquisition_is_in_the_record_while_it_runs(
    core: Any, folder: Path, sequence: Any
) -> None:
    during: list[tuple[int, str]] = []
    with listening(core, folder) as (listener, failures):

        def look(_image: Any, event: Any) -> None:
            if event.index["t"] == 1 and not during:
                listener.wait(10)
                current = listener.current
                assert current is not None
                during.append((current.frames, current.source))
                listener.note("drug added")

        core.mda.events.frameReady.connect(look)
        core.mda.run(sequence, output=str(folder / "run.ome.zarr"))
        listener.wait()
        (image,) = listener.images
    assert failures == []
    ((frames, source),) = during
    assert 0 < frames < 24
    assert source == image.source != ""
    (note,) = open_folder(folder).dataset.notes
    assert (note.text, note.the_t, note.the_c, note.the_z) == ("drug added", 1, 0, 0)
    assert note.image == open_folder(folder).dataset.sources[0].images[0].id
    text = sidecar_of(folder, image).read_text("utf-8")
    assert "drug added" in text
    assert f'<M K="Time">{note.time}</M>' in text


def test_notes_come_back_from_the_crate_as_they_were_made(
    core: Any, folder: Path, sequence: Any
) -> None:
    with listening(core, folder) as (listener, _):
        core.mda.run(sequence, output=str(folder / "run.ome.zarr"))
        listener.wait()
        made = listener.note("focus lost \u2013 refocused", author="J. Carberry")
        listener.wait()
    assert open_folder(folder).dataset.notes == (made,)


def test_data_that_are_not_saved_are_named_before_they_are_lost(
    core: Any, folder: Path, sequence: Any
) -> None:
    said: list[tuple[LiveImage, str]] = []
    while_running: list[int] = []
    with listening(core, folder) as (listener, failures):
        listener.unsaved.connect(lambda image, sentence: said.append((image, sentence)))

        def look() -> None:
            listener.wait(10)
            while_running.append(len(said))

        core.mda.events.frameReady.connect(look)
        core.mda.run(sequence)
        listener.wait()
        (image,) = listener.images
        assert while_running[0] == 1
        assert "not being saved" in said[0][1]
        assert image.path is None
        assert not (folder / "ro-crate-metadata.json").exists()

        path = folder / "saved later.ome.zarr"
        told = image.header
        core.mda.run(sequence, output=str(path))
        listener.wait()
        listener.attach(image, path)
        listener.wait()
    assert failures == []
    record = open_folder(folder).dataset
    assert record.sources[0].images[1].planes == told.images[1].planes


def test_snap_and_live_images_are_known_and_can_be_attached(core: Any, folder: Path) -> None:
    import tifffile

    with listening(core, folder) as (listener, failures):
        pixels = core.snap()
        core.startContinuousSequenceAcquisition(5)
        core.stopSequenceAcquisition()
        listener.wait()
        snap, live = listener.images
        assert (snap.kind, live.kind) == (LiveKind.SNAP, LiveKind.LIVE)
        assert snap.header.images[0].facts["image.physical_size_x"].value.value == 0.5
        tifffile.imwrite(folder / "snap.tif", pixels)
        listener.attach(snap, folder / "snap.tif")
        listener.wait()
    assert failures == []
    (source,) = open_folder(folder).dataset.sources
    assert source.images[0].facts["objective.nominal_magnification"].value == 20
    assert source.images[0].facts["image.physical_size_x"].origin == "acquisition"
    assert source.sidecar is not None


def test_snaps_inside_an_acquisition_are_no_images_of_their_own(
    core: Any, folder: Path, sequence: Any
) -> None:
    with listening(core, folder) as (listener, _):
        core.mda.run(sequence, output=str(folder / "run.ome.zarr"))
        listener.wait()
        assert [image.kind for image in listener.images] == [LiveKind.ACQUISITION]


def test_only_the_core_that_was_named_is_listened_to(
    core: Any, folder: Path, sequence: Any
) -> None:
    from pymmcore_plus import CMMCorePlus

    other = CMMCorePlus()
    with listening(other, folder) as (listener, _):
        core.mda.run(sequence, output=str(folder / "run.ome.zarr"))
        listener.wait()
        assert listener.images == ()


def test_a_cancelled_run_keeps_what_was_taken(core: Any, folder: Path, sequence: Any) -> None:
    told = frames_of(core)
    last = {"t": 0, "p": 1, "c": 0, "z": 1}
    core.mda.events.frameReady.connect(
        lambda _image, event: core.mda.cancel() if event.index == last else None
    )
    with listening(core, folder, preset=PRESET) as (listener, failures):
        core.mda.run(sequence, output=str(folder / "run.ome.zarr"))
        listener.wait()
        (image,) = listener.images
    assert failures == []
    assert image.state is LiveState.CANCELLED
    assert image.frames == len(told) == 8
    (source,) = open_folder(folder).dataset.sources
    planes = [len(i.planes) if i.planes is not None else 0 for i in source.images]
    assert planes == [6, 2]
    failed = [v for v in validate(folder) if v.status is VerdictStatus.FAILED]
    assert failed == []


def test_a_listener_that_breaks_does_no_harm_to_the_acquisition(
    core: Any, folder: Path, sequence: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("out of order")

    told = frames_of(core)
    with listening(core, folder) as (listener, failures):
        monkeypatch.setattr("napari_fair.live.listener.output_path", broken)
        monkeypatch.setattr("napari_fair.live.recorder.setup_of", broken)
        monkeypatch.setattr("napari_fair.live.recorder.frame_of", broken)
        core.mda.run(sequence, output=str(folder / "run.ome.zarr"))
        listener.wait()
        monkeypatch.undo()
        core.mda.run(sequence, output=str(folder / "run 2.ome.zarr"))
        listener.wait()
    assert len(told) == 48
    assert any("out of order" in sentence for sentence in failures)
    assert [s.path for s in open_folder(folder).dataset.sources] == ["run 2.ome.zarr"]


def test_what_is_asked_is_asked_once_for_a_configuration(
    core: Any, folder: Path, sequence: Any, answers: dict[str, str]
) -> None:
    times: list[int] = []

    def ask(asked: tuple[Question, ...]) -> dict[str, str]:
        times.append(len(asked))
        return asked_once(answers)(asked)

    for name in ("a.ome.zarr", "b.ome.zarr"):
        with listening(core, folder, ask=ask) as (listener, failures):
            core.mda.run(sequence, output=str(folder / name))
            listener.wait()
            assert listener.questions == ()
        assert failures == []
    assert len(times) == 1
    facts = open_folder(folder).dataset.sources[1].images[0].facts
    assert facts["objective.lens_na"].value == 0.45
    core.setConfig("Objective", "40X")
    with listening(core, folder) as (listener, _):
        core.mda.run(sequence, output=str(folder / "c.ome.zarr"))
        listener.wait()
        assert {q.about for q in listener.questions} == {"objective: Nikon 40X Plan Fluor ELWD"}


def test_an_answer_that_is_no_value_is_refused(core: Any, folder: Path, sequence: Any) -> None:
    with listening(core, folder) as (listener, _):
        core.mda.run(sequence, output=str(folder / "a.ome.zarr"))
        listener.wait()
        key = next(q.key for q in listener.questions if q.path == "objective.lens_na")
        with pytest.raises(InvalidValue):
            listener.answer({key: "large"})


_RUN = """
import os, sys
from pathlib import Path
import mm_test_adapters, useq
from pymmcore_plus import CMMCorePlus
from napari_fair.live import listen

core = CMMCorePlus()
adapters = Path(mm_test_adapters.device_adapter_path())
core.loadSystemConfiguration(str(adapters / "MMConfig_demo.cfg"))
core.setROI(0, 0, 32, 32)
listener = listen(core, sys.argv[1])
def look(image, event):
    if event.index["t"] == 20:
        listener.note("before the crash"); listener.wait(); print("killme", flush=True)
core.mda.events.frameReady.connect(look)
sequence = useq.MDASequence(channels=[{"config": "DAPI", "exposure": 1}],
                            time_plan={"interval": 0.01, "loops": 5000})
core.mda.run(sequence, output=sys.argv[1] + "/run.ome.zarr")
"""


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is POSIX")
def test_a_killed_program_loses_no_more_than_the_last_moment(core: Any, folder: Path) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", _RUN, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    watchdog = threading.Timer(60, program.kill)
    watchdog.start()
    assert any("killme" in line for line in program.stdout)
    program.send_signal(signal.SIGKILL)
    program.wait()
    program.stdout.close()
    watchdog.cancel()
    (left,) = open_folder(folder).dataset.sources
    assert {s.key: s.value for s in left.states}["acquisition"] == "running"
    with listening(core, folder) as (listener, failures):
        listener.wait()
        (image,) = listener.images
    assert failures == []
    assert image.state is LiveState.INTERRUPTED
    record = open_folder(folder).dataset
    said = {s.key: s.value for s in record.sources[0].states}["acquisition"]
    planes = record.sources[0].images[0].planes
    assert planes is not None
    assert said == f"interrupted after {len(planes)} of 5000 frames"
    assert len(planes) >= 20
    assert next(planes.rows()).exposure_time == 0.001
    assert [note.text for note in record.notes] == ["before the crash"]
    assert not list(spool_folder().glob("*.jsonl"))


def test_a_record_of_somebody_else_is_changed_in_its_own_thread(
    core: Any, folder: Path, sequence: Any
) -> None:
    session = open_folder(folder)
    changes: list[Callable[[Any], None]] = []
    with listening(core, folder, deliver=changes.append) as (listener, failures):
        core.mda.run(sequence, output=str(folder / "run.ome.zarr"))
        listener.wait()
        assert session.sources() == ()
        for change in changes:
            change(session)
    assert failures == []
    assert [source.path for source in session.sources()] == ["run.ome.zarr"]
    assert not (folder / "ro-crate-metadata.json").exists()
    session.close()


def test_a_plane_beyond_the_sizes_is_left_out() -> None:
    from napari_fair.model import Planes
    from napari_fair.sidecar.ome_acquired import write_planes
    from napari_fair.sidecar.ome_xml import element

    image = element("Image", ID="Image:0")
    pixels = element("Pixels", ID="Pixels:0", SizeZ="1", SizeC="1", SizeT="2")
    image.append(pixels)
    write_planes(image, Planes.of([Plane(0, 0, 0), Plane(0, 0, 1), Plane(0, 0, 2)]))
    assert [node.get("TheT") for node in pixels] == ["0", "1"]


def test_frames_are_not_expected_where_the_plan_leaves_some_out() -> None:
    useq = pytest.importorskip("useq")
    from napari_fair.live.setup import setup_of

    plan = {"z_plan": {"range": 2, "step": 1}, "time_plan": {"interval": 0, "loops": 4}}
    whole = useq.MDASequence(channels=["DAPI", "FITC"], **plan)
    less = useq.MDASequence(channels=[{"config": "DAPI", "do_stack": False}, "FITC"], **plan)
    assert setup_of({}, whole).expected == 24
    assert setup_of({}, less).expected is None


def test_an_interrupted_acquisition_waits_for_a_drive_that_is_not_there(folder: Path) -> None:
    from napari_fair.live.recorder import Recorder
    from napari_fair.live.records import OwnRecord
    from napari_fair.live.setup import Setup
    from napari_fair.live.signals import LiveSignals
    from napari_fair.live.spool import Spool

    spool = Spool(folder, Setup(uid="1", begun="2026-11-20T14:03:00+00:00", width=8, height=8))
    spool.write([{"path": str(folder / "gone.ome.zarr")}])
    spool.close()
    signals, failures = LiveSignals(), []
    signals.failed.connect(failures.append)
    recorder = Recorder(folder, OwnRecord(None, save=True), signals, None, folder / "answers")
    recorder.recover()
    assert len(failures) == 1
    assert "gone.ome.zarr" in failures[0]
    assert list(spool_folder().glob("*.jsonl"))
