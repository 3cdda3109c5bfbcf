"""Tests do not see or change the folders of the person who runs them."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize("kind", ["config", "data", "state", "cache"])
def test_a_test_has_user_folders_of_its_own(kind: str, user_folders: Path) -> None:
    folder = getattr(platformdirs, f"user_{kind}_path")("napari-fair")

    assert folder.is_relative_to(user_folders)


def test_the_settings_of_napari_are_not_those_of_the_person() -> None:
    napari_settings = pytest.importorskip("napari.settings")

    path = Path(napari_settings.get_settings().config_path)
    assert path == Path(os.environ["NAPARI_CONFIG"])


@given(st.integers())
@settings(max_examples=5)
def test_property_tests_have_user_folders_of_their_own_too(_: int) -> None:
    assert "user" in Path(os.environ["XDG_STATE_HOME"]).parent.name
