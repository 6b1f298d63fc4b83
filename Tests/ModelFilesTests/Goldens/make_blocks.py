"""Makes quantised-blocks.json: random blocks of every type that weights are read from, and the floats that they stand for.

Made with gguf 0.19.0 of PyPI, whose dequantisers (gguf/quants.py) are written in numpy.
"""
import base64
import json
import pathlib

import numpy
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import dequantize

draw = numpy.random.default_rng(4)
# Where the blocks of a type have half-precision scales; everything else is any byte.
halves = {
    "F16": [0], "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q4_K": [0, 2], "Q5_K": [0, 2],
    "Q6_K": [208],
}
cases = {}
for name in ["F32", "F16", "BF16", *list(halves)[1:]]:
    type = GGMLQuantizationType[name]
    values, size = GGML_QUANT_SIZES[type]
    count = 64 // values if values == 1 else 3 if values == 32 else 2
    blocks = draw.integers(0, 256, (count, size), dtype=numpy.uint8)
    if name in ("F32", "BF16"):
        numbers = draw.normal(size=count).astype(numpy.float32).view(numpy.uint32)
        blocks = numbers.view(numpy.uint8) if name == "F32" else (numbers >> 16).astype(numpy.uint16).view(numpy.uint8)
        blocks = blocks.reshape(count, size)
    for offset in halves.get(name, []):
        scales = draw.normal(size=(count, 1)).astype(numpy.float16)
        blocks[:, offset:offset + 2] = scales.view(numpy.uint8)
    floats = dequantize(blocks.reshape(1, -1), type).astype(numpy.float32).reshape(-1)
    assert numpy.isfinite(floats).all() and len(floats) == count * values
    cases[name] = {
        "bytes": base64.b64encode(blocks.tobytes()).decode(), "floats": base64.b64encode(floats.tobytes()).decode()}
path = pathlib.Path(__file__).parent / "quantised-blocks.json"
path.write_text(json.dumps(cases, indent=0) + "\n")
