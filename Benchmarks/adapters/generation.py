"""The adapter's side of PROTOCOL.md for language models that are reached from Python.

An adapter derives from `Generator`, imports its engine inside `start`, and ends with `serve(GenerationSession(Adapter()))`.
"""

import gc
import glob
import os
import struct
from time import perf_counter_ns

from conversion import hugging_face
from protocol import HEADER_BYTES, PROTOCOL, Parameters, Refusal, Session, private_bytes


class Request:
    """A prompt, int32 ids, and the length of each of its outputs in tokens."""

    def __init__(self, prompt, lengths):
        self.prompt = prompt
        self.lengths = lengths


class Phases:
    """Seconds and tokens of the steps with prompt tokens and of those without."""

    def __init__(self):
        self.prefill_nanoseconds = self.decode_nanoseconds = 0
        self.prefill_tokens = self.decode_tokens = 0

    def add(self, nanoseconds, prompt_tokens, output_tokens):
        """Counts a step that computed so many prompt tokens, and from which so many outputs got a token."""
        if prompt_tokens:
            self.prefill_nanoseconds += nanoseconds
            self.prefill_tokens += prompt_tokens
        else:
            self.decode_nanoseconds += nanoseconds
            self.decode_tokens += output_tokens

    def fields(self):
        return {
            "prefill_seconds": self.prefill_nanoseconds / 1e9, "prefill_tokens": self.prefill_tokens,
            "decode_seconds": self.decode_nanoseconds / 1e9, "decode_tokens": self.decode_tokens,
        }


class Generator:
    """One engine with one model: what an adapter fills in."""

    def start(self):
        """Imports the engine; returns its name and version."""
        raise NotImplementedError

    def prepare(self, folder, parameters):
        """Reads the parameters, finishes them, and brings the model into the form that the engine loads, once and for all. In no
        figure.
        """

    def open(self, threads):
        """Loads the model to run on `threads` threads; sets `vocabulary` and `context`."""
        raise NotImplementedError

    vocabulary = 0
    """Ids are smaller than this."""

    context = 0
    """Tokens that a prompt and one output may have together."""

    def arrange(self, requests, temperature, seed):
        """The requests in the form that `run` takes. In no figure; refuses what the engine cannot do."""
        raise NotImplementedError

    def run(self, arranged):
        """Generates everything. Returns the token ids of each output, in order; `Phases` or None; and how many output tokens
        were made in all, None where the engine cannot tell.
        """
        raise NotImplementedError

    def private_bytes(self):
        return private_bytes()

    def close(self):
        """Ends the processes that the engine has started."""


class GenerationSession(Session):
    """Holds one language model and answers files of requests with it."""

    def __init__(self, engine):
        super().__init__(engine)
        self.opened = False

    def stats(self, request):
        return {"private_bytes": self.engine.private_bytes()}

    def open(self, request):
        if self.opened:
            raise Refusal("a model is already open; start another adapter")
        parameters = Parameters("open", request["parameters"])
        threads = request["threads"]
        # Before any library reads how many cores there are.
        os.environ["OMP_NUM_THREADS"] = str(threads)
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        if not os.path.isdir(request["model"]):
            raise Refusal(f"{request['model']} is no folder with a model")
        self.engine.prepare(request["model"], parameters)
        start = perf_counter_ns()
        self.engine.open(threads)
        loaded = perf_counter_ns()
        self.opened = True
        return {"load_seconds": (loaded - start) / 1e9}

    def generate(self, request):
        if not self.opened:
            raise Refusal("no model is open")
        temperature, seed = request["temperature"], request["seed"]
        if not 0 <= temperature <= 100:
            raise Refusal(f"temperature is {temperature}; it must be between 0 and 100")
        requests = read_requests(request["requests"], self.engine.vocabulary, self.engine.context)
        arranged = self.engine.arrange(requests, temperature, seed)
        gc.collect()
        gc.disable()
        try:
            start = perf_counter_ns()
            outputs, phases, generated = self.engine.run(arranged)
            seconds = (perf_counter_ns() - start) / 1e9
        finally:
            gc.enable()
        write_answers(request["answers"], outputs, [length for asked in requests for length in asked.lengths])
        unknown = dict.fromkeys(("prefill_seconds", "prefill_tokens", "decode_seconds", "decode_tokens"))
        return {"seconds": seconds, "generated_tokens": generated, **(phases.fields() if phases else unknown)}

    def close(self):
        self.engine.close()

    operations = {"hello": Session.hello, "stats": stats, "open": open, "generate": generate}


def read_requests(path, vocabulary, context):
    """The requests of a request file (PROTOCOL.md), each of which the model can answer."""
    import numpy as np

    with open(path, "rb") as file:
        content = file.read()
    if len(content) < HEADER_BYTES:
        raise Refusal(f"{path} is shorter than its header")
    magic, version, outputs, count, total = struct.unpack_from("<8sIIQQ", content)
    if magic != b"RMPROMPT" or version != PROTOCOL:
        raise Refusal(f"{path} is no request file of version {PROTOCOL}")
    if len(content) != HEADER_BYTES + 16 * (count + 1) + 4 * (total + outputs):
        raise Refusal(
            f"{path} has {len(content)} bytes, which are not {count} requests with {total} prompt tokens and {outputs} outputs"
        )
    if count == 0:
        raise Refusal(f"{path} holds no request")
    offsets = np.frombuffer(content, dtype="<u8", count=2 * (count + 1), offset=HEADER_BYTES).reshape(2, count + 1)
    for ends, last, noun in zip(offsets, (total, outputs), ("prompt", "output")):
        if ends[0] != 0 or ends[-1] != last or (ends[1:] <= ends[:-1]).any():
            raise Refusal(f"{path} has a request without {noun}, or says wrongly where one begins")
    values = np.frombuffer(content, dtype="<i4", offset=HEADER_BYTES + 16 * (count + 1))
    ids, lengths = values[:total], values[total:]
    if ids.min() < 0 or ids.max() >= vocabulary:
        raise Refusal(f"{path} has token ids from {ids.min()} to {ids.max()}; the model has {vocabulary} tokens")
    if lengths.min() < 1:
        raise Refusal(f"{path} asks for an output of {lengths.min()} tokens; it must be at least 1")
    prompts, answers = offsets.astype(np.int64)
    requests = []
    for number in range(count):
        prompt = ids[prompts[number] : prompts[number + 1]]
        wanted = lengths[answers[number] : answers[number + 1]].tolist()
        if len(prompt) + max(wanted) > context:
            raise Refusal(
                f"request {number} has {len(prompt)} prompt tokens and wants {max(wanted)} more; the engine has room for "
                f"{context} of one output"
            )
        requests.append(Request(prompt, wanted))
    return requests


def write_answers(path, outputs, lengths):
    """Writes an answer file: the ids of each output, as many as its length."""
    import numpy as np

    found = [len(output) for output in outputs]
    if found != lengths:
        place = next((place for place, pair in enumerate(zip(found, lengths)) if pair[0] != pair[1]), None)
        which = f"{len(found)} outputs" if place is None else f"{found[place]} tokens in output {place}"
        wanted = len(lengths) if place is None else lengths[place]
        raise RuntimeError(f"the engine made {which} where {wanted} were asked for")
    header = struct.pack("<8sIIQQ", b"RMANSWER", PROTOCOL, 0, len(outputs), sum(lengths))
    with open(path, "wb") as file:
        file.write(header.ljust(HEADER_BYTES, b"\0"))
        for output in outputs:
            file.write(np.asarray(output, dtype="<i4").data)


def gguf_file(folder):
    """The one GGUF file in `folder`; None where there is none."""
    found = sorted(glob.glob(os.path.join(glob.escape(folder), "*.gguf")))
    if len(found) > 1:
        raise Refusal(f"{folder} has {len(found)} .gguf files; one is taken")
    return found[0] if found else None


def hugging_face_folder(folder):
    """`folder` if it is as the Hugging Face hub has them, else what is made of its GGUF file, in float32."""
    if os.path.exists(os.path.join(folder, "config.json")):
        return folder
    gguf = gguf_file(folder)
    if gguf is None:
        raise Refusal(f"{folder} has neither config.json nor a .gguf file")
    return hugging_face("huggingface", gguf)
