"""The trace file: its names, its numbers, its metadata."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import engine
from engine.trace import load

SPEC = engine.parse_spec({"cell": "lstm", "hidden_size": 3, "task": {"kind": "text", "text": "héllo"}})


def test_a_saved_trace_reads_back_with_every_name_and_number(tmp_path: Path) -> None:
    trace = engine.run(SPEC)
    trace.save(tmp_path / "trace.safetensors")
    arrays = load_file(tmp_path / "trace.safetensors")
    for name in trace:
        np.testing.assert_array_equal(arrays[name], trace[name])
    expected = {f"factor.layer0.{p.name}.delta" for p in SPEC.equations().parameters}
    assert expected <= arrays.keys()
    np.testing.assert_array_equal(arrays["factor.layer0.W_input.z"][1:], trace["layer0.h"][:-1])
    assert "factor.layer0.b_input.z" not in arrays
    assert not any(name.startswith("contribution.") for name in arrays)


def test_shares_are_stored_in_full_on_request(tmp_path: Path) -> None:
    engine.run(SPEC).save(tmp_path / "trace.safetensors", contributions=True)
    arrays = load_file(tmp_path / "trace.safetensors")
    for parameter in SPEC.equations().parameters:
        shares = arrays[f"contribution.layer0.{parameter.name}"]
        total = arrays[f"grad.layer0.{parameter.name}"]
        np.testing.assert_allclose(shares.sum(axis=0), total, rtol=0, atol=1e-12)


def test_the_metadata_holds_the_spec_its_id_and_the_version(tmp_path: Path) -> None:
    trace = engine.run(SPEC)
    trace.save(tmp_path / "trace.safetensors")
    _, metadata = load(tmp_path / "trace.safetensors")
    assert engine.parse_spec(engine.parse_json(metadata["spec"])) == SPEC
    assert metadata["id"] == trace.id == engine.spec_id(SPEC)
    assert metadata["version"] == engine.engine_version()


def test_a_failed_save_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trace = engine.run(SPEC)

    def full(_: object, __: object = None) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        trace.save(tmp_path / "trace.safetensors")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not a safetensors file", b"\xff" * 64])
def test_a_file_that_is_no_safetensors_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.safetensors"
    path.write_bytes(content)
    with pytest.raises(engine.SpecError, match="not a safetensors file"):
        load(path)


def test_a_missing_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(engine.SpecError, match="no file"):
        load(tmp_path / "nowhere.safetensors")


def test_a_saved_trace_may_be_read_by_whom_other_files_may(tmp_path: Path) -> None:
    engine.run(SPEC).save(tmp_path / "trace.safetensors")
    (tmp_path / "other").write_bytes(b"")
    modes = {path.stat().st_mode for path in tmp_path.iterdir()}
    assert len(modes) == 1
