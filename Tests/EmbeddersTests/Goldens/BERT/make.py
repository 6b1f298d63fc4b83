"""Two small BERT models with seeded random weights, and embeddings of some texts by Hugging Face transformers.

    python3 make.py        writes mean/, cls/ and goldens.json beside itself

Made with transformers 5.23 and torch 2.13; the models run in float64, so that goldens are right to the last bit of float32.
`mean` has heads of 16 columns and widths that are no multiple of 32; `cls` has heads of 64, weights in BF16, names with the
prefix "bert.", and prompts.
"""

import json
import os
import random

import torch
from safetensors.torch import save_file
from tokenizers import BertWordPieceTokenizer
from transformers import BertConfig, BertModel

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = ["a", "in", "vector", "search", "store", "data", "model", "where", "how", "is", "query", "passage", ":", ".",
         "?", ",", "##s", "##ed", "##ing", "##er", "index", "text", "token", "embed", "graph", "near", "list", "cell",
         "1", "2", "é", "x"]
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + WORDS
MODELS = {
    "mean": dict(hidden_size=40, num_attention_heads=5, num_hidden_layers=3, intermediate_size=72, positions=262,
                 limit=256, prefix="", type=torch.float32, prompts={}),
    "cls": dict(hidden_size=128, num_attention_heads=2, num_hidden_layers=1, intermediate_size=64, positions=20,
                limit=20, prefix="bert.", type=torch.bfloat16,
                prompts={"query": "query: ", "passage": "passage: "}),
}


def write(folder, name, value):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(value if isinstance(value, str) else json.dumps(value, indent=1) + "\n")


def make(name, spec, seed):
    torch.manual_seed(seed)
    shape = {key: spec[key] for key in ("hidden_size", "num_attention_heads", "num_hidden_layers", "intermediate_size")}
    config = BertConfig(vocab_size=len(VOCABULARY), max_position_embeddings=spec["positions"], layer_norm_eps=1e-12,
                        hidden_act="gelu", **shape)
    model = BertModel(config, add_pooling_layer=False).eval()
    with torch.no_grad():
        for key, weight in model.named_parameters():
            spread = 0.25 if weight.dim() == 2 else 0.3
            weight.copy_(torch.randn_like(weight) * spread + (1 if key.endswith("LayerNorm.weight") else 0))
            weight.copy_(weight.to(spec["type"]))
    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    tensors = {spec["prefix"] + key: value.to(spec["type"]).contiguous() for key, value in model.named_parameters()}
    save_file(tensors, os.path.join(folder, "model.safetensors"), metadata={"format": "pt"})
    write(folder, "config.json", dict(
        model_type="bert", vocab_size=len(VOCABULARY), max_position_embeddings=spec["positions"], type_vocab_size=2,
        layer_norm_eps=1e-12, hidden_act="gelu", **shape))
    write(folder, "vocab.txt", "\n".join(VOCABULARY) + "\n")
    write(folder, "tokenizer_config.json", dict(tokenizer_class="BertTokenizer", do_lower_case=True))
    kind = "sentence_transformers.models."
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    write(folder, "modules.json", [dict(idx=i, name=str(i), path=path, type=kind + type)
                                   for i, (path, type) in enumerate(modules)])
    write(folder, "1_Pooling/config.json", dict(
        word_embedding_dimension=spec["hidden_size"], pooling_mode_cls_token=name == "cls",
        pooling_mode_mean_tokens=name == "mean"))
    write(folder, "sentence_bert_config.json", dict(max_seq_length=spec["limit"], do_lower_case=False))
    write(folder, "config_sentence_transformers.json", dict(prompts=spec["prompts"]))
    return model.double()


def texts(limit):
    rng = random.Random(5)
    words = [word for word in WORDS if not word.startswith("##")] + ["stores", "embedding", "indexed", "unknown", "caf\u00e9"]
    yield ""
    yield "a"
    yield "Where is data stored in a vector index?"
    for length in (2, 5, 14, 17, 30, 31, 32, 33, 63, 100, limit + 50):
        yield " ".join(rng.choice(words) for _ in range(length))
    for length in (limit - 3, limit - 2, limit - 1):
        yield " ".join(rng.choice(words[:-5]) for _ in range(length))


def golden(model, tokenizer, spec, name, text, role):
    prompt = spec["prompts"].get({"query": "query", "document": "passage"}[role], "")
    ids = tokenizer.encode(prompt + text).ids
    kept = ids if len(ids) <= spec["limit"] else ids[:spec["limit"] - 1] + ids[-1:]
    with torch.no_grad():
        hidden = model(input_ids=torch.tensor([kept])).last_hidden_state[0]
    pooled = hidden[0] if name == "cls" else hidden.mean(dim=0)
    pooled = pooled / pooled.norm()
    return dict(model=name, role=role, text=text, tokens=len(kept), truncated=len(ids) - len(kept),
                embedding=[float(f"{x:.8g}") for x in pooled.tolist()])


def main():
    goldens = []
    for seed, (name, spec) in enumerate(MODELS.items()):
        model = make(name, spec, seed)
        tokenizer = BertWordPieceTokenizer(os.path.join(HERE, name, "vocab.txt"), lowercase=True)
        for text in texts(spec["limit"]):
            for role in ("document", "query") if spec["prompts"] else ("document",):
                goldens.append(golden(model, tokenizer, spec, name, text, role))
    with open(os.path.join(HERE, "goldens.json"), "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(g) for g in goldens) + "\n]\n")


main()
