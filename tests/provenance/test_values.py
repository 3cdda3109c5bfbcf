from __future__ import annotations

import ast
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_fair.model import Parameter
from napari_fair.provenance import can_be_restored, parameter_of
from napari_fair.provenance.expressions import expression
from napari_fair.provenance.names import is_name
from napari_fair.provenance.values import restored


class Mode(Enum):
    FAST = 1


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary()
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and one != one:
        return isinstance(other, float) and other != other
    return type(one) is type(other) and bool(one == other)


@given(values)
def test_what_can_be_restored_comes_back_and_so_does_its_code(value: object) -> None:
    parameter = parameter_of("x", value)
    if parameter is None or not can_be_restored(parameter):
        return
    again = Parameter.model_validate_json(parameter.model_dump_json())
    assert same(restored(again, Path()), value)
    code = ast.unparse(ast.fix_missing_locations(ast.Expression(expression(again))))
    assert same(eval(code, {"float": float, "__builtins__": {}}), value)


@pytest.mark.parametrize(
    "value",
    [np.float32(0.1), np.int8(-3), np.bool_(True), np.dtype("uint16"), np.eye(3), np.arange(4) > 2],
)
def test_values_of_numpy_come_back_with_their_type(value: Any) -> None:
    parameter = parameter_of("x", value)
    assert parameter is not None
    for found in (
        restored(parameter, Path()),
        eval(ast.unparse(ast.fix_missing_locations(expression(parameter))), {"np": np}),
    ):
        assert np.array_equal(found, value)
        assert getattr(found, "dtype", found) == getattr(value, "dtype", value)


@pytest.mark.parametrize("value", [np.zeros((50, 50)), list(range(1000)), "x" * 5000])
def test_what_is_large_is_no_parameter(value: object) -> None:
    assert parameter_of("x", value) is None


@pytest.mark.parametrize("value", [print, object(), lambda x: x, {1: print}])
def test_what_cannot_be_written_down_is_described_and_says_so(value: object) -> None:
    parameter = parameter_of("x", value)
    assert parameter is not None
    assert not can_be_restored(parameter)
    assert "0x" not in str(parameter.value)


def test_enumerations_need_somebody_who_may_import_them() -> None:
    parameter = parameter_of("x", Mode.FAST)
    assert parameter is not None
    assert can_be_restored(parameter)
    assert restored(parameter, Path(), enum=lambda name: Mode) is Mode.FAST
    with pytest.raises(ValueError, match="not kept"):
        restored(parameter, Path())


def test_a_path_in_the_folder_is_relative_and_stays_there(tmp_path: Path) -> None:
    inside = parameter_of("x", tmp_path / "a" / "b.npy", folder=tmp_path)
    assert inside is not None
    assert inside.value == "a/b.npy"
    assert restored(inside, tmp_path) == tmp_path / "a" / "b.npy"
    outside = Parameter(name="x", value="../b.npy", type_name="path")
    with pytest.raises(ValueError, match="leads out"):
        restored(outside, tmp_path)


@pytest.mark.parametrize("name", ["os", "a.b", "größe", "_x"])
def test_names_are_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "a b", "a;b", "1a", "a..b", ".a", "import", "a.class", "ｏｓ", "a\n", "a\0", "x" * 300],
)
def test_other_texts_are_no_names(name: str) -> None:
    assert not is_name(name)


def test_the_number_1_is_not_the_number_1_0_nor_true() -> None:
    found = [parameter_of("x", value) for value in (1, 1.0, True)]
    assert [type(p.value) for p in found if p] == [int, float, bool]


def test_a_number_that_python_does_not_write_out_is_described_not_cut() -> None:
    stated = parameter_of("seed", 1 << 20_000)
    assert stated is not None
    assert stated.value == "an integer of 20001 bits"
    assert not can_be_restored(stated)
