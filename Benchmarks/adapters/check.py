"""Asks adapters beside this file to search ten vectors, or to open a tiny model and embed three texts or answer three prompts.

    check.py [index] [embed] [generate] [vllm]    a line for each adapter; exit code 1 if one fails
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
# Without compiling a graph vLLM starts in a quarter of the time.
GENERATORS = {"llamacpp": {"n_parallel": "2"}, "huggingface": {}, "vllm": {"enforce_eager": "true"}}
GROUPS = {
    "index": tuple(INDEXES), "embed": EMBEDDERS, "generate": ("llamacpp", "huggingface"), "vllm": ("vllm",),
}
ROWS = [(float(row), float(row % 3)) for row in range(10)]
TEXTS = [[0, 2, 1], [0, 3, 4, 1], [0, 2, 1]]
# Prompts, and how long their two outputs are.
PROMPTS = [([3, 14, 15, 9], (4, 2)), ([26, 5], (3, 3)), ([3, 14, 15, 9], (2, 4))]


def ask(name, requests):
    """The adapter's replies; raises with its reason for one that is not fine."""
    adapter = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.py")
    requests = [{"op": "hello", "protocol": 1}, *requests, {"op": "quit"}]
    ended = subprocess.run(
        [sys.executable, adapter],
        input="".join(json.dumps({"id": number, **request}) + "\n" for number, request in enumerate(requests, 1)),
        capture_output=True,
        text=True,
        timeout=600,
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


def check_generator(name, folder):
    """The engine's name and version; raises with a reason if a prompt does not always get the same most probable tokens."""
    model = f"{folder}/language-model"
    if not os.path.exists(model):
        write_language_model(model)
    requests, answers = f"{folder}/{name}-requests", f"{folder}/{name}-answers"
    prompt_ends, output_ends = [0], [0]
    for prompt, lengths in PROMPTS:
        prompt_ends.append(prompt_ends[-1] + len(prompt))
        output_ends.append(output_ends[-1] + len(lengths))
    values = [token for prompt, _ in PROMPTS for token in prompt] + [length for _, lengths in PROMPTS for length in lengths]
    with open(requests, "wb") as file:
        file.write(header(b"RMPROMPT", output_ends[-1], len(PROMPTS), prompt_ends[-1]))
        file.write(struct.pack(f"<{2 * len(prompt_ends)}Q", *prompt_ends, *output_ends))
        file.write(struct.pack(f"<{len(values)}i", *values))
    replies = ask(
        name,
        [
            {"op": "open", "model": model, "threads": 1, "parameters": GENERATORS[name]},
            {"op": "generate", "requests": requests, "answers": answers, "temperature": 0, "seed": 0},
        ],
    )
    with open(answers, "rb") as file:
        content = file.read()
    place, outputs = 64, []
    for length in (length for _, lengths in PROMPTS for length in lengths):
        outputs.append(list(struct.unpack_from(f"<{length}i", content, place)))
        place += 4 * length
    if len(content) != place:
        raise RuntimeError(f"the answers have {len(content)} bytes, not {place}")
    same = [outputs[number] for number in (0, 1, 4, 5)]
    if any(output != same[0][: len(output)] for output in same) or outputs[2] != outputs[3]:
        raise RuntimeError(f"greedy outputs of the same prompt differ: {outputs}")
    return f"{replies[0]['engine']} {replies[0]['version']}"


def write_language_model(folder):
    """A folder with a GGUF file: a Llama of one layer, two heads of 32, and 32 tokens, in float32."""
    os.makedirs(folder)
    width, inner, tokens, keys = 64, 96, 32, 32
    settings = {
        "general.architecture": "llama", "llama.context_length": 4096, "llama.embedding_length": width,
        "llama.block_count": 1, "llama.feed_forward_length": inner, "llama.attention.head_count": 2,
        "llama.attention.head_count_kv": 1, "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.freq_base": 1e4, "llama.vocab_size": tokens, "tokenizer.ggml.model": "no_vocab",
    }
    shapes = {
        "token_embd.weight": (width, tokens), "output_norm.weight": (width,), "output.weight": (width, tokens),
        "blk.0.attn_norm.weight": (width,), "blk.0.attn_q.weight": (width, width), "blk.0.attn_k.weight": (width, keys),
        "blk.0.attn_v.weight": (width, keys), "blk.0.attn_output.weight": (width, width),
        "blk.0.ffn_norm.weight": (width,), "blk.0.ffn_gate.weight": (width, inner),
        "blk.0.ffn_up.weight": (width, inner), "blk.0.ffn_down.weight": (inner, width),
    }
    content = b"GGUF" + struct.pack("<IQQ", 3, len(shapes), len(settings))
    for name, value in settings.items():
        content += packed(name)
        if isinstance(value, str):
            content += struct.pack("<I", 8) + packed(value)
        else:
            content += struct.pack("<II" if isinstance(value, int) else "<If", 4 if isinstance(value, int) else 6, value)
    values = []
    for name, shape in shapes.items():
        content += packed(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, 4 * len(values))
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        # Any weights will do whose logits are not nearly alike.
        values += [((number * number + sum(name.encode())) * 37 % 101 - 50) / 100 for number in range(count)]
    with open(f"{folder}/model.gguf", "wb") as file:
        file.write(content.ljust((len(content) + 31) // 32 * 32, b"\0") + struct.pack(f"<{len(values)}f", *values))


def packed(text):
    """A string as GGUF files have it."""
    return struct.pack("<Q", len(text)) + text.encode()


def main():
    checks = {check_index: INDEXES, check_embedder: EMBEDDERS, check_generator: GENERATORS}
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for name in (name for group in sys.argv[1:] or GROUPS for name in GROUPS[group]):
            check = next(check for check, names in checks.items() if name in names)
            try:
                print(f"  {check(name, folder)}", flush=True)
            except Exception as failure:
                failed = True
                print(f"  {name}: {failure}", flush=True)
    sys.exit(failed)


main()
