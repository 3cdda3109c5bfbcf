"""The dock on a viewer model, without napari's window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from napari.components import ViewerModel
from napari.layers import Image
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QLineEdit, QWidget

from napari_fair.model import Level, State
from napari_fair.viewer import dock as dock_module
from napari_fair.viewer.channel_row import ChannelRow
from napari_fair.viewer.choice_editors import ChoiceEditor, ChoicesEditor
from napari_fair.viewer.dock import FairDock
from napari_fair.viewer.fact_row import FactRow
from napari_fair.viewer.field_row import FieldRow
from napari_fair.viewer.image_choice import ImageChoice
from napari_fair.viewer.subjects import Subject, SubjectKind

Docked = Callable[[Path], FairDock]


@pytest.fixture
def viewer() -> ViewerModel:
    return ViewerModel()


@pytest.fixture
def docked(qtbot: QtBot, viewer: ViewerModel, monkeypatch: pytest.MonkeyPatch) -> Docked:
    """Return a function that shows the dock on a file."""
    docks: list[FairDock] = []
    subjects: dict[str, Path] = {}

    def subject(layer: Image | None) -> Subject:
        if layer is None:
            return Subject(SubjectKind.NOTHING)
        path = subjects[layer.name]
        return Subject(SubjectKind.FILE, path, path.name)

    monkeypatch.setattr(dock_module, "subject_of", subject)

    def show(path: Path) -> FairDock:
        subjects[path.name] = path
        viewer.add_image(np.zeros((8, 8)), name=path.name)
        if not docks:
            dock = FairDock(viewer)
            qtbot.addWidget(dock, before_close_func=_left_in_peace)
            dock.resize(360, 650)
            with qtbot.waitExposed(dock):
                dock.show()
            dock.activateWindow()
            docks.append(dock)  # pytest-qt holds widgets weakly
        qtbot.waitUntil(lambda: docks[0].settled and docks[0].model.image is not None)
        return docks[0]

    return show


def _left_in_peace(dock: FairDock) -> None:
    """Let work in the background end before the dock is destroyed."""
    dock.hide()
    dock.model.runner.drop("header", "plan", "readiness")
    dock.model.close()


def _row(dock: FairDock, path: str) -> FieldRow:
    row = dock.form.row(path)
    assert row is not None, f"no row for {path}"
    return row


def _type(qtbot: QtBot, dock: FairDock, path: str, text: str) -> FieldRow:
    assert dock.go_to(path)
    row = _row(dock, path)
    qtbot.waitUntil(row.editor.hasFocus)
    qtbot.keyClicks(row.editor.face, text)
    return row


def test_without_an_image_the_dock_says_what_to_do(qtbot: QtBot, viewer: ViewerModel) -> None:
    dock = FairDock(viewer)
    qtbot.addWidget(dock)
    dock.show()
    assert "Open an image" in dock.model.sentence
    assert not dock.footer.isVisible()


def test_when_the_last_layer_goes_the_dock_is_empty_again(
    docked: Docked, viewer: ViewerModel, ome_tiff: Path
) -> None:
    dock = docked(ome_tiff)
    viewer.layers.clear()
    assert "Open an image" in dock.model.sentence
    assert not dock.footer.isVisible()


def test_a_person_can_choose_several_of_many_images(qtbot: QtBot) -> None:
    dialog = ImageChoice(["a", "b", "c"])
    qtbot.addWidget(dialog)
    dialog.list.item(2).setSelected(True)
    assert dialog.chosen() == [0, 2]


def test_the_head_says_what_the_file_says(docked: Docked, ome_tiff: Path) -> None:
    dock = docked(ome_tiff)
    assert dock.head.name.text() == "HeLa_mitosis_03.ome.tif"
    assert dock.head.dimensions.text() == "OME-TIFF · 2 channels · 5 z · 128 × 128"
    assert dock.head.calibration.text() == "0.108 × 0.108 × 0.3 µm · 20 Nov 2026, 14:03"


def test_an_unknown_pixel_size_is_said(docked: Docked, plain_tiff: Path) -> None:
    assert docked(plain_tiff).head.calibration.text() == "▲ pixel size unknown"


def test_what_is_typed_is_kept_when_the_field_is_left(
    qtbot: QtBot, docked: Docked, ome_tiff: Path
) -> None:
    dock = docked(ome_tiff)
    row = _type(qtbot, dock, "study.title", "Spindles")
    with qtbot.waitSignal(row.editor.committed):
        qtbot.keyClick(row.editor, Qt.Key.Key_Tab)
    assert dock.model.text("study.title") == "Spindles"
    assert row.mark.text() == "✎ typed"


def test_a_term_shows_its_identifier(qtbot: QtBot, docked: Docked, ome_tiff: Path) -> None:
    dock = docked(ome_tiff)
    row = _type(qtbot, dock, "biosample.organism", "human")
    row.commit()
    dock.form.commit()
    assert row.editor.text() in ("human", "Homo sapiens")
    dock.go_to("study.title")
    qtbot.waitUntil(lambda: row.editor.text() == "Homo sapiens")
    assert dock.model.view("biosample.organism").term_id == "NCBITaxon:9606"


def test_input_that_is_refused_stays_with_the_reason_below(
    qtbot: QtBot, docked: Docked, ome_tiff: Path
) -> None:
    dock = docked(ome_tiff)
    row = _type(qtbot, dock, "study.date_published", "soon")
    row.commit()
    assert row.editor.text() == "soon"
    assert row.error.isVisible() and "soon" in row.error.text()
    assert dock.model.view("study.date_published").state is None
    row.editor.selectAll()
    qtbot.keyClicks(row.editor, "2027-03-01")
    row.commit()
    assert not row.error.isVisible()
    assert dock.model.text("study.date_published") == "2027-03-01"


def test_missing_is_said_in_words(docked: Docked, ome_tiff: Path) -> None:
    assert _row(docked(ome_tiff), "study.title").mark.text() == "▲ missing"


def test_the_readiness_line_leads_to_the_first_missing_field(
    qtbot: QtBot, docked: Docked, ome_tiff: Path
) -> None:
    dock = docked(ome_tiff)
    assert "to go for Essentials" in dock.readiness.accessibleName()
    dock.tabs.setCurrentIndex(1)
    qtbot.mouseClick(dock.readiness, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(_row(dock, "study.title").editor.hasFocus)
    assert dock.tabs.currentIndex() == 0


def test_the_button_of_a_rule_leads_to_its_field(
    qtbot: QtBot, docked: Docked, ome_tiff: Path
) -> None:
    dock = docked(ome_tiff)
    dock.tabs.setCurrentIndex(3)
    rule = next(r for r in dock.rules.rows if r.button and "Licence" in r.button.accessibleName())
    qtbot.mouseClick(rule.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(_row(dock, "study.license").editor.hasFocus)


def test_the_hint_is_shown_only_where_the_cursor_is(
    qtbot: QtBot, docked: Docked, ome_tiff: Path
) -> None:
    dock = docked(ome_tiff)
    title, keywords = _row(dock, "study.title"), _row(dock, "study.keywords")
    dock.go_to("study.title")
    qtbot.waitUntil(title.hint.isVisible)
    assert title.slot.field.why in title.hint.text()
    dock.go_to("study.keywords")
    qtbot.waitUntil(keywords.hint.isVisible)
    qtbot.waitUntil(lambda: not title.hint.isVisible())


def test_more_levels_ask_more(docked: Docked, ome_tiff: Path) -> None:
    dock = docked(ome_tiff)
    asked = dict.fromkeys(Level, 0)
    for level in Level:
        dock.model.set_level(level)
        asked[level] = len(dock.form.paths())
    assert asked[Level.ESSENTIALS] < asked[Level.PUBLISH] <= asked[Level.EXPERT]


def test_at_every_level_each_section_is_made_when_it_is_first_opened(
    docked: Docked, ome_tiff: Path
) -> None:
    dock = docked(ome_tiff)
    dock.model.set_level(Level.EXPERT)
    (instrument,) = (fold for fold in dock.form.folds if fold.title == "Instrument")
    assert not instrument.open and instrument.rows == [] and instrument.slots
    instrument.button.click()
    assert [row.slot.path for row in instrument.rows] == [s.path for s in instrument.slots]


def test_rows_are_used_again_for_another_level_and_image(
    docked: Docked, ome_tiff: Path, plain_tiff: Path
) -> None:
    dock = docked(ome_tiff)
    title, preparation = _row(dock, "study.title"), _row(dock, "specimen.preparation")
    dock.model.set_level(Level.PUBLISH)
    assert _row(dock, "specimen.preparation") is preparation
    docked(plain_tiff)
    assert _row(dock, "study.title") is title


def test_an_electron_microscope_is_asked_no_fluorophore_but_keeps_one_that_was_said(
    docked: Docked, ome_tiff: Path, plain_tiff: Path
) -> None:
    dock = docked(ome_tiff)
    dock.model.set_level(Level.EXPERT)
    assert "specimen.cover_glass" in dock.form.paths()
    dock.model.set("specimen.mounting_medium", "Epon")
    dock.model.set("acquisition.imaging_method", "FIB-SEM")
    paths = dock.form.paths()
    assert "specimen.cover_glass" not in paths and "instrument.filters" not in paths
    assert {"specimen.mounting_medium", "channel.0.fluor"} <= set(paths)


def test_the_cursor_stays_when_other_fields_are_asked(
    qtbot: QtBot, docked: Docked, ome_tiff: Path
) -> None:
    dock = docked(ome_tiff)
    dock.model.set_level(Level.EXPERT)
    assert dock.go_to("specimen.location")
    editor = _row(dock, "specimen.location").editor
    qtbot.waitUntil(editor.hasFocus)
    dock.model.set("acquisition.imaging_method", "FIB-SEM")
    assert "specimen.cover_glass" not in dock.form.paths()
    assert editor.hasFocus()


def test_annotations_are_asked_when_there_is_a_layer_of_them(
    docked: Docked, viewer: ViewerModel, ome_tiff: Path
) -> None:
    dock = docked(ome_tiff)
    dock.model.set_level(Level.PUBLISH)
    assert "annotation.method" not in dock.form.paths()
    viewer.add_points(np.zeros((1, 2)), name=ome_tiff.name)
    assert "annotation.method" in dock.form.paths()


def test_choices_are_chosen_and_said_in_words(docked: Docked, ome_tiff: Path) -> None:
    dock = docked(ome_tiff)
    dock.model.set_level(Level.PUBLISH)
    live = _row(dock, "specimen.live").editor
    assert isinstance(live, ChoiceEditor)
    live.setCurrentIndex(1)
    live.activated.emit(1)
    assert dock.model.text("specimen.live") == live.itemData(1)
    dock.model.set("annotation.overview", "Nuclei by hand")
    kinds = _row(dock, "annotation.type").editor
    assert isinstance(kinds, ChoicesEditor)
    for word in list(kinds.checks)[:2]:
        kinds.checks[word].trigger()
    kinds.commit()
    assert dock.model.text("annotation.type") == "; ".join(list(kinds.checks)[:2])


def test_header_facts_are_read_only_and_pixel_sizes_can_be_corrected(
    docked: Docked, ome_tiff: Path
) -> None:
    dock = docked(ome_tiff)
    assert _row(dock, "image.physical_size_y").slot.editable
    kinds = {row.slot.path: type(row) for row in dock.form.rows if not isinstance(row, ChannelRow)}
    assert kinds["image.size_x"] is FactRow
    assert kinds["image.physical_size_x"] is FieldRow
    assert _row(dock, "image.physical_size_x").mark.text() == "▤ header"


def test_an_unknown_from_the_menu_is_shown_in_words(docked: Docked, ome_tiff: Path) -> None:
    dock = docked(ome_tiff)
    row = _row(dock, "study.authors")
    menu = row.mark.menu()
    assert menu is not None
    menu.aboutToShow.emit()
    actions = {action.text().replace("&", ""): action for action in menu.actions()}
    assert {"Unknown", "Not applicable", "Clear"} <= set(actions)
    actions["Unknown"].trigger()
    assert dock.model.view("study.authors").state is State.UNKNOWN
    assert row.mark.text() == "? unknown"


def test_undo_in_the_dock_takes_back_the_last_edit(
    qtbot: QtBot, docked: Docked, ome_tiff: Path
) -> None:
    dock = docked(ome_tiff)
    dock.model.set("study.title", "one")
    dock.model.set("study.title", "two")
    dock.go_to("study.keywords")
    editor = _row(dock, "study.keywords").editor.face
    qtbot.waitUntil(editor.hasFocus)
    qtbot.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert dock.model.text("study.title") == "one"
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(editor, Qt.Key.Key_Z, both)
    assert dock.model.text("study.title") == "two"


def test_undo_while_typing_takes_back_letters_and_not_the_record(
    qtbot: QtBot, docked: Docked, ome_tiff: Path
) -> None:
    dock = docked(ome_tiff)
    dock.model.set("study.title", "one")
    row = _type(qtbot, dock, "study.keywords", "abc")
    qtbot.keyClick(row.editor.face, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert row.editor.text() == ""
    assert dock.model.text("study.title") == "one"


def test_save_writes_and_says_what_it_wrote(qtbot: QtBot, docked: Docked, ome_tiff: Path) -> None:
    dock = docked(ome_tiff)
    assert "The image is not touched" in dock.footer.sentence.text()
    _type(qtbot, dock, "study.title", "Spindles")  # not left yet
    dock.footer.save.click()
    qtbot.waitUntil(lambda: bool(dock.model.saving.written) and not dock.model.saving.busy)
    assert "✓ Saved" in dock.footer.sentence.text()
    assert "Spindles" in (ome_tiff.parent / "ro-crate-metadata.json").read_text("utf-8")


def test_a_second_image_gets_its_own_form(docked: Docked, ome_tiff: Path, plain_tiff: Path) -> None:
    dock = docked(ome_tiff)
    dock.model.set("study.title", "Of the first folder")
    docked(plain_tiff)
    assert dock.head.name.text() == "plain.tif"
    assert dock.model.text("study.title") == ""


def test_closing_and_opening_the_dock_shows_the_same_session(
    qtbot: QtBot, docked: Docked, viewer: ViewerModel, ome_tiff: Path
) -> None:
    dock = docked(ome_tiff)
    dock.model.set("study.title", "Still here")
    dock.hide()
    again = FairDock(viewer)
    qtbot.addWidget(again)
    again.show()
    assert again.model is dock.model
    assert _row(again, "study.title").editor.text() == "Still here"
    qtbot.waitUntil(lambda: again.settled)
    again.hide()


def test_a_closed_dock_hears_nothing(docked: Docked, viewer: ViewerModel, ome_tiff: Path) -> None:
    dock = docked(ome_tiff)
    dock.hide()
    before = dock.model.subject
    viewer.add_image(np.zeros((8, 8)), name=ome_tiff.name)
    assert dock.model.subject == before
    assert len(dock.model.subject_changed) == 0


def test_a_draft_of_an_earlier_run_is_offered(qtbot: QtBot, docked: Docked, ome_tiff: Path) -> None:
    dock = docked(ome_tiff)
    dock.model.set("study.title", "From yesterday")
    dock.model.close()
    dock.model.look_at(Subject(SubjectKind.NOTHING))
    dock.follow()
    qtbot.waitUntil(lambda: dock.settled and dock.model.image is not None)
    banner = next(b for b in dock.banners.banners if b.buttons)
    assert [button.text() for button in banner.buttons] == ["Restore", "Discard"]
    banner.buttons[0].click()
    assert _row(dock, "study.title").editor.text() == "From yesterday"
    assert not any(b.buttons for b in dock.banners.banners)


def test_several_scenes_can_be_chosen(docked: Docked, tmp_path: Path) -> None:
    path = tmp_path / "scenes.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        for name, size in (("left", 8), ("right", 16)):
            writer.write(np.zeros((size, size), "uint8"), metadata={"axes": "YX", "Name": name})
    dock = docked(path)
    assert dock.head.scenes.isVisible()
    dock.head.scenes.activated.emit(1)
    assert dock.head.dimensions.text().endswith("16 × 16")


def test_no_text_asks_for_more_than_360_pixels(
    qtbot: QtBot, docked: Docked, ome_tiff: Path
) -> None:
    dock = docked(ome_tiff)
    dock.model.set_level(Level.EXPERT)
    assert dock.minimumSizeHint().width() <= 360
    dock.model.set("biosample.biological_entity", "some cells")
    origin = {"origin": "preset", "where": "Immunofluorescence of the second floor, version 12"}
    assert dock.model.session is not None
    dock.model.session.set("biosample.biological_entity", "other cells", **origin)
    dock.resize(360, 600)
    row = _row(dock, "biosample.biological_entity")
    qtbot.waitUntil(row.isVisible)
    qtbot.waitUntil(lambda: dock.form.minimumSizeHint().width() >= row.minimumSizeHint().width())
    assert dock.form.minimumSizeHint().width() <= dock.scrolls[0].viewport().width()


def test_every_editor_has_a_label_and_a_name_for_screen_readers(
    docked: Docked, ome_tiff: Path
) -> None:
    dock = docked(ome_tiff)
    buddies = {id(label.buddy()) for label in dock.findChildren(QLabel) if label.buddy()}
    for row in dock.form.rows:
        if isinstance(row, FieldRow):
            assert id(row.editor.face) in buddies
            assert row.editor.accessibleName()
        elif isinstance(row, ChannelRow):
            assert all(editor.accessibleName() for editor in row.editors.values())


def test_tab_goes_from_the_level_through_the_form_to_save(docked: Docked, ome_tiff: Path) -> None:
    dock = docked(ome_tiff)
    chain: list[QWidget] = []
    widget: QWidget | None = dock.tabs
    while widget is not None and widget is not dock.footer.save and len(chain) < 500:
        chain.append(widget)
        widget = widget.nextInFocusChain()
    fields = [w.objectName() for w in chain if isinstance(w, QLineEdit) and w.objectName()]
    assert widget is dock.footer.save
    assert fields.index("study.title") < fields.index("biosample.organism")


def test_a_preset_fills_the_form_and_says_so(
    docked: Docked, ome_tiff: Path, tmp_path: Path
) -> None:
    preset = tmp_path / "IF.toml"
    preset.write_text(
        'name = "IF fixed"\nversion = 3\n[values]\n"specimen.preparation" = "4 % PFA"\n'
        '[states]\n"study.authors" = "unknown"\n',
        encoding="utf-8",
    )
    dock = docked(ome_tiff)
    dock.presets.use(preset)
    row = _row(dock, "specimen.preparation")
    assert row.editor.text() == "4 % PFA"
    assert "preset" in row.mark.text() and "IF fixed" in row.mark.text()
    assert dock.model.view("study.authors").state is State.UNKNOWN


def test_a_disagreement_is_shown_with_both_values_and_decided_by_a_person(
    docked: Docked, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.tif", tmp_path / "second.ome.tif"
    tifffile.imwrite(first, np.zeros((8, 8), "uint8"))
    mode = {"axes": "YX", "Channel": {"AcquisitionMode": "SpinningDiskConfocal"}}
    tifffile.imwrite(second, np.zeros((8, 8), "uint8"), ome=True, metadata=mode)
    dock = docked(first)
    dock.model.set("acquisition.imaging_method", "something else")
    docked(second)
    (banner,) = (each for each in dock.banners.banners if each.buttons)
    assert banner.values == ["something else", "spinning disk confocal microscopy"]
    banner.buttons[1].click()
    assert "spinning disk" in dock.model.text("acquisition.imaging_method")
    assert not any(each.buttons for each in dock.banners.banners)


def test_a_section_with_unknowns_is_not_called_complete(docked: Docked, ome_tiff: Path) -> None:
    dock = docked(ome_tiff)
    for path in dock.form.missing():
        dock.model.set_state(path, State.UNKNOWN)
    (study,) = (fold for fold in dock.form.folds if "Study" in fold.button.text())
    assert study.complete.text() == "? 6 unknown"


def test_every_conflicting_or_unsaved_thing_is_said_in_words_too(
    docked: Docked, plain_tiff: Path
) -> None:
    dock = docked(plain_tiff)
    assert all(row.mark.text() not in ("", "▲") for row in dock.form.rows if hasattr(row, "mark"))
