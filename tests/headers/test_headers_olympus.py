from __future__ import annotations

import pytest

from headers.vendor_files import compound
from napari_fair.headers import image_paths, read_header


def axis(number, code, size, **rest):
    held = "".join(f"{name}={value}\r\n" for name, value in rest.items())
    return f'[Axis {number} Parameters Common]\r\nAxisCode="{code}"\r\nMaxSize={size}\r\n{held}'


def settings(axes="", order="XYCZT", rest=""):
    return (
        f'[Axis Parameter Common]\r\nAxisOrder="{order}"\r\n{axes}'
        "[Reference Image Parameter]\r\nWidthConvertValue=0.177\r\nHeightConvertValue=0.2\r\n"
        'WidthUnit="um"\r\nHeightUnit="um"\r\nImageDepth=2\r\n'
        "[Acquisition Parameters Common]\r\nImageCaputreDate='2012-07-26 15:13:35'\r\n"
        "ImageCaputreDate+MilliSec=76\r\n"
        '[Channel 1 Parameters]\r\nCH Name="CH1"\r\nDyeName="None"\r\nExcitationWavelength=488\r\n'
        'EmissionWavelength=0\r\nConfocal="ON"\r\nLightType="Fluorescence"\r\n'
        '[Channel 2 Parameters]\r\nCH Name="CH2"\r\nDyeName="Alexa Fluor 546"\r\n'
        "ExcitationWavelength=543\r\nEmissionWavelength=572\r\n"
        "[Laser 1 Parameters]\r\nLaser Enable=1\r\nLaserWavelength=488\r\n"
        f"[Laser 2 Parameters]\r\nLaser Enable=0\r\nLaserWavelength=515\r\n{rest}"
    )


PLANE = axis(0, "X", 8) + axis(1, "Y", 6) + axis(2, "C", 2)
STACK = PLANE + axis(3, "Z", 5, Interval=840, UnitName='"nm"') + axis(4, "T", 0, Interval=0)
LENS = (
    '[Acquisition Parameters Common]\r\nObjectiveLens Name="UPLFLN   40X  NA:0.75"\r\n'
    "ObjectiveLens NAValue=0.75\r\n"
)


def oib(text, pad=0, lens=LENS):
    info = (
        "[OibSaveInfo]\r\nMainFileName=Stream00002\r\nStream00001=Storage00001/s_C001.pty\r\n"
        "Stream00002=a.oif\r\n"
    )
    return compound(
        {
            "OibInfo.txt": info.encode("utf-16"),
            "Stream00001": lens.encode("utf-16"),
            "Stream00002": (text + "\r\n" * pad).encode("utf-16"),
        }
    )


@pytest.fixture(params=["oib", "large oib", "oif"])
def write(tmp_path, request):
    def make(text):
        if request.param != "oif":
            path = tmp_path / "a.oib"
            path.write_bytes(oib(text, 3000 if "large" in request.param else 0))
            return path
        path = tmp_path / "a.oif"
        path.write_bytes(text.encode("utf-16"))
        folder = tmp_path / "a.oif.files"
        folder.mkdir(exist_ok=True)
        (folder / "s_C001.pty").write_bytes(LENS.encode("utf-16"))
        (folder / "s_C001.tif").write_bytes(b"II*\0")
        return path

    return make


def test_sizes_calibration_and_date_are_read(write, sizes, value):
    header = read_header(write(settings(STACK)))
    assert (sizes(header), header.damaged, header.warnings) == ([(8, 6, 5, 2, 1)], False, ())
    assert value(header, "image.physical_size_x") == 0.177
    assert value(header, "image.physical_size_y") == 0.2
    assert value(header, "image.physical_size_z") == pytest.approx(0.84)
    assert value(header, "image.dtype") == "uint16"
    assert value(header, "image.acquisition_date") == "2012-07-26T15:13:35.076"


def test_channels_lens_and_lasers_are_read(write, value):
    header = read_header(write(settings(STACK)))
    assert value(header, "channel.0.fluor") is None
    assert value(header, "channel.0.emission_wavelength") is None
    assert value(header, "channel.0.acquisition_mode") == "LaserScanningConfocalMicroscopy"
    assert value(header, "channel.1.fluor") == "Alexa Fluor 546"
    assert value(header, "channel.1.emission_wavelength") == 572
    assert value(header, "objective.lens_na") == 0.75
    assert value(header, "objective.nominal_magnification") == 40
    assert value(header, "objective.immersion") is None
    assert value(header, "light_source.0.wavelength") == 488
    assert value(header, "light_source.1.wavelength") is None


def test_a_plane_distance_without_planes_is_no_fact(write, value):
    unused = PLANE + axis(3, "Z", 0, Interval=840, UnitName='"nm"')
    assert value(read_header(write(settings(unused))), "image.physical_size_z") is None


def test_a_time_step_follows_from_the_ends_of_the_axis(write, value):
    times = PLANE + axis(4, "T", 11, StartPosition=0, EndPosition=5000, UnitName='"ms"')
    assert value(read_header(write(settings(times))), "image.time_increment") == 0.5


def test_a_plane_may_be_scanned_along_x_and_z(write, sizes, value):
    scan = axis(0, "X", 8) + axis(1, "Y", 0) + axis(3, "Z", 5, Interval=840, UnitName='"nm"')
    header = read_header(write(settings(scan, "XZ")))
    assert sizes(header) == [(8, 5, 1, 1, 1)]
    assert value(header, "image.physical_size_y") is None


def test_the_pixels_of_an_oif_are_no_images_of_their_own(tmp_path):
    (tmp_path / "a.oif").write_bytes(settings(STACK).encode("utf-16"))
    (tmp_path / "a.oif.files").mkdir()
    (tmp_path / "a.oif.files" / "s_C001.tif").write_bytes(b"II*\0")
    assert image_paths(tmp_path, recursive=True) == [tmp_path / "a.oif"]
    header = read_header(tmp_path / "a.oif")
    assert header.files == (str(tmp_path / "a.oif"), str(tmp_path / "a.oif.files" / "s_C001.tif"))


def test_a_chain_of_sectors_that_runs_in_a_circle_ends(tmp_path):
    data = bytearray(oib(settings(STACK), 3000))
    table = (int.from_bytes(data[76:80], "little") + 1) * 512
    for number in range(20):
        data[table + 4 * number : table + 4 * number + 4] = number.to_bytes(4, "little")
    (tmp_path / "a.oib").write_bytes(data)
    assert read_header(tmp_path / "a.oib").damaged


@pytest.mark.parametrize("length", [8, 511, 512, 1000])
def test_a_file_that_is_cut_off_is_damaged(tmp_path, length):
    (tmp_path / "a.oib").write_bytes(oib(settings(STACK))[:length])
    assert read_header(tmp_path / "a.oib").damaged


@pytest.mark.parametrize(
    ("name", "immersion"),
    [("PLAPON    60X O  NA:1.42", "Oil"), ("UPLSAPO   60X W  NA:1.20", "Water"), ("40X O", "Oil")],
)
def test_a_letter_in_the_lens_name_is_its_medium(tmp_path, value, name, immersion):
    path = tmp_path / "a.oib"
    path.write_bytes(oib(settings(PLANE), lens=LENS.replace("UPLFLN   40X  NA:0.75", name)))
    assert value(read_header(path), "objective.immersion") == immersion
