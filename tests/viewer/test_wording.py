"""The plain sentences of the dock."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_fair.model import State, field
from napari_fair.session import FieldView, PlannedFile
from napari_fair.viewer import wording


def _text_of(**known: str):
    return lambda path: known.get(path.replace(".", "_"), "")


def test_dimensions_name_only_axes_that_are_there() -> None:
    text_of = _text_of(
        image_size_x="512",
        image_size_y="256",
        image_size_z="21",
        image_size_c="2",
        image_size_t="1",
    )
    line = wording.dimensions_line("OME-TIFF", text_of)
    assert line == "OME-TIFF · 2 channels · 21 z · 512 × 256"


def test_colour_samples_are_not_called_channels() -> None:
    text_of = _text_of(image_size_c="3", channel_0_samples_per_pixel="3")
    assert wording.dimensions_line("PNG", text_of) == "PNG · colour"


def test_an_unknown_pixel_size_is_said_in_words() -> None:
    assert wording.pixel_size_line(_text_of(image_size_z="1")) == "▲ pixel size unknown"


def test_pixel_sizes_share_their_unit() -> None:
    text_of = _text_of(
        image_physical_size_x="0.1 µm", image_physical_size_y="0.1 µm", image_size_z="3"
    )
    assert wording.pixel_size_line(text_of) == "0.1 × 0.1 µm (z unknown)"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("2026-11-20T14:03:00+01:00", "20 Nov 2026, 14:03"),
        ("2026-11-02", "2 Nov 2026"),
        ("yesterday", "yesterday"),
    ],
)
def test_dates_are_written_as_people_read_them(text: str, line: str) -> None:
    assert wording.date_line(text) == line


def _view(**more: object) -> FieldView:
    return FieldView("study.title", field("study.title"), **more)  # type: ignore[arg-type]


def test_an_essential_field_without_a_value_is_missing() -> None:
    assert wording.origin_mark(_view(), essential=True).word == "missing"


def test_a_field_that_is_unknown_on_purpose_is_not_missing() -> None:
    view = _view(state=State.UNKNOWN, text="unknown")
    assert wording.origin_mark(view, essential=True).text == "? unknown"


def test_a_guess_is_marked_as_a_guess() -> None:
    view = _view(state=State.GIVEN, text="x", origin="inferred", trust="guessed")
    assert "guess" in wording.origin_mark(view, essential=True).text


def test_free_text_is_marked_as_not_yet_a_term() -> None:
    view = _view(state=State.GIVEN, text="x", origin="typed", not_yet_a_term=True)
    assert "not yet a term" in wording.origin_mark(view, essential=True).text


def test_an_origin_that_nobody_foresaw_is_shown_by_its_name() -> None:
    view = _view(state=State.GIVEN, text="x", origin="robot")
    assert wording.origin_mark(view, essential=False).text == "• robot"


def test_the_sentence_names_new_and_changed_files_and_escapes_them() -> None:
    sentence = wording.writes_sentence(
        [
            PlannedFile(Path("/d/<b>.companion.ome"), "create"),
            PlannedFile(Path("/d/ro-crate-metadata.json"), "update"),
        ]
    )
    assert sentence.startswith("Writes <u>&lt;b&gt;.companion.ome</u> and updates <u>ro")
    assert sentence.endswith("in …/d. The image is not touched.")


def test_a_very_long_name_is_cut_in_the_middle() -> None:
    sentence = wording.writes_sentence([PlannedFile(Path("/d") / ("x" * 200), "create")])
    assert len(sentence) < 120


def test_nothing_to_write_is_said() -> None:
    assert wording.writes_sentence([]).startswith("Nothing to write")
