"""The wire format of Protocol Buffers, as far as writing two models in memory takes: those of ONNX
and of SentencePiece (https://protobuf.dev/programming-guides/encoding).

Rules:
- a message is the concatenation of its fields; whoever writes one names its fields' numbers;
- nothing is read here. onnxruntime and sentencepiece parse what is written, and refuse mistakes.

The package `onnx` would do half of it, with a wheel of 17 MB that nothing else needs. Neither
onnxruntime nor this needs classes for the messages: they are written once, and never read.
"""

import struct

_VARINT, _LENGTH, _FLOAT = 0, 2, 5
_BYTE = 0x7F
_MORE = 0x80
_WORD = (1 << 64) - 1


def varint(number: int) -> bytes:
    """An integer, seven bits a byte, the lowest first; negative ones as two's complement."""
    number &= _WORD
    encoded = bytearray()
    while number > _BYTE:
        encoded.append(number & _BYTE | _MORE)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def integer(field: int, value: int) -> bytes:
    """A field of type int32, int64, bool or enum."""
    return varint(field << 3 | _VARINT) + varint(value)


def real(field: int, value: float) -> bytes:
    """A field of type float."""
    return varint(field << 3 | _FLOAT) + struct.pack("<f", value)


def chunk(field: int, value: bytes) -> bytes:
    """A field of type bytes, or of a message that is written already."""
    return varint(field << 3 | _LENGTH) + varint(len(value)) + value


def string(field: int, value: str) -> bytes:
    """A field of type string."""
    return chunk(field, value.encode())
