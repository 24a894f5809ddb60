"""Frames are safetensors: what is written here is read by the safetensors package, and the other way round."""

from __future__ import annotations

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from server import wire
from server.protocol import Dtype

METADATA = {"type": "step", "run": 'r "1" \\ ü', "seq": "0"}
ARRAYS: dict[str, wire.Array] = {
    "odd": np.arange(3, dtype=np.float32),
    "layer0.h": np.linspace(-1, 1, 8).reshape(2, 4),
    "y": np.array([[1, 2, 3]]),
    "empty": np.zeros((0, 4)),
    "extremes": np.array([np.inf, -np.inf, np.nan, 5e-324, -0.0]),
    "log10_norms": np.array([-200.123456789012345, -np.inf]),
}
LAYOUTS = st.dictionaries(
    st.text(min_size=1, max_size=8).filter(lambda name: name != "__metadata__"),
    arrays_of.arrays(
        st.sampled_from([np.float64, np.float32, np.int64]),
        arrays_of.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5),
    ),
    max_size=6,
)


@given(LAYOUTS, st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3))
def test_any_arrays_are_read_back_by_the_safetensors_package(
    arrays: dict[str, wire.Array], metadata: dict[str, str]
) -> None:
    found = safetensors.numpy.load(wire.encode(arrays, metadata))
    assert set(found) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype


def test_frames_of_the_safetensors_package_are_decoded() -> None:
    frame = safetensors.numpy.save(ARRAYS, METADATA)
    metadata, found = wire.decode(frame)
    assert metadata == METADATA
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)


def test_what_was_encoded_is_decoded_bit_for_bit() -> None:
    metadata, found = wire.decode(wire.encode(ARRAYS, METADATA))
    assert metadata == METADATA
    assert {name: array.tobytes() for name, array in found.items()} == {
        name: array.tobytes() for name, array in ARRAYS.items()
    }


def test_decoding_copies_no_array() -> None:
    frame = wire.encode(ARRAYS, METADATA)
    whole = np.frombuffer(frame, np.uint8)
    for array in wire.decode(frame).arrays.values():
        assert array.size == 0 or np.shares_memory(array, whole)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_array_starts_at_a_multiple_of_its_items_size(dtype: Dtype) -> None:
    frame = wire.encode(ARRAYS, METADATA, dtype)
    start = np.frombuffer(frame, np.uint8).ctypes.data
    for array in wire.decode(frame).arrays.values():
        assert (array.ctypes.data - start) % array.itemsize == 0


def test_as_float32_only_reals_are_cast_and_exact_arrays_are_not() -> None:
    found = wire.decode(wire.encode(ARRAYS | {"large": np.array([1e300])}, {}, "float32")).arrays
    np.testing.assert_array_equal(found["layer0.h"], ARRAYS["layer0.h"].astype(np.float32))
    assert found["layer0.h"].dtype == np.float32
    assert found["large"][0] == np.inf
    assert found["y"].dtype == np.int64
    np.testing.assert_array_equal(found["log10_norms"], ARRAYS["log10_norms"])


def test_an_array_that_is_not_contiguous_is_written_in_order() -> None:
    array = np.arange(12.0).reshape(3, 4)
    found = wire.decode(wire.encode({"rows": array.T, "every": array[::2, ::3]}, {})).arrays
    np.testing.assert_array_equal(found["rows"], array.T)
    np.testing.assert_array_equal(found["every"], array[::2, ::3])


def test_two_frames_of_one_layout_differ_only_where_they_should() -> None:
    first = wire.encode({"a": np.zeros(2)}, {"seq": "0"})
    second = wire.encode({"a": np.ones(2)}, {"seq": "1"})
    assert wire.decode(first).arrays["a"].tolist() == [0, 0]
    assert wire.decode(second).arrays["a"].tolist() == [1, 1]
    assert wire.decode(second).metadata == {"seq": "1"}


def test_a_type_the_wire_does_not_know_is_refused() -> None:
    with pytest.raises(KeyError):
        wire.encode({"a": np.zeros(2, np.int32)}, {})
