"""Asks adapters beside this file to search ten vectors, or to open a tiny model and embed three texts.

    check.py [index] [embed]    a line for each adapter; exit code 1 if one fails
"""

import json
import os
import struct
import subprocess
import sys
import tempfile

INDEXES = {
    "faiss": ({"factory": "Flat"}, {}),
    "hnswlib": ({}, {}),
    "usearch": ({}, {}),
    "svs": ({}, {}),
    "vsag": ({}, {}),
}
EMBEDDERS = ("onnxruntime", "openvino", "pytorch")
ROWS = [(float(row), float(row % 3)) for row in range(10)]
TEXTS = [[0, 2, 1], [0, 3, 4, 1], [0, 2, 1]]


def ask(name, requests):
    """The adapter's replies; raises with its reason for one that is not fine."""
    adapter = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.py")
    requests = [{"op": "hello", "protocol": 1}, *requests, {"op": "quit"}]
    ended = subprocess.run(
        [sys.executable, adapter],
        input="".join(json.dumps({"id": number, **request}) + "\n" for number, request in enumerate(requests, 1)),
        capture_output=True,
        text=True,
        timeout=300,
    )
    replies = [json.loads(line) for line in ended.stdout.splitlines()]
    for reply in replies:
        if not reply["ok"]:
            raise RuntimeError(reply["error"])
    if len(replies) < len(requests):
        log = " | ".join(ended.stderr.strip().splitlines()[-3:])
        raise RuntimeError(f"ended with {ended.returncode} after {len(replies)} answers; {log}")
    return replies


def header(magic, narrow, first, second):
    return struct.pack("<8sIIQQ", magic, 1, narrow, first, second).ljust(64, b"\0")


def check_index(name, folder):
    """The engine's name and version; raises with a reason if it does not find every vector itself."""
    vectors, results = f"{folder}/{name}-vectors", f"{folder}/{name}-results"
    with open(vectors, "wb") as file:
        file.write(header(b"RMVECTOR", 0, len(ROWS), 2))
        for row in ROWS:
            file.write(struct.pack("<2f", *row))
    build, search = INDEXES[name]
    common = {"threads": 1, "k": 1, "batch": len(ROWS), "metric": "l2", "mode": "single"}
    replies = ask(
        name,
        [
            {"op": "build", "vectors": vectors, "parameters": build, **common},
            {"op": "search", "queries": vectors, "results": results, "parameters": search, **common},
        ],
    )
    with open(results, "rb") as file:
        ids = struct.unpack_from(f"<{len(ROWS)}q", file.read(), 64)
    if list(ids) != list(range(len(ROWS))):
        raise RuntimeError(f"found {ids} as the nearest of rows 0 to {len(ROWS) - 1}")
    return f"{replies[0]['engine']} {replies[0]['version']}"


def check_embedder(name, folder):
    """The engine's name and version; raises with a reason if equal texts get unequal vectors, or none of length 1."""
    model = f"{folder}/model"
    if not os.path.exists(model):
        write_model(model)
    tokens, vectors = f"{folder}/{name}-tokens", f"{folder}/{name}-embeddings"
    ends = [0]
    for text in TEXTS:
        ends.append(ends[-1] + len(text))
    with open(tokens, "wb") as file:
        file.write(header(b"RMTOKENS", 0, len(TEXTS), ends[-1]) + struct.pack(f"<{len(ends)}Q", *ends))
        file.write(struct.pack(f"<{ends[-1]}i", *sum(TEXTS, [])))
    replies = ask(
        name,
        [
            {"op": "open", "model": model, "threads": 1, "parameters": {}},
            {"op": "embed", "tokens": tokens, "vectors": vectors, "batch": 2},
        ],
    )
    with open(vectors, "rb") as file:
        content = file.read()
    calls = struct.unpack_from("<Q", content, 24)[0]
    values = struct.unpack_from("<24f", content, 64 + 8 * calls)
    rows = [values[first : first + 8] for first in (0, 8, 16)]
    if any(abs(sum(value * value for value in row) - 1) > 1e-3 for row in rows):
        raise RuntimeError(f"embeddings are not of length 1: {rows}")
    if max(abs(one - other) for one, other in zip(rows[0], rows[2])) > 1e-3:
        raise RuntimeError(f"the same text has the embeddings {rows[0]} and {rows[2]}")
    return f"{replies[0]['engine']} {replies[0]['version']}"


def write_model(folder):
    """A sentence-transformers folder with a BERT of one layer, eight wide, and five words."""
    os.makedirs(f"{folder}/1_Pooling")
    configuration = {
        "config.json": {
            "hidden_size": 8, "num_attention_heads": 2, "num_hidden_layers": 1, "intermediate_size": 16,
            "layer_norm_eps": 1e-12, "vocab_size": 5, "max_position_embeddings": 8, "hidden_act": "gelu",
        },
        "modules.json": [{"type": "sentence_transformers.models.Normalize"}],
        "1_Pooling/config.json": {"pooling_mode_mean_tokens": True},
        "sentence_bert_config.json": {"max_seq_length": 8},
        "tokenizer.json": {
            "version": "1.0", "added_tokens": [],
            "model": {"type": "WordLevel", "vocab": {word: place for place, word in enumerate("abcde")}, "unk_token": "e"},
        },
    }
    for name, content in configuration.items():
        with open(f"{folder}/{name}", "w") as file:
            json.dump(content, file)
    layer = "encoder.layer.0"
    shapes = {
        "embeddings.word_embeddings.weight": [5, 8],
        "embeddings.position_embeddings.weight": [8, 8],
        "embeddings.token_type_embeddings.weight": [2, 8],
    }
    for name, (rows, columns) in {
        f"{layer}.attention.self.query": (8, 8), f"{layer}.attention.self.key": (8, 8),
        f"{layer}.attention.self.value": (8, 8), f"{layer}.attention.output.dense": (8, 8),
        f"{layer}.intermediate.dense": (16, 8), f"{layer}.output.dense": (8, 16),
    }.items():
        shapes |= {f"{name}.weight": [rows, columns], f"{name}.bias": [rows]}
    for name in ("embeddings", f"{layer}.attention.output", f"{layer}.output"):
        shapes |= {f"{name}.LayerNorm.weight": [8], f"{name}.LayerNorm.bias": [8]}
    listing, values = {}, []
    for name, shape in shapes.items():
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        start = 4 * len(values)
        # Any weights will do that are not all alike.
        values += [((number * 37 + sum(name.encode())) % 19 - 9) / 10 for number in range(count)]
        listing[name] = {"dtype": "F32", "shape": shape, "data_offsets": [start, 4 * len(values)]}
    described = json.dumps(listing).encode()
    with open(f"{folder}/model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(described)) + described + struct.pack(f"<{len(values)}f", *values))


def main():
    groups = sys.argv[1:] or ["index", "embed"]
    checks = [(check_index, name) for name in INDEXES if "index" in groups]
    checks += [(check_embedder, name) for name in EMBEDDERS if "embed" in groups]
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for check, name in checks:
            try:
                print(f"  {check(name, folder)}", flush=True)
            except Exception as failure:
                failed = True
                print(f"  {name}: {failure}", flush=True)
    sys.exit(failed)


main()
