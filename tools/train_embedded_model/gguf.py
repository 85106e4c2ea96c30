# SPDX-License-Identifier: Apache-2.0
"""GGUF version 3 files: the few value and tensor types that this model needs."""

import os
import struct

import numpy as np

ALIGNMENT = 32  # bytes, of the data section and of each tensor in it
UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
_SCALARS = {UINT32: "<I", INT32: "<i", FLOAT32: "<f", BOOL: "<?"}
_TENSOR_TYPES = {0: np.dtype("<f4"), 1: np.dtype("<f2")}
_TYPE_IDS = {dtype: type_id for type_id, dtype in _TENSOR_TYPES.items()}


def _string(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value_type, value):
    return _string(value) if value_type == STRING else struct.pack(_SCALARS[value_type], value)


def _padding(size):
    return b"\0" * (-size % ALIGNMENT)


def write(path, metadata, tensors):
    """Write atomically.

    metadata: {key: (type, value)}, a list standing for an array of that type.
    tensors: {name: float16 or float32 array}, row-major; GGUF lists dimensions innermost first.
    """
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(metadata))
    for key, (value_type, value) in metadata.items():
        head += _string(key)
        if isinstance(value, list):
            head += struct.pack("<IIQ", ARRAY, value_type, len(value))
            head += b"".join(_value(value_type, item) for item in value)
        else:
            head += struct.pack("<I", value_type) + _value(value_type, value)
    body = b""
    for name, tensor in tensors.items():
        head += _string(name) + struct.pack("<I", tensor.ndim)
        head += struct.pack(f"<{tensor.ndim}Q", *reversed(tensor.shape))
        head += struct.pack("<IQ", _TYPE_IDS[tensor.dtype], len(body))
        data = np.ascontiguousarray(tensor).tobytes()
        body += data + _padding(len(data))
    write_atomically(path, head + _padding(len(head)) + body)


def write_atomically(path, data):
    """A reader sees the old file or the new one, never a part."""
    temporary = f"{path}.tmp"
    with open(temporary, "wb") as file:
        file.write(data)
    os.replace(temporary, path)


def read(path):
    """The (metadata, tensors) that `write` got, values without their types."""
    with open(path, "rb") as file:
        data = file.read()
    offset = 0

    def take(layout):
        nonlocal offset
        values = struct.unpack_from(layout, data, offset)
        offset += struct.calcsize(layout)
        return values if len(values) > 1 else values[0]

    def take_value(value_type):
        nonlocal offset
        if value_type == STRING:
            size = take("<Q")
            offset += size
            return data[offset - size : offset].decode()
        if value_type == ARRAY:
            item_type, count = take("<IQ")
            return [take_value(item_type) for _ in range(count)]
        return take(_SCALARS[value_type])

    magic, version, tensor_count, key_count = take("<4sIQQ")
    if (magic, version) != (b"GGUF", 3):
        raise ValueError(f"{path}: not a GGUF version 3 file")
    metadata = {}
    for _ in range(key_count):
        key = take_value(STRING)
        metadata[key] = take_value(take("<I"))
    entries = []
    for _ in range(tensor_count):
        name = take_value(STRING)
        dimensions = [take("<Q") for _ in range(take("<I"))]
        entries.append((name, dimensions[::-1], *take("<IQ")))
    start = offset + len(_padding(offset))
    tensors = {}
    for name, shape, type_id, at in entries:
        count = int(np.prod(shape))
        tensor = np.frombuffer(data, _TENSOR_TYPES[type_id], count, start + at)
        tensors[name] = tensor.reshape(shape)
    return metadata, tensors
