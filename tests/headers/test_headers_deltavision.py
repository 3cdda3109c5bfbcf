from __future__ import annotations

import pytest

from headers.vendor_files import dv
from napari_fair.headers import read_header
from napari_fair.model import Trust


@pytest.fixture
def write(tmp_path):
    def make(name="a.dv", **options):
        path = tmp_path / name
        path.write_bytes(dv(**options))
        return path

    return make


@pytest.mark.parametrize("order", "<>")
def test_both_byte_orders_are_read(write, sizes, value, order):
    header = read_header(write(depth=3, waves=(525, 632), times=2, order=order))
    assert (header.format, sizes(header), header.damaged) == (
        "DeltaVision",
        [(8, 6, 3, 2, 2)],
        False,
    )
    assert value(header, "image.dtype") == "uint16"
    assert value(header, "image.physical_size_x") == pytest.approx(0.1)
    assert value(header, "image.physical_size_z") == pytest.approx(0.3)
    assert value(header, "channel.1.emission_wavelength") == 632


def test_a_lens_number_is_looked_up_and_kept(write, value):
    header = read_header(write(lens=10612))
    assert value(header, "objective.lens_na") == 1.42
    assert value(header, "objective.nominal_magnification") == 60
    assert value(header, "objective.immersion") == "Oil"
    model = header.images[0].facts["objective.model"]
    assert (model.original, model.trust) == ("10612", Trust.DERIVED)


@pytest.mark.parametrize(
    ("number", "lens"),
    [
        (10205, ("Olympus", 20, 0.75, "Air", 550)),
        (14604, ("Zeiss", 63, 1.2, "Water", 90)),
        (12403, ("Nikon", 40, 0.75, "Air", None)),
    ],
)
def test_lenses_of_all_makers_are_known(write, value, number, lens):
    header = read_header(write(lens=number))
    names = ("manufacturer", "nominal_magnification", "lens_na", "immersion", "working_distance")
    assert tuple(value(header, f"objective.{name}") for name in names) == lens


def test_a_deconvolved_file_is_known_by_its_ending(write, sizes):
    assert sizes(read_header(write(name="a_R3D_D3D", depth=2))) == [(8, 6, 2, 1, 1)]


def test_an_unknown_lens_number_says_nothing(write, value):
    assert value(read_header(write(lens=2001)), "objective.model") is None


@pytest.mark.parametrize(("sequence", "first_of_second_channel"), [(0, 6), (1, 1), (2, 3)])
def test_exposure_and_excitation_come_from_the_sections_of_each_channel(
    write, value, sequence, first_of_second_channel
):
    records = [[0, 0, 100, -200, 5, 0, 0, 0, 0.1, 0, 490] for _ in range(12)]
    records[first_of_second_channel] = [0, 0, 0, 0, 0, 0, 0, 0, 0.5, 0, 555]
    header = read_header(
        write(depth=3, waves=(525, 632), times=2, sequence=sequence, records=records)
    )
    assert [value(header, f"channel.{c}.exposure_time") for c in (0, 1)] == [0.1, 0.5]
    assert value(header, "channel.1.excitation_wavelength") == 555
    assert value(header, "image.stage_y") == -200


def test_even_time_stamps_give_the_time_step(write, value):
    records = [[0, 30.0 * t] for t in range(4)]
    header = read_header(write(times=4, records=records))
    assert value(header, "image.time_increment") == 30


def test_the_log_beside_it_gives_date_and_lens(write, value):
    path = write(name="a.r3d", lens=10612)
    log = "Created: Tue Mar 18 14:05:01 2008\nObjective: Olympus 40X/1.35, UApo/340, Oil\n"
    path.with_name("a.r3d.log").write_text(log)
    header = read_header(path)
    assert value(header, "image.acquisition_date") == "2008-03-18T14:05:01"
    assert value(header, "objective.nominal_magnification") == 40
    assert header.files == (str(path), str(path) + ".log")


def test_missing_pixels_are_damage(write, sizes):
    path = write(depth=3)
    path.write_bytes(path.read_bytes()[:-1])
    header = read_header(path)
    assert header.damaged
    assert sizes(header) == [(8, 6, 3, 1, 1)]


def test_a_header_cut_off_gives_nothing(write):
    path = write()
    path.write_bytes(path.read_bytes()[:500])
    header = read_header(path)
    assert (header.damaged, header.images) == (True, ())
