"""The community's int8 ONNX export of Kokoro v1.0 back into a checkpoint, for places no hub reaches.

The export is dynamically quantised: weights are 8-bit integers with a scale, everything between is fp32.
Multiplying the scales back gives ordinary weights that lost what 8 bits cannot hold. The result has the
reference's names, weight norm folded. Needs the `onnx` package (the extra `packages`).
"""

from __future__ import annotations

import contextlib
import os
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from wyoming_kokoro.errors import CheckpointError, StorageError

Array = npt.NDArray[Any]

# Initialisers that belong to the graph, not to the model: the inverse transform's own tables.
_GRAPH_ONLY = re.compile(r"\.stft\.|_(quantized|scale|zero_point|shape)$")
_PREDICTOR_PARTS = ("F0.", "N.", "F0_proj", "N_proj", "shared")
_SOURCE_MIX = "decoder.generator.m_source.l_linear"


def convert(onnx_file: Path, target: Path) -> None:
    """Writes the export's weights to `target`, a `.safetensors` file, whole or not at all.

    Raises `CheckpointError` for a file that is not this export, `StorageError` where it cannot be written.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    weights = read_weights(onnx_file)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        save_file(weights, partial, metadata={"origin": "Kokoro-82M v1.0, dequantised from 8 bits"})
        partial.replace(target)
    except (OSError, SafetensorError) as error:  # the latter wraps what the system said of the file
        with contextlib.suppress(OSError):
            partial.unlink()
        raise StorageError(
            f"Cannot write {target}: {error}. Free some space, or choose another folder"
        ) from error


def read_weights(onnx_file: Path) -> dict[str, Array]:
    """All weights of the export under the reference's names, fp32."""
    try:
        import onnx
    except ImportError as error:
        raise CheckpointError(
            'Reading the int8 export needs the onnx package: pip install "wyoming_kokoro[packages]"'
        ) from error
    from google.protobuf.message import DecodeError

    try:
        graph = onnx.load(onnx_file).graph
        weights = _Export(graph, onnx.numpy_helper.to_array).weights()
    except (DecodeError, LookupError, ValueError) as error:
        raise CheckpointError(f"{onnx_file} is not the int8 export of Kokoro v1.0: {error!r}") from error
    if not weights:
        raise CheckpointError(f"{onnx_file} is not the int8 export of Kokoro v1.0: it holds no weights")
    return weights


class _Export:
    """The graph with its edges indexed, for as long as it takes to read the weights off it."""

    def __init__(self, graph: Any, to_array: Any) -> None:
        self.nodes = list(graph.node)
        self.constants = {tensor.name: tensor for tensor in graph.initializer}
        self.to_array = to_array
        self.producers = {output: node for node in self.nodes for output in node.output}
        self.consumers: dict[str, list[Any]] = defaultdict(list)
        for node in self.nodes:
            for name in node.input:
                self.consumers[name].append(node)

    def weights(self) -> dict[str, Array]:
        found: dict[str, Array] = {}
        for name in self.constants:
            if name.startswith(("encoder.", "decoder.decoder.")) and not _GRAPH_ONLY.search(name):
                found[_parameter_name(name)] = self.constant(name)
        for node in self.nodes:
            module = _module_of(node.name)
            if node.op_type == "ConvInteger":
                found[f"{module}.weight"] = self.dequantised(node)
            elif node.op_type == "MatMulInteger":
                # The shared ALBERT layer appears twelve times with the same weights.
                found.setdefault(f"{module}.weight", self.dequantised(node).T)
            elif node.op_type in ("Conv", "ConvTranspose") and ".stft." not in node.input[1]:
                found[f"{module}.weight"] = self.constant(node.input[1])
            elif node.op_type == "DynamicQuantizeLSTM":
                found.update({f"{module}.{name}": array for name, array in self.lstm(node).items()})
            elif node.op_type == "DequantizeLinear":
                found.update(self.embedding(node))
            elif node.op_type == "MatMul" and node.input[1] in self.constants:
                # The only float product with a constant: the mix of the source's harmonics.
                found[f"{_SOURCE_MIX}.weight"] = self.constant(node.input[1]).T
        return {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in found.items()}

    def constant(self, name: str) -> Array:
        return np.asarray(self.to_array(self.constants[name]))

    def dequantised(self, node: Any) -> Array:
        """The weight of a ConvInteger (one scale) or MatMulInteger (one scale a column).

        Zero points and scales are shared between nodes of equal values, so their names say nothing: the
        zero point is the node's own input, the scale is found by following its output.
        """
        integers = self.constant(node.input[1]).astype(np.float32)
        zero_point = self.constant(node.input[3]).astype(np.float32) if len(node.input) > 3 else np.float32(0)
        return (integers - zero_point) * self.weight_scale(node.output[0])

    def weight_scale(self, output: str) -> Array:
        """Follows integers → (bias Add →) Cast → Mul by (input scale · weight scale)."""
        (node,) = self.consumers[output]
        if node.op_type == "Add":
            (node,) = self.consumers[node.output[0]]
        if node.op_type != "Cast":
            raise ValueError(f"{node.name} is no Cast")
        cast = node.output[0]
        (rescale,) = self.consumers[cast]
        (scales,) = (name for name in rescale.input if name != cast)
        (scale,) = (name for name in self.producers[scales].input if name in self.constants)
        return self.constant(scale)

    def lstm(self, node: Any) -> dict[str, Array]:
        """PyTorch's parameters of a bidirectional LSTM; ONNX stores W and R as (directions, in, 4 · hidden)."""
        _, w, r, bias = node.input[:4]
        w_scale, w_zero, r_scale, r_zero = node.input[8:12]
        input_weights = _dequantise_directions(*map(self.constant, (w, w_scale, w_zero)))
        hidden_weights = _dequantise_directions(*map(self.constant, (r, r_scale, r_zero)))
        parameters: dict[str, Array] = {}
        for direction, suffix in enumerate(("", "_reverse")):
            input_bias, hidden_bias = np.split(self.constant(bias)[direction], 2)
            parameters[f"weight_ih_l0{suffix}"] = _torch_gates(input_weights[direction].T)
            parameters[f"weight_hh_l0{suffix}"] = _torch_gates(hidden_weights[direction].T)
            parameters[f"bias_ih_l0{suffix}"] = _torch_gates(input_bias)
            parameters[f"bias_hh_l0{suffix}"] = _torch_gates(hidden_bias)
        return parameters

    def embedding(self, node: Any) -> dict[str, Array]:
        """An embedding table behind Gather and DequantizeLinear; other uses of the latter give nothing."""
        gather = self.producers.get(node.input[0])
        if gather is None or gather.op_type != "Gather" or gather.input[0] not in self.constants:
            return {}
        table, scale, zero_point = map(self.constant, (gather.input[0], node.input[1], node.input[2]))
        name = _parameter_name(gather.input[0].removesuffix("_quantized"))
        return {name: (table.astype(np.float32) - zero_point.astype(np.float32)) * scale}


def _dequantise_directions(integers: Array, scale: Array, zero_point: Array) -> Array:
    """integers: (directions, in, out); scale and zero point: (directions,) or (directions, out)."""

    def per_direction(values: Array) -> Array:
        return values.astype(np.float32).reshape(integers.shape[0], 1, -1)

    return (integers.astype(np.float32) - per_direction(zero_point)) * per_direction(scale)


def _torch_gates(stacked: Array) -> Array:
    """Reorders the four gates along the first dimension: ONNX has i, o, f, c, PyTorch i, f, g (= c), o."""
    i, o, f, c = np.split(stacked, 4)
    return np.concatenate([i, f, c, o])


def _parameter_name(initializer: str) -> str:
    """`decoder.decoder.encode…` → `decoder.encode…`, `encoder.bert…` → `bert…`."""
    if initializer.startswith("decoder.decoder."):
        return initializer.removeprefix("decoder.")
    return initializer.removeprefix("encoder.")


def _module_of(node_name: str) -> str:
    """The module in a node's path: `/encoder/text_encoder/cnn.0/cnn.0.0/Conv_quant` → `text_encoder.cnn.0.0`."""
    parts = node_name.split("/")[1:-1]
    if not parts:
        return ""
    parts[-1] = re.sub(r"_\d+$", "", parts[-1])  # the n-th use of a shared module
    is_decoder = parts[:2] == ["decoder", "decoder"]
    parts = parts[2:] if is_decoder else parts[1:]
    path: list[str] = []
    for part in parts:
        if path and part.startswith(f"{path[-1]}."):
            path.pop()  # a sequential's child repeats its parent's name
        path.append(part)
    module = ".".join(path)
    if is_decoder:
        return f"decoder.{module}"
    return f"predictor.{module}" if module.startswith(_PREDICTOR_PARTS) else module
