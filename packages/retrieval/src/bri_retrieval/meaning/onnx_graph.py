"""Writes a graph as an ONNX model (https://onnx.ai/onnx/repo-docs/IR.html), node by node.

Rules:
- `node` answers the name of what the node puts out, so that graphs read like expressions;
- operators of ONNX are those of OPSET; those of onnxruntime alone are named with MICROSOFT as their
  domain (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bri_retrieval.meaning.protobuf_wire import chunk, integer, real, string

IR, OPSET = 9, 20
MICROSOFT = "com.microsoft"

# Fields of onnx.proto.
_MODEL_IR, _MODEL_GRAPH, _MODEL_OPSET = 1, 7, 8
_OPSET_DOMAIN, _OPSET_VERSION = 1, 2
_GRAPH_NODE, _GRAPH_NAME, _GRAPH_TENSOR, _GRAPH_INPUT, _GRAPH_OUTPUT = 1, 2, 5, 11, 12
_NODE_INPUT, _NODE_OUTPUT, _NODE_NAME, _NODE_OPERATOR, _NODE_ATTRIBUTE, _NODE_DOMAIN = (
    *(1, 2, 3, 4, 5),
    7,
)
_ATTRIBUTE_NAME, _ATTRIBUTE_FLOAT, _ATTRIBUTE_INTEGER, _ATTRIBUTE_TYPE = 1, 2, 3, 20
_TENSOR_DIMENSION, _TENSOR_TYPE, _TENSOR_NAME, _TENSOR_BYTES = 1, 2, 8, 9
_VALUE_NAME, _VALUE_TYPE, _TYPE_TENSOR, _ELEMENT, _SHAPE = 1, 2, 1, 1, 2
_DIMENSION, _DIMENSION_SIZE, _DIMENSION_NAME = 1, 1, 2

_FLOAT, _INTEGER = 1, 2
"""Types of attributes."""

_ELEMENTS = {np.dtype(np.float32): 1, np.dtype(np.int8): 3, np.dtype(np.int64): 7}
"""Types of a tensor's numbers."""


class OnnxGraph:
    """A graph that is being written."""

    def __init__(self, name: str) -> None:
        self._parts = [string(_GRAPH_NAME, name)]
        self._count = 0

    def node(self, operator: str, *inputs: str, domain: str = "", **attributes: float) -> str:
        """Add a node with one output; the output's name."""
        return self.nodes(operator, *inputs, domain=domain, outputs=1, **attributes)[0]

    def nodes(
        self, operator: str, *inputs: str, outputs: int, domain: str = "", **attributes: float
    ) -> list[str]:
        """Add a node with so many `outputs`; their names."""
        self._count += 1
        name = f"{operator}_{self._count}"
        made = [f"{name}_{number}" for number in range(outputs)]
        fields = [string(_NODE_INPUT, each) for each in inputs]
        fields += [string(_NODE_OUTPUT, each) for each in made]
        fields += [string(_NODE_NAME, name), string(_NODE_OPERATOR, operator)]
        fields += [chunk(_NODE_ATTRIBUTE, _attribute(*each)) for each in attributes.items()]
        fields.append(string(_NODE_DOMAIN, domain))
        self._parts.append(chunk(_GRAPH_NODE, b"".join(fields)))
        return made

    def tensor(self, values: npt.NDArray[Any]) -> str:
        """Add a constant; its name."""
        self._count += 1
        name = f"tensor_{self._count}"
        fields = [integer(_TENSOR_DIMENSION, size) for size in values.shape]
        fields.append(integer(_TENSOR_TYPE, _ELEMENTS[values.dtype]))
        fields.append(string(_TENSOR_NAME, name))
        fields.append(chunk(_TENSOR_BYTES, values.tobytes()))
        self._parts.append(chunk(_GRAPH_TENSOR, b"".join(fields)))
        return name

    def input(self, name: str, shape: Sequence[int | str]) -> str:
        """Say what the graph is given: a tensor of float32 whose dimensions have a size or a
        name."""
        self._parts.append(chunk(_GRAPH_INPUT, _value(name, shape)))
        return name

    def output(self, name: str, shape: Sequence[int | str]) -> None:
        """Say which node's output is the graph's."""
        self._parts.append(chunk(_GRAPH_OUTPUT, _value(name, shape)))

    def model(self) -> bytes:
        """The whole as a ModelProto."""
        return b"".join(
            (
                integer(_MODEL_IR, IR),
                chunk(_MODEL_OPSET, integer(_OPSET_VERSION, OPSET)),
                chunk(_MODEL_OPSET, string(_OPSET_DOMAIN, MICROSOFT) + integer(_OPSET_VERSION, 1)),
                chunk(_MODEL_GRAPH, b"".join(self._parts)),
            )
        )


def _attribute(name: str, value: float) -> bytes:
    if isinstance(value, int):
        kind, field = _INTEGER, integer(_ATTRIBUTE_INTEGER, value)
    else:
        kind, field = _FLOAT, real(_ATTRIBUTE_FLOAT, value)
    return string(_ATTRIBUTE_NAME, name) + field + integer(_ATTRIBUTE_TYPE, kind)


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    dimensions = b"".join(chunk(_DIMENSION, _dimension(each)) for each in shape)
    tensor = integer(_ELEMENT, _ELEMENTS[np.dtype(np.float32)]) + chunk(_SHAPE, dimensions)
    return string(_VALUE_NAME, name) + chunk(_VALUE_TYPE, chunk(_TYPE_TENSOR, tensor))


def _dimension(size: int | str) -> bytes:
    if isinstance(size, int):
        return integer(_DIMENSION_SIZE, size)
    return string(_DIMENSION_NAME, size)
