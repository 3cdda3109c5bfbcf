"""What every test gets: user folders of its own, one hypothesis profile, real files if any."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

USER_FOLDERS = ("CONFIG", "DATA", "STATE", "CACHE")
WINDOWS_FOLDERS = ("APPDATA", "LOCAL_APPDATA")

SESSION_FOLDER = Path(tempfile.mkdtemp(prefix="napari-fair-tests-"))
# napari reads this once, when its settings are first imported: a fixture would be too late.
os.environ["NAPARI_CONFIG"] = str(SESSION_FOLDER / "napari" / "settings.yaml")

# The same examples every run: a failure is seen by everybody, and the run's time is known.
settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(SESSION_FOLDER, ignore_errors=True)


@pytest.fixture(autouse=True)
def user_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test config, data, state and cache folders of its own; return their parent."""
    home = tmp_path_factory.mktemp("user")
    for name in USER_FOLDERS:
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    for name in WINDOWS_FOLDERS:
        monkeypatch.setenv(f"WIN_PD_OVERRIDE_{name}", str(home / name.lower()))
    return home


@pytest.fixture(scope="session")
def testdata() -> Path:
    """Return the folder of real files, or skip: they are too large to ship with the project."""
    folder = os.environ.get("NAPARI_FAIR_TESTDATA", "")
    if not folder:
        pytest.skip("NAPARI_FAIR_TESTDATA names no folder of real files")
    path = Path(folder)
    if not path.is_dir():
        pytest.fail(f"NAPARI_FAIR_TESTDATA is {folder!r}, which is not a folder")
    return path
