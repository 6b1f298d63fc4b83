"""A sentence-transformers folder with a BERT encoder as a PyTorch module, and as the files that other engines load.

    python -P bert.py onnx MODEL OUT       float32, fused by ONNX Runtime's own optimizer for transformers
    python -P bert.py onnx-int8 MODEL OUT  the same with weights in int8 and activations quantised as they come
    python -P bert.py openvino MODEL OUT   OpenVINO's intermediate representation in float32

(-P, for the adapters beside this file have their engines' names.) Input: ids and mask, `texts × tokens`, int64; output:
embeddings, pooled and normalised as the folder says.
"""

import json
import os
import sys

import torch
from torch.nn import functional


class Projection(torch.nn.Linear):
    def __init__(self, weights, name):
        super().__init__(*reversed(weights[f"{name}.weight"].shape))
        self.load_state_dict({"weight": weights[f"{name}.weight"], "bias": weights[f"{name}.bias"]})


class Norm(torch.nn.LayerNorm):
    def __init__(self, weights, name, epsilon):
        super().__init__(len(weights[f"{name}.weight"]), eps=epsilon)
        self.load_state_dict({"weight": weights[f"{name}.weight"], "bias": weights[f"{name}.bias"]})


class Layer(torch.nn.Module):
    """One encoder layer.

    Query, key and value are three products: that is the form in which ONNX Runtime and OpenVINO know an attention when
    they see one, and merge the three themselves.
    """

    def __init__(self, weights, name, heads, epsilon):
        super().__init__()
        self.heads = heads
        self.query = Projection(weights, f"{name}.attention.self.query")
        self.key = Projection(weights, f"{name}.attention.self.key")
        self.value = Projection(weights, f"{name}.attention.self.value")
        self.output = Projection(weights, f"{name}.attention.output.dense")
        self.attention_norm = Norm(weights, f"{name}.attention.output.LayerNorm", epsilon)
        self.up = Projection(weights, f"{name}.intermediate.dense")
        self.down = Projection(weights, f"{name}.output.dense")
        self.norm = Norm(weights, f"{name}.output.LayerNorm", epsilon)

    def forward(self, rows, bias):
        texts, tokens, width = rows.shape
        query, key, value = (
            projection(rows).view(texts, tokens, self.heads, width // self.heads).transpose(1, 2)
            for projection in (self.query, self.key, self.value)
        )
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        mixed = mixed.transpose(1, 2).reshape(texts, tokens, width)
        rows = self.attention_norm(self.output(mixed) + rows)
        return self.norm(self.down(functional.gelu(self.up(rows))) + rows)


class Encoder(torch.nn.Module):
    """The whole model of `folder`, as sentence-transformers puts it together."""

    def __init__(self, folder):
        super().__init__()
        from safetensors.torch import load_file

        with open(os.path.join(folder, "config.json")) as file:
            config = json.load(file)
        if config.get("hidden_act", "gelu") != "gelu" or config.get("position_embedding_type", "absolute") != "absolute":
            raise ValueError(f"{folder} is no BERT with GELU and absolute positions")
        weights = {
            name.removeprefix("bert."): tensor.float()
            for name, tensor in load_file(os.path.join(folder, "model.safetensors")).items()
        }
        epsilon, heads = config["layer_norm_eps"], config["num_attention_heads"]
        self.words = torch.nn.Embedding.from_pretrained(weights["embeddings.word_embeddings.weight"])
        self.positions = torch.nn.Embedding.from_pretrained(weights["embeddings.position_embeddings.weight"])
        self.types = torch.nn.Embedding.from_pretrained(weights["embeddings.token_type_embeddings.weight"])
        self.norm = Norm(weights, "embeddings.LayerNorm", epsilon)
        self.layers = torch.nn.ModuleList(
            Layer(weights, f"encoder.layer.{number}", heads, epsilon) for number in range(config["num_hidden_layers"])
        )
        self.takes_first = pooling(folder) == "cls"
        self.normalizes = normalizes(folder)
        self.eval()

    def forward(self, ids, mask):
        positions = torch.arange(ids.shape[1], device=ids.device)[None]
        rows = self.norm(self.words(ids) + self.positions(positions) + self.types(torch.zeros_like(ids)))
        kept = mask.to(rows.dtype)
        bias = (1.0 - kept[:, None, None, :]) * -10000.0
        for layer in self.layers:
            rows = layer(rows, bias)
        if self.takes_first:
            pooled = rows[:, 0]
        else:
            pooled = (kept[:, None, :] @ rows)[:, 0] / kept.sum(1, keepdim=True)
        pooled = pooled.float()
        return pooled / pooled.norm(dim=1, keepdim=True) if self.normalizes else pooled


def pooling(folder):
    """ "mean" or "cls"."""
    with open(os.path.join(folder, "1_Pooling", "config.json")) as file:
        config = json.load(file)
    for mode, name in (("pooling_mode_mean_tokens", "mean"), ("pooling_mode_cls_token", "cls")):
        if config.get(mode):
            return name
    raise ValueError(f"{folder} pools neither by the mean nor by the first token")


def normalizes(folder):
    with open(os.path.join(folder, "modules.json")) as file:
        return any(module["type"].endswith("Normalize") for module in json.load(file))


def example():
    """Two texts, the second padded; of ids that every vocabulary has."""
    return torch.tensor([[0, 2, 3, 1], [0, 2, 1, 0]]), torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])


def write_onnx(folder, out):
    from onnxruntime.transformers import optimizer

    encoder = Encoder(folder)
    plain = f"{out}.plain"
    axes = {name: {0: "texts", 1: "tokens"} for name in ("ids", "mask")} | {"embeddings": {0: "texts"}}
    # The exporter by tracing: the newer one writes attention in a form that the optimizer does not merge.
    with torch.no_grad():
        torch.onnx.export(
            encoder, example(), plain, input_names=["ids", "mask"], output_names=["embeddings"], dynamic_axes=axes,
            opset_version=17, dynamo=False,
        )
    layer = encoder.layers[0]
    optimized = optimizer.optimize_model(
        plain, model_type="bert", num_heads=layer.heads, hidden_size=encoder.words.embedding_dim, opt_level=1
    )
    merged = optimized.get_fused_operator_statistics()
    if merged["Attention"] != len(encoder.layers) or merged["BiasGelu"] != len(encoder.layers):
        raise ValueError(f"the optimizer merged {merged}, not all {len(encoder.layers)} layers")
    optimized.save_model_to_file(out)
    os.remove(plain)


def write_onnx_int8(folder, out):
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    write_onnx(folder, f"{out}.float")
    # The fused operators are not ONNX's own, so that their types have to be said.
    quantize_dynamic(
        f"{out}.float", out, weight_type=QuantType.QInt8, per_channel=True,
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )
    os.remove(f"{out}.float")


def write_openvino(folder, out):
    import openvino

    with torch.no_grad():
        model = openvino.convert_model(Encoder(folder), example_input=example())
    openvino.save_model(model, out, compress_to_fp16=False)


FORMS = {"onnx": write_onnx, "onnx-int8": write_onnx_int8, "openvino": write_openvino}

if __name__ == "__main__":
    FORMS[sys.argv[1]](sys.argv[2], sys.argv[3])
