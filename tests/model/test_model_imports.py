"""The names of the model come from their modules when they are asked for."""

from __future__ import annotations

from importlib import import_module

import pytest

from napari_fair import model


@pytest.mark.parametrize("name", model.__all__)
def test_a_name_is_had_from_its_module(name: str) -> None:
    module = import_module(f"napari_fair.model.{model._MODULE_OF_NAME[name]}")
    assert getattr(model, name) is getattr(module, name)


def test_no_other_names_are_offered() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = model.no_such_name
    assert set(model.__all__) == set(model._MODULE_OF_NAME)
