"""A Llama-family GGUF file as the files that other engines load.

    python -P llama.py TYPE MODEL.gguf OUT.gguf    llama.cpp's own quantiser: TYPE is F16, Q8_0, Q4_0 or Q4_1
    python -P llama.py huggingface MODEL.gguf OUT  a folder with config.json and weights in float32
    python -P llama.py tokenizer MODEL.gguf OUT    a folder with tokenizer.json and the chat template

(-P, for the adapters beside this file have their engines' names.)
"""

import os
import sys


def write_gguf(kind, model, out):
    import ctypes

    import llama_cpp

    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = getattr(llama_cpp, f"LLAMA_FTYPE_MOSTLY_{kind}")
    parameters.allow_requantize = True
    if llama_cpp.llama_model_quantize(model.encode(), out.encode(), ctypes.byref(parameters)):
        sys.exit(f"llama.cpp cannot make {kind} of {model}")


def write_hugging_face(model, out):
    import torch
    from transformers import AutoModelForCausalLM, GgufConfig

    folder, name = os.path.split(model)
    loaded = AutoModelForCausalLM.from_pretrained(
        folder, gguf_file=name, dtype=torch.float32, quantization_config=GgufConfig(dequantize=True)
    )
    # The weights are no longer what the GGUF file says of them.
    loaded.hf_quantizer = None
    loaded.save_pretrained(out)


def write_tokenizer(model, out):
    from transformers import AutoTokenizer

    folder, name = os.path.split(model)
    AutoTokenizer.from_pretrained(folder, gguf_file=name).save_pretrained(out)


if __name__ == "__main__":
    if sys.argv[1] == "huggingface":
        write_hugging_face(sys.argv[2], sys.argv[3])
    elif sys.argv[1] == "tokenizer":
        write_tokenizer(sys.argv[2], sys.argv[3])
    else:
        write_gguf(*sys.argv[1:])
