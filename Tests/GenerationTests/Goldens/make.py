"""Makes the goldens of this folder with PyTorch and transformers, in float32 on a CPU.

  make.py tiny                          two random decoders with all their logits
  make.py smollm2 FOLDER REFERENCE      logits of SmolLM2-135M-Instruct, whose GGUF file lies in FOLDER; prompts are those of
                                        REFERENCE (greedy continuations of llama.cpp), which stand in the golden

Made with torch 2.13.0, transformers 5.19.0, gguf 0.19.0 and accelerate.
"""
import json
import pathlib
import sys

import torch
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

here = pathlib.Path(__file__).parent
torch.set_num_threads(1)


def logits(model, ids):
    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0].float()


def rounded(rows):
    return [[float(f"{x:.7g}") for x in row.tolist()] for row in rows]


def tiny():
    shape = dict(
        vocab_size=61, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        intermediate_size=48, max_position_embeddings=256, initializer_range=0.3,
    )
    scaled = dict(
        rope_type="llama3", rope_theta=10000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=32,
    )
    models = {
        # Heads wider than hidden size / heads, Llama 3.1's rotation, an output of its own, several files.
        "tiny-llama": (LlamaForCausalLM, LlamaConfig(
            **shape, head_dim=16, rope_parameters=scaled, tie_word_embeddings=False), torch.bfloat16, "30KB"),
        # Biases, a tied output, one file.
        "tiny-qwen2": (Qwen2ForCausalLM, Qwen2Config(**shape, tie_word_embeddings=True), torch.float16, "1GB"),
    }
    for name, (kind, configuration, type, shard) in models.items():
        torch.manual_seed(7)
        model = kind(configuration).eval()
        with torch.no_grad():
            for parameter_name, parameter in model.named_parameters():
                if parameter_name.endswith("bias") or "norm" in parameter_name:
                    parameter.add_(0.3 * torch.randn_like(parameter))
        model.to(type).save_pretrained(here / name, max_shard_size=shard)
        # Read anew: the frequencies of rotation were rounded with the weights.
        model = kind.from_pretrained(here / name, dtype=torch.float32).eval()
        ids = torch.randint(0, 61, (40,)).tolist()
        golden = {"ids": ids, "logits": rounded(logits(model, ids))}
        (here / name / "golden.json").write_text(json.dumps(golden))


def smollm2(folder, reference):
    file = next(pathlib.Path(folder).glob("*.gguf")).name
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32).eval()
    fixed = [0, 1, 2, 28, 198, 260, 7042, 12345, 30000, 49151]
    cases = []
    for case in json.loads(pathlib.Path(reference).read_text())["greedy"]:
        ids = case["prompt_ids"] + case["output_ids"]
        values = logits(model, ids)
        positions = sorted({0, 1, len(case["prompt_ids"]) - 1, len(ids) // 2, len(ids) - 1})
        rows = []
        for position in positions:
            row = values[position]
            top = row.topk(20)
            rows.append({
                "position": position, "top_ids": top.indices.tolist(), "top": rounded([top.values])[0],
                "fixed": rounded([row[fixed]])[0], "mean": float(f"{row.double().mean().item():.9g}"),
                "norm": float(f"{row.double().norm().item():.9g}"),
            })
        cases.append({"ids": ids, "prompt": len(case["prompt_ids"]), "rows": rows})
    golden = {"model": file, "fixed_ids": fixed, "cases": cases}
    (here / "smollm2-logits.json").write_text(json.dumps(golden))


tiny() if sys.argv[1] == "tiny" else smollm2(*sys.argv[2:])
