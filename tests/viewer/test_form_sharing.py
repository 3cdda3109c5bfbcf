"""Named blocks, free pairs, remarks and terms, used through the dock."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from napari.components import ViewerModel
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QWidget

from napari_fair.headers import read_header
from napari_fair.model import Level
from napari_fair.sidecar import read_crate
from napari_fair.viewer import dock as dock_module
from napari_fair.viewer.block_dialogs import BlockNameDialog
from napari_fair.viewer.channel_row import ChannelRow
from napari_fair.viewer.dock import FairDock
from napari_fair.viewer.field_row import FieldRow
from napari_fair.viewer.folding import FoldingSection
from napari_fair.viewer.mapping_dialog import MappingDialog
from napari_fair.viewer.people_dialog import PersonDialog
from napari_fair.viewer.subjects import Subject, SubjectKind

Docked = Callable[[Path], FairDock]


@pytest.fixture
def docked(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Docked:
    """Return a function that shows the dock on a file of a folder with three alike."""
    viewer = ViewerModel()
    docks: list[FairDock] = []
    subjects: dict[str, Path] = {}
    monkeypatch.setattr(
        dock_module,
        "subject_of",
        lambda layer: (
            Subject(SubjectKind.FILE, subjects[layer.name], layer.name)
            if layer is not None
            else Subject(SubjectKind.NOTHING)
        ),
    )

    def left_in_peace(dock: FairDock) -> None:
        dock.hide()
        dock.model.runner.drop("header", "plan", "readiness", "vocabulary")
        dock.model.close()

    def show(path: Path) -> FairDock:
        subjects[path.name] = path
        viewer.add_image(np.zeros((8, 8)), name=path.name)
        if not docks:
            dock = FairDock(viewer)
            qtbot.addWidget(dock, before_close_func=left_in_peace)
            dock.resize(360, 650)
            with qtbot.waitExposed(dock):
                dock.show()
            dock.activateWindow()
            docks.append(dock)
        qtbot.waitUntil(lambda: docks[0].settled and docks[0].model.file_name == path.name)
        qtbot.waitUntil(lambda: docks[0].model.image is not None)
        return docks[0]

    return show


@pytest.fixture
def three(ome_tiff: Path) -> list[Path]:
    names = ("HeLa_mitosis_04.ome.tif", "HeLa_mitosis_05.ome.tif")
    return [ome_tiff, *(Path(shutil.copy(ome_tiff, ome_tiff.with_name(n))) for n in names)]


def _all_known(dock: FairDock, paths: list[Path]) -> None:
    session = dock.model.session
    assert session is not None
    for path in paths:
        session.add(read_header(path))


def _row(dock: FairDock, path: str) -> FieldRow:
    row = dock.form.row(path)
    assert row is not None, path
    return row


def _fold(dock: FairDock, title: str) -> FoldingSection:
    fold = next(fold for fold in dock.form.folds if fold.title == title)
    fold.fold(False)
    return fold


def _actions(fold: FoldingSection) -> dict[str, Callable[[], None]]:
    assert fold.chooser is not None
    fold.chooser.menu.aboutToShow.emit()
    found: dict[str, Callable[[], None]] = {}
    for action in fold.chooser.menu.actions():
        below = action.menu()
        for each in below.actions() if below is not None else [action]:
            found[each.text().replace("&", "")] = each.trigger
    return found


def _naming(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def answer(dialog: BlockNameDialog) -> bool:
        dialog.name.setText(name)
        return dialog.ok.isEnabled()

    monkeypatch.setattr(BlockNameDialog, "exec", answer)


# ---- blocks ----


def test_a_new_sample_is_made_at_the_head_of_its_section(
    qtbot: QtBot, docked: Docked, three: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    dock = docked(three[0])
    _all_known(dock, three)
    dock.model.set_level(Level.PUBLISH)
    dock.model.set("biosample.organism", "human")
    fold = _fold(dock, "Sample")
    assert fold.chooser is not None and fold.chooser.isVisible()
    assert fold.chooser.button.text() == "Homo sapiens ▾"
    assert fold.chooser.count.text() == "· used by 3 images"
    _naming(monkeypatch, "HeLa, nocodazole")
    _actions(fold)["Duplicate …"]()
    assert fold.chooser.button.text() == "HeLa, nocodazole ▾"
    assert fold.chooser.count.text() == "· used by 1 image"
    assert dock.model.text("biosample.organism") == "Homo sapiens"
    dock.model.set("biosample.organism", "mouse")
    assert dock.model.text("biosample.organism") == "Mus musculus"
    docked(three[1])
    assert dock.model.text("biosample.organism") == "Homo sapiens"
    _actions(_fold(dock, "Sample"))["HeLa, nocodazole – 1 image"]()
    assert dock.model.text("biosample.organism") == "Mus musculus"
    dock.model.undo()
    assert dock.model.text("biosample.organism") == "Homo sapiens"


def test_a_sample_can_be_renamed_shared_by_all_and_an_unused_one_removed(
    qtbot: QtBot, docked: Docked, three: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    dock = docked(three[0])
    _all_known(dock, three)
    dock.model.set_level(Level.PUBLISH)
    dock.model.set("biosample.organism", "human")
    fold = _fold(dock, "Sample")
    _naming(monkeypatch, "new one")
    _actions(fold)["New …"]()
    _naming(monkeypatch, "renamed")
    _actions(fold)["Rename …"]()
    assert "renamed – 1 image" in _actions(fold)
    _actions(fold)["Use it for all 3 images"]()
    actions = _actions(fold)
    assert "renamed – 3 images" in actions and "Use it for all 3 images" not in actions
    actions["Homo sapiens"]()  # below "Remove unused"
    assert dock.model.session is not None
    assert [block.label for block in dock.model.session.dataset.biosamples] == ["renamed"]


def test_a_name_that_is_taken_cannot_be_chosen(
    qtbot: QtBot, docked: Docked, three: list[Path]
) -> None:
    dock = docked(three[0])
    dock.model.blocks.add("specimen", "fixed")
    check = lambda name: dock.model.blocks.problem("specimen", name)  # noqa: E731
    dialog = BlockNameDialog("New specimen", "", check)
    qtbot.addWidget(dialog)
    assert not dialog.ok.isEnabled() and dialog.hint.text() == ""
    dialog.name.setText("Fixed")
    assert not dialog.ok.isEnabled() and "already one" in dialog.hint.text()
    dialog.name.setText("live")
    assert dialog.ok.isEnabled()


def test_essentials_of_one_image_show_no_chooser(docked: Docked, plain_tiff: Path) -> None:
    dock = docked(plain_tiff)
    dock.model.set("biosample.organism", "human")
    fold = _fold(dock, "Sample")
    assert fold.chooser is not None and not fold.chooser.isVisible()


def test_as_the_last_image_takes_over_the_sample_it_uses(
    qtbot: QtBot, docked: Docked, three: list[Path]
) -> None:
    dock = docked(three[0])
    dock.model.set("biosample.organism", "human")
    dock.model.blocks.add("biosample", "treated")
    dock.model.set("biosample.organism", "mouse")
    docked(three[1])
    assert dock.model.text("biosample.organism") == "Homo sapiens"
    assert dock.quick.same.isEnabled() and "1 linked part" in dock.quick.same.toolTip()
    dock.quick.same.click()
    assert dock.model.text("biosample.organism") == "Mus musculus"
    assert not dock.quick.same.isEnabled()
    dock.model.undo()
    assert dock.model.text("biosample.organism") == "Homo sapiens"


def test_a_change_of_what_is_shared_reaches_images_that_do_not_override_it(
    docked: Docked, three: list[Path]
) -> None:
    dock = docked(three[0])
    dock.model.set("specimen.preparation", "PFA")
    docked(three[1])
    dock.model.only_this_image("specimen.preparation")
    dock.model.set("specimen.preparation", "methanol")
    assert _row(dock, "specimen.preparation").mark.text() == "✎ typed · this image"
    docked(three[2])
    dock.model.set("specimen.preparation", "glyoxal")
    session = dock.model.session
    assert session is not None
    images = [image.id for source in session.sources() for image in source.images]
    texts = [session.view("specimen.preparation", image).text for image in images]
    assert texts == ["glyoxal", "methanol", "glyoxal"]
    session.drop_override("specimen.preparation", images[1])
    assert session.view("specimen.preparation", images[1]).text == "glyoxal"


# ---- pairs ----


@pytest.mark.parametrize(("title", "kind"), [("Sample", "biosample"), ("Image", "image")])
def test_free_pairs_are_added_changed_removed_and_saved(
    qtbot: QtBot, docked: Docked, ome_tiff: Path, title: str, kind: str
) -> None:
    dock = docked(ome_tiff)
    dock.model.set_level(Level.PUBLISH)
    fold = _fold(dock, title)
    (pairs,) = fold.pairs
    pairs.more.click()
    (line,) = pairs.lines
    qtbot.waitUntil(line.boxes["key"].hasFocus)
    qtbot.keyClicks(line.boxes["key"], "Passage")
    qtbot.keyClick(line.boxes["key"], Qt.Key.Key_Return)
    assert dock.model.blocks.pairs(kind) == ()
    assert pairs.lines == [line]
    for name, text in (("value", "=12"), ("namespace", "https://lab.example/")):
        qtbot.keyClicks(line.boxes[name], text)
        qtbot.keyClick(line.boxes[name], Qt.Key.Key_Return)
    (pair,) = dock.model.blocks.pairs(kind)
    assert (pair.key, pair.value, pair.namespace) == ("Passage", "=12", "https://lab.example/")
    assert len(pairs.lines) == 1
    dock.save()
    qtbot.waitUntil(lambda: bool(dock.model.saving.written) and dock.settled)
    saved = read_crate(ome_tiff.parent).dataset
    held = saved.sources[0].images[0] if kind == "image" else saved.biosamples[0]
    assert held.pairs == (pair,)
    pairs.lines[0].remove.click()
    assert dock.model.blocks.pairs(kind) == () and pairs.lines == []
    dock.model.undo()
    assert dock.model.blocks.pairs(kind) == (pair,)
    assert [one.pair() for one in pairs.lines] == [pair]
    dock.model.set_level(Level.ESSENTIALS)
    assert any(p.isVisible() for p in _fold(dock, title).pairs)  # what is said is shown


# ---- remarks ----


@pytest.mark.parametrize(
    ("path", "typed", "words"),
    [
        ("study.date_published", "2027-02-30", "needs a date"),
        ("study.license", "CC-BY-NC-4.0", "Not checked"),
        ("study.license", "CC-BY-4.0", "The BioImage Archive accepts"),
        ("study.authors", "Josiah <0000-0002-1825-0098>", "check digit is wrong"),
        ("study.publisher", "Brown <https://ror.org/05gq02986>", "check digits are wrong"),
        ("study.publications", "10.1038", "no complete DOI"),
        ("image.physical_size_x", "108 kg", "does not convert"),
        ("objective.lens_na", "1.4", "not possible in air"),
        ("study.data_management_plan", "drawer", "web address or a DOI"),
    ],
)
def test_a_text_is_checked_at_its_field_while_it_is_typed(
    qtbot: QtBot, docked: Docked, ome_tiff: Path, path: str, typed: str, words: str
) -> None:
    dock = docked(ome_tiff)
    dock.model.set_level(Level.EXPERT)
    dock.model.set("objective.immersion", "Air")
    assert dock.go_to(path)
    row = _row(dock, path)
    qtbot.waitUntil(row.editor.hasFocus)
    row.editor.face.selectAll()  # type: ignore[attr-defined]
    qtbot.keyClicks(row.editor.face, typed)
    qtbot.waitUntil(lambda: words in row.remark.text() and row.remark.isVisible())


def test_an_odd_value_stays_marked_after_it_was_kept(docked: Docked, ome_tiff: Path) -> None:
    dock = docked(ome_tiff)
    dock.model.set_level(Level.EXPERT)
    dock.model.set("objective.immersion", "Air")
    dock.model.set("objective.lens_na", "1.4")
    dock.go_to("objective.lens_na")
    row = _row(dock, "objective.lens_na")
    assert row.remark.isVisible() and row.remark.tone == "warning"
    dock.model.set("objective.immersion", "Oil")
    assert not row.remark.isVisible()


# ---- people ----


def test_a_person_is_put_right_in_a_dialog(
    docked: Docked, ome_tiff: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dock = docked(ome_tiff)
    dock.model.set("study.authors", "Josia Carbery <jc@example.org>; Ada Example")

    def answer(dialog: PersonDialog) -> bool:
        assert dialog.boxes["email"].text() == "jc@example.org"
        dialog.boxes["name"].setText("Josiah Carberry")
        dialog.boxes["email"].setText("")
        return True

    monkeypatch.setattr(PersonDialog, "exec", answer)
    row = _row(dock, "study.authors")
    row.editor.change(0)  # type: ignore[union-attr]
    assert dock.model.text("study.authors") == "Josiah Carberry; Ada Example"
    dock.model.undo()
    assert dock.model.text("study.authors") == "Josia Carbery <jc@example.org>; Ada Example"


# ---- terms ----


def test_free_text_is_mapped_in_all_images_from_one_list(
    qtbot: QtBot, docked: Docked, three: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    dock = docked(three[0])
    _all_known(dock, three)
    session = dock.model.session
    assert session is not None
    assert not dock.form.map_terms.isVisible()
    dock.model.set("biosample.organism", "our cells")
    for source in session.sources():
        session.set("channel.1.target", "tubes", image=source.images[0].id)
    assert dock.form.map_terms.isVisible()

    def answer(dialog: MappingDialog) -> bool:
        rows = [dialog.list.topLevelItem(n) for n in range(dialog.list.topLevelItemCount())]
        listed = [[row.text(column) for column in range(3)] for row in rows if row is not None]
        assert listed == [["our cells", "Organism", "3"], ["tubes", "What it shows", "3"]]
        assert not dialog.ok.isEnabled()
        dialog.sought.setText("human")
        dialog.sought.textEdited.emit("human")
        dialog.sought.returnPressed.emit()
        assert dialog.row == 1  # on to the next
        dialog.sought.setText("microtubule")
        dialog.sought.textEdited.emit("microtubule")
        dialog.found.itemActivated.emit(dialog.found.item(0))
        assert dialog.ok.text() == "&Map 2 texts in all images"
        return True

    monkeypatch.setattr(MappingDialog, "exec", answer)
    dock.form.map_terms.click()
    qtbot.waitUntil(lambda: dock.model.text("biosample.organism") == "Homo sapiens")
    texts = {session.view("channel.1.target", s.images[0].id).text for s in session.sources()}
    assert texts == {"microtubule"}
    dock.model.undo()
    assert dock.model.text("biosample.organism") == "our cells"


def test_a_dye_that_was_chosen_offers_its_wavelengths(
    qtbot: QtBot, docked: Docked, ome_tiff: Path
) -> None:
    dock = docked(ome_tiff)
    row = next(row for row in _fold(dock, "Channels").rows if isinstance(row, ChannelRow))
    assert not row.offer.isVisible()  # wavelengths are not asked at this level
    editor = row.editors["channel.0.fluor"]
    editor.setFocus()
    editor.selectAll()  # type: ignore[union-attr]
    qtbot.keyClicks(editor, "EGFP")
    qtbot.waitUntil(editor.list.isVisible)  # type: ignore[union-attr]
    qtbot.keyClick(editor.list, Qt.Key.Key_Down)  # type: ignore[union-attr]
    qtbot.keyClick(editor.list, Qt.Key.Key_Return)  # type: ignore[union-attr]
    assert dock.model.text("channel.0.fluor") == "EGFP"
    assert row.offer.isVisible() and "488 nm" in row.offer.words.text()
    row.offer.take.click()
    view = dock.model.view("channel.0.emission_wavelength")
    assert (view.text, view.origin) == ("507 nm", "vocabulary")
    assert not row.offer.isVisible()


# ---- the whole form ----


def test_no_row_is_squeezed_when_the_level_changes(
    qtbot: QtBot, docked: Docked, ome_tiff: Path
) -> None:
    dock = docked(ome_tiff)
    dock.model.set("study.license", "CC-BY-4.0")
    dock.model.set("study.keywords", "a; b; c")
    for level in (Level.PUBLISH, Level.EXPERT, Level.ESSENTIALS):
        dock.model.set_level(level)
        rows = [row for row in dock.form.rows if row.isVisible()]
        low = [
            r.slots if isinstance(r, ChannelRow) else r.slot.path
            for r in rows
            if r.height() < r.minimumSizeHint().height()
        ]
        assert rows and low == []


def test_everything_can_be_named_by_a_screen_reader_and_fits_360_pixels(
    docked: Docked, three: list[Path]
) -> None:
    from qtpy.QtWidgets import QLineEdit, QListWidget, QPlainTextEdit, QPushButton

    dock = docked(three[0])
    _all_known(dock, three)
    dock.model.set_level(Level.EXPERT)
    dock.model.set("study.keywords", "a; b")
    for fold in dock.form.folds:
        fold.fold(False)
        for pairs in fold.pairs:
            pairs.add_line()
    nameless = [
        widget
        for kind in (QLineEdit, QListWidget, QPlainTextEdit, QPushButton)
        for widget in dock.form.findChildren(kind)
        if widget.isVisible()
        and not widget.accessibleName()
        and not (isinstance(widget, QPushButton) and widget.text())
    ]
    assert nameless == []
    assert dock.form.minimumSizeHint().width() <= 360
    assert dock.width() == 360


def test_the_vocabularies_are_loaded_when_the_form_is_first_seen(
    docked: Docked, ome_tiff: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr("napari_fair.vocabulary.warm_up", lambda: asked.append(True))
    dock = docked(ome_tiff)
    assert asked == [True]
    dock.hide()
    dock.show()
    assert asked == [True]


def test_tab_goes_from_the_head_through_lists_and_pairs_in_their_order(
    docked: Docked, three: list[Path]
) -> None:
    dock = docked(three[0])
    _all_known(dock, three)
    dock.model.set_level(Level.PUBLISH)
    dock.model.set("biosample.extrinsic_variables", "a; b")
    fold = _fold(dock, "Sample")
    (pairs,) = fold.pairs
    pairs.more.click()
    treatment = _row(dock, "biosample.extrinsic_variables").stops()
    varies = _row(dock, "biosample.experimental_variables").stops()
    assert fold.chooser is not None and len(treatment) == 2
    wanted = [fold.button, fold.chooser.button, _row(dock, "biosample.organism").editor]
    assert _following(fold.button, len(wanted)) == wanted
    wanted = [*treatment, *varies, *pairs.lines[0].boxes.values(), pairs.lines[0].remove]
    assert _following(treatment[0], len(wanted) + 1) == [*wanted, pairs.more]


def _following(widget: QWidget, count: int) -> list[QWidget]:
    """Return a widget and those that the Tab key goes to next."""
    found = [widget]
    while len(found) < count:
        following = found[-1].nextInFocusChain()
        while following is not None and not (
            following.focusPolicy() & Qt.FocusPolicy.TabFocus and following.isVisible()
        ):
            following = following.nextInFocusChain()
        assert following is not None
        found.append(following)
    return found
