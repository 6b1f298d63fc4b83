"""Models brought into the form that an engine loads, once and for all.

They lie beside the environment's libraries. A process of its own converts, so that none of what that takes is counted as the
engine's.

    python conversion.py huggingface|tokenizer MODEL.gguf    makes that folder (llama.py), and says where it is
"""

import hashlib
import importlib.metadata
import os
import subprocess
import sys
import tempfile

from protocol import Refusal

ADAPTERS = os.path.dirname(os.path.abspath(__file__))


def converted(script, form, model, sources, suffix, packages):
    """What `SCRIPT FORM MODEL OUT` makes of a model, made if it is not there yet: a file or a folder.

    It is another for other contents of the files `sources`, and for other versions of `packages`.
    """
    script = os.path.join(ADAPTERS, script)
    digest = hashlib.sha256()
    for path in (script, *sources):
        with open(path, "rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    for package in packages:
        digest.update(f"{package} {importlib.metadata.version(package)}\n".encode())
    cache = os.path.join(sys.prefix, "models")
    path = os.path.join(cache, f"{form}-{digest.hexdigest()[:16]}{suffix}")
    if os.path.exists(path):
        return path
    os.makedirs(cache, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        made = os.path.join(scratch, os.path.basename(path))
        ended = subprocess.run(
            [sys.executable, "-P", script, form, model, made], capture_output=True, text=True
        )
        if ended.returncode or not os.path.exists(made):
            log = " | ".join(ended.stderr.strip().splitlines()[-3:])
            raise Refusal(f"{model} cannot be brought into the form {form}: {log}")
        # The named one last: what is there is whole.
        for name in sorted(os.listdir(scratch), key=lambda name: name == os.path.basename(path)):
            os.replace(os.path.join(scratch, name), os.path.join(cache, name))
    return path


def hugging_face(form, gguf):
    """What llama.py makes of a GGUF file with Hugging Face's libraries: a folder."""
    return converted("llama.py", form, gguf, [gguf], "", ("transformers", "torch", "gguf"))


if __name__ == "__main__":
    try:
        print(hugging_face(sys.argv[1], sys.argv[2]))
    except Refusal as refusal:
        sys.exit(str(refusal))
