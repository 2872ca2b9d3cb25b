"""The int8 export back to a checkpoint: by a small graph of every kind of node, and by the real result."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

from wyoming_kokoro.errors import CheckpointError, StorageError
from wyoming_kokoro.store.model_files import ModelFiles
from wyoming_kokoro.store.onnx_import import convert, read_weights


def export(path: Path) -> dict[str, np.ndarray]:
    """Writes a graph with one node of each kind, quantised as the export is; returns what should come back."""
    random = np.random.default_rng(5)

    def int8(*shape: int) -> np.ndarray:
        return random.integers(-127, 128, shape, dtype=np.int8)

    conv, linear = random.integers(0, 256, (4, 3, 5), dtype=np.uint8), int8(6, 4)
    w, r, bias = int8(2, 3, 8), int8(2, 2, 8), random.standard_normal((2, 16)).astype(np.float32)
    table = random.integers(0, 256, (5, 3), dtype=np.uint8)
    up, mix = (
        random.standard_normal((3, 2, 4)).astype(np.float32),
        random.standard_normal((9, 1)).astype(np.float32),
    )
    constants = {
        "conv_q": conv,
        "conv_zero": np.uint8(120),
        "conv_scale": np.float32(0.02),
        "fc_q": linear,
        "fc_zero": np.zeros(4, np.int8),
        "fc_scale": np.array([0.1, 0.2, 0.3, 0.4], np.float32),
        "w_q": w,
        "r_q": r,
        "lstm_bias": bias,
        "w_scale": np.array([0.5, 0.25], np.float32),
        "r_scale": np.array([0.125, 2.0], np.float32),
        "lstm_zero": np.zeros(2, np.int8),
        "encoder.text_encoder.embedding.weight_quantized": table,
        "table_scale": np.float32(0.5),
        "table_zero": np.uint8(128),
        "up_weight": up,
        "mix": mix,
        "encoder.text_encoder.cnn.0.0.bias": np.array([1, 2, 3, 4], np.float32),
        "decoder.decoder.generator.stft.istft.inverse_basis": np.ones(3, np.float32),
        "bias_int": np.zeros(4, np.int32),
    }
    scope = "/encoder/text_encoder/cnn.0/cnn.0.0"
    fc = "/encoder/F0.1/norm1/fc"
    nodes = [
        helper.make_node("Mul", ["x_scale", "conv_scale"], ["conv_scales"], f"{scope}/Conv_quant_scales_mul"),
        helper.make_node(
            "ConvInteger", ["x", "conv_q", "x_zero", "conv_zero"], ["conv_int"], f"{scope}/Conv_quant"
        ),
        helper.make_node("Add", ["conv_int", "bias_int"], ["conv_biased"], "bias_add"),
        helper.make_node("Cast", ["conv_biased"], ["conv_cast"], "cast_1", to=TensorProto.FLOAT),
        helper.make_node("Mul", ["conv_cast", "conv_scales"], ["conv_out"], "rescale_1"),
        helper.make_node("Mul", ["fc_scale", "x_scale"], ["fc_scales"], f"{fc}/scales"),
        helper.make_node(
            "MatMulInteger", ["x", "fc_q", "x_zero", "fc_zero"], ["fc_int"], f"{fc}/Gemm_MatMul_quant"
        ),
        helper.make_node("Cast", ["fc_int"], ["fc_cast"], "cast_2", to=TensorProto.FLOAT),
        helper.make_node("Mul", ["fc_scales", "fc_cast"], ["fc_out"], "rescale_2"),
        helper.make_node(
            "DynamicQuantizeLSTM",
            ["x", "w_q", "r_q", "lstm_bias", "", "", "", "", "w_scale", "lstm_zero", "r_scale", "lstm_zero"],
            ["lstm_out"],
            "/encoder/shared/LSTM_quant",
            domain="com.microsoft",
        ),
        helper.make_node(
            "Gather", ["encoder.text_encoder.embedding.weight_quantized", "tokens"], ["rows"], "/e/Gather"
        ),
        helper.make_node(
            "DequantizeLinear", ["rows", "table_scale", "table_zero"], ["embedded"], "/e/Dequantize"
        ),
        helper.make_node(
            "ConvTranspose", ["x", "up_weight"], ["up"], "/decoder/decoder/generator/ups.1/ConvTranspose"
        ),
        helper.make_node(
            "MatMul", ["x", "mix"], ["mixed"], "/decoder/decoder/generator/m_source/l_linear/MatMul"
        ),
    ]
    initializers = [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()]
    onnx.save(helper.make_model(helper.make_graph(nodes, "export", [], [], initializers)), path)
    ih, hh = w * np.array([0.5, 0.25])[:, None, None], r * np.array([0.125, 2.0])[:, None, None]

    def gates(stacked: np.ndarray) -> np.ndarray:
        """ONNX i, o, f, c to PyTorch i, f, c, o, two hidden units each."""
        return stacked[[0, 1, 4, 5, 6, 7, 2, 3]]

    return {
        "text_encoder.cnn.0.0.weight": (conv.astype(np.float32) - 120) * np.float32(0.02),
        "text_encoder.cnn.0.0.bias": np.array([1, 2, 3, 4], np.float32),
        "predictor.F0.1.norm1.fc.weight": (linear * constants["fc_scale"]).T,
        "text_encoder.embedding.weight": (table.astype(np.float32) - 128) * 0.5,
        "decoder.generator.ups.1.weight": up,
        "decoder.generator.m_source.l_linear.weight": mix.T,
        "predictor.shared.weight_ih_l0": gates(ih[0].T),
        "predictor.shared.weight_ih_l0_reverse": gates(ih[1].T),
        "predictor.shared.weight_hh_l0": gates(hh[0].T),
        "predictor.shared.weight_hh_l0_reverse": gates(hh[1].T),
        "predictor.shared.bias_ih_l0": gates(bias[0, :8]),
        "predictor.shared.bias_ih_l0_reverse": gates(bias[1, :8]),
        "predictor.shared.bias_hh_l0": gates(bias[0, 8:]),
        "predictor.shared.bias_hh_l0_reverse": gates(bias[1, 8:]),
    }


def test_every_kind_of_node_gives_its_weights_back(tmp_path: Path) -> None:
    expected = export(tmp_path / "export.onnx")
    convert(tmp_path / "export.onnx", tmp_path / "model.safetensors")
    found = load_file(tmp_path / "model.safetensors")
    assert set(found) == set(expected)
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-6, err_msg=name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export.onnx", "model.safetensors"]


def test_lstm_gates_are_in_pytorchs_order(tmp_path: Path) -> None:
    """The converted LSTM is PyTorch's: its own cell equation holds with the gates where they were put."""
    weights = {name: torch.tensor(array) for name, array in export(tmp_path / "export.onnx").items()}
    lstm = torch.nn.LSTM(3, 2, batch_first=True, bidirectional=True)
    state = {
        name.removeprefix("predictor.shared."): t.float() for name, t in weights.items() if "shared" in name
    }
    lstm.load_state_dict(state)
    x = torch.randn(1, 1, 3)
    out, _ = lstm(x)
    gates = state["weight_ih_l0"] @ x[0, 0] + state["bias_ih_l0"] + state["bias_hh_l0"]
    i, _, c, o = gates.split(2)
    torch.testing.assert_close(out[0, 0, :2], torch.sigmoid(o) * torch.tanh(torch.sigmoid(i) * torch.tanh(c)))


@pytest.mark.parametrize("content", [b"", b"not protobuf at all", b"\x08\x07"])
def test_what_is_not_the_export_is_an_error(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"model\.onnx"):
        read_weights(path)


def test_a_target_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    export(tmp_path / "export.onnx")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="Cannot write"):
        convert(tmp_path / "export.onnx", tmp_path / "file" / "model.safetensors")


@pytest.mark.weights
def test_the_real_export_gives_the_whole_model(model_files: ModelFiles) -> None:
    if not model_files.is_eight_bit:
        pytest.skip("the published weights are here")
    weights = load_file(model_files.checkpoint)
    assert len(weights) == 457
    assert sum(array.size for array in weights.values()) == 81_140_664
