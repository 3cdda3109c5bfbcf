"""What the Live tab says and offers, without a window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from napari_fair.live import LiveImage, LiveKind, LiveState
from napari_fair.model import EventNote, State
from napari_fair.session import Preset, open_folder
from napari_fair.viewer import live_words as words
from napari_fair.viewer.live_choices import PARTS, chosen, offered, preset_of_choices

IMAGE = LiveImage(
    uid="u",
    sequence="s",
    kind=LiveKind.ACQUISITION,
    state=LiveState.RUNNING,
    begun="2026-11-23T12:00:00+00:00",
    frames=37,
    expected=48,
)


def test_progress_says_how_far_an_image_is_and_how_it_ended() -> None:
    assert words.progress(IMAGE) == "37 of 48 frames"
    assert words.progress(replace(IMAGE, expected=None)) == "37 frames"
    assert words.progress(replace(IMAGE, kind=LiveKind.LIVE)) == "live"
    assert words.progress(replace(IMAGE, frames=48, state=LiveState.FINISHED)) == "48 frames"
    cancelled = replace(IMAGE, state=LiveState.CANCELLED)
    assert words.progress(cancelled) == "37 of 48 frames, stopped early"


def test_a_note_says_where_it_was_made_and_nothing_that_is_not_known() -> None:
    note = EventNote(id="n", text="drug added", time="2026-11-23T12:00:00+00:00")
    assert words.place_of(note) == ""
    there = note.model_copy(
        update={"the_t": 0, "the_z": 2, "position_x": -0.001, "position_y": 7.5}
    )
    assert words.place_of(there) == "time point 1 · plane 3 · stage 0, 7.5 µm"
    assert words.time_of("long ago") == "long ago"


def test_what_is_saved_nowhere_is_told_with_what_to_do() -> None:
    assert "when it has ended" in words.unsaved_line(IMAGE)
    done = replace(IMAGE, state=LiveState.FINISHED)
    assert "then say where it is" in words.unsaved_line(done)
    assert "like 2 before it" in words.unsaved_line(done, 3)


def test_presets_and_records_are_offered_by_what_they_say(tmp_path: Path) -> None:
    session = open_folder(tmp_path)
    session.set("study.title", "Earlier study")
    session.set("study.authors", "Josiah Carberry")
    lens = Preset(
        "Spinning disk 2",
        values={"acquisition.instrument": "Nikon Ti2", "instrument.manufacturer": "Nikon"},
        states={"instrument.model": State.UNKNOWN},
    )
    offers = offered([lens], [session.dataset])
    session.close()
    assert [one.label for one in offers["who"]] == ["Josiah Carberry"]
    assert [one.label for one in offers["project"]] == ["Earlier study"]
    assert offers["sample"] == []
    (microscope,) = offers["microscope"]
    assert microscope.label == "Nikon Ti2"
    preset = preset_of_choices([microscope])
    assert preset.values["instrument.manufacturer"] == "Nikon"
    assert preset.states == {"instrument.model": State.UNKNOWN}


def test_a_typed_choice_goes_into_its_own_field_and_an_empty_one_nowhere() -> None:
    sample = next(part for part in PARTS if part.key == "sample")
    typed = chosen(sample, " HeLa ", ())
    assert typed is not None
    assert typed.values == {"biosample.biological_entity": "HeLa"}
    assert chosen(sample, "  ", ()) is None
