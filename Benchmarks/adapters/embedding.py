"""The adapter's side of PROTOCOL.md for embedding models that are reached from Python.

An adapter derives from `Embedder`, imports its engine inside `start`, and ends with
`serve(EmbeddingSession(Adapter()))`.
"""

import gc
import importlib.util
import json
import os
import struct
import threading
from time import perf_counter_ns

import conversion
from protocol import HEADER_BYTES, PROTOCOL, Parameters, Refusal, Session, private_bytes


class Embedder:
    """One engine with one model: what an adapter fills in. Every call has texts of its own length, padded by the session."""

    def start(self):
        """Imports the engine; returns its name and version."""
        raise NotImplementedError

    def prepare(self, folder, parameters):
        """Brings the model into the form that the engine loads, once and for all. In no figure."""

    def open(self, folder, threads, streams, parameters):
        """Loads the model to run in `streams` calls at once, all together on `threads` threads."""
        raise NotImplementedError

    def caller(self):
        """A function from ids and mask (`texts × tokens`, int64) to embeddings, float32; one for each stream."""
        raise NotImplementedError


class EmbeddingSession(Session):
    """Holds one model and embeds files of token ids with it."""

    def __init__(self, engine):
        super().__init__(engine)
        self.callers = None
        self.tokenizer = None

    def stats(self, request):
        return {"private_bytes": private_bytes()}

    def open(self, request):
        if self.callers is not None:
            raise Refusal("a model is already open; start another adapter")
        parameters = Parameters("open", request["parameters"])
        folder, threads = request["model"], request["threads"]
        streams = parameters.integer("streams", "1")
        if threads % streams:
            raise Refusal(f"streams is {streams}; the {threads} threads must be a multiple of it")
        # Before any library reads how many cores there are.
        os.environ["OMP_NUM_THREADS"] = str(threads // streams)
        os.environ["RAYON_NUM_THREADS"] = str(threads)
        os.environ["TOKENIZERS_PARALLELISM"] = "true" if threads > 1 else "false"
        self.engine.prepare(folder, parameters)
        start = perf_counter_ns()
        self.engine.open(folder, threads, streams, parameters)
        loaded = perf_counter_ns()
        parameters.finish()
        self.tokenizer = read_tokenizer(folder)
        self.callers = [self.engine.caller() for _ in range(streams)]
        return {"load_seconds": (loaded - start) / 1e9}

    def embed(self, request):
        import numpy as np

        if self.callers is None:
            raise Refusal("no model is open")
        tokens = read_ragged(request["tokens"], b"RMTOKENS", np.dtype("<i4"))
        order = sorted(range(len(tokens)), key=lambda text: (len(tokens[text]), text))
        groups = [order[first : first + request["batch"]] for first in range(0, len(order), request["batch"])]
        inputs = [padded([tokens[text] for text in group]) for group in groups]
        seconds, answers, latencies = self.timed(inputs)

        vectors = None
        for group, answer in zip(groups, answers):
            if vectors is None:
                vectors = np.empty((len(tokens), answer.shape[1]), dtype=np.float32)
            vectors[group] = answer
        write_embeddings(request["vectors"], vectors, latencies)
        reply = {"seconds": seconds, "padded_tokens": sum(ids.size for ids, _ in inputs)}
        if "texts" in request:
            reply |= self.tokenize(request["texts"], tokens)
        return reply

    def timed(self, inputs):
        """Makes every call once. With several streams each takes the next call that nobody has taken."""
        count = len(inputs)
        answers = [None] * count
        latencies = [0] * count
        following = iter(range(count))
        failures = []

        def work(call):
            clock = perf_counter_ns
            try:
                # `next` of one iterator is a single step of the interpreter, so that no call is taken twice.
                for index in following:
                    ids, mask = inputs[index]
                    before = clock()
                    answer = call(ids, mask)
                    latencies[index] = clock() - before
                    answers[index] = answer
            except BaseException as failure:
                failures.append(failure)

        gc.collect()
        gc.disable()
        try:
            helpers = [threading.Thread(target=work, args=(call,)) for call in self.callers[1:]]
            start = perf_counter_ns()
            for helper in helpers:
                helper.start()
            work(self.callers[0])
            for helper in helpers:
                helper.join()
            seconds = (perf_counter_ns() - start) / 1e9
        finally:
            gc.enable()
        if failures:
            raise failures[0]
        return seconds, answers, latencies

    def tokenize(self, path, expected):
        """Times the engine's usual tokenizer on the texts, and counts those that it reads in another way."""
        import numpy as np

        texts = [bytes(text).decode() for text in read_ragged(path, b"RMTEXTS\0", np.dtype("u1"))]
        start = perf_counter_ns()
        encodings = self.tokenizer.encode_batch(texts)
        seconds = (perf_counter_ns() - start) / 1e9
        differing = sum(found.ids != wanted.tolist() for found, wanted in zip(encodings, expected))
        return {"tokenize_seconds": seconds, "differing_texts": differing}

    operations = {"hello": Session.hello, "stats": stats, "open": open, "embed": embed}


def padded(rows):
    """Ids and mask of some texts, as long as the longest."""
    import numpy as np

    width = max(len(row) for row in rows)
    ids = np.zeros((len(rows), width), dtype=np.int64)
    mask = np.zeros((len(rows), width), dtype=np.int64)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row
        mask[place, : len(row)] = 1
    return ids, mask


def read_ragged(path, magic, dtype):
    """The rows of a token or text file (PROTOCOL.md), one array each."""
    import numpy as np

    with open(path, "rb") as file:
        content = file.read()
    if len(content) < HEADER_BYTES:
        raise Refusal(f"{path} is shorter than its header")
    found, version, _, count, total = struct.unpack_from("<8sIIQQ", content)
    if found != magic or version != PROTOCOL:
        raise Refusal(f"{path} does not begin as a file {magic.decode()} of version {PROTOCOL}")
    if len(content) != HEADER_BYTES + 8 * (count + 1) + dtype.itemsize * total:
        raise Refusal(f"{path} has {len(content)} bytes, which are not {count} rows with {total} values")
    offsets = np.frombuffer(content, dtype="<u8", count=count + 1, offset=HEADER_BYTES).tolist()
    values = np.frombuffer(content, dtype=dtype, offset=HEADER_BYTES + 8 * (count + 1))
    return [values[first:end] for first, end in zip(offsets, offsets[1:])]


def write_embeddings(path, vectors, latencies):
    """Writes an embedding file: nanoseconds of each call, then the vectors in the order of the texts."""
    import numpy as np

    count, dimension = vectors.shape
    header = struct.pack("<8sIIQQ", b"RMEMBEDS", PROTOCOL, dimension, count, len(latencies))
    with open(path, "wb") as file:
        file.write(header.ljust(HEADER_BYTES, b"\0"))
        file.write(np.asarray(latencies, dtype="<u8").data)
        file.write(np.ascontiguousarray(vectors, dtype="<f4").data)


def read_tokenizer(folder):
    """Hugging Face's tokenizer of a sentence-transformers folder, cutting where the model does and padding nothing."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    with open(os.path.join(folder, "sentence_bert_config.json")) as file:
        tokenizer.enable_truncation(json.load(file)["max_seq_length"])
    tokenizer.no_padding()
    return tokenizer


def beside(name):
    """The module `name` that lies beside this one, where `import` does not look any more (see `serve`)."""
    spec = importlib.util.spec_from_file_location(name, os.path.join(conversion.ADAPTERS, f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def converted(form, folder, suffix, packages):
    """The file that `bert.py FORM` makes of a model with these `packages`."""
    sources = [os.path.join(folder, name) for name in ("config.json", "model.safetensors")]
    return conversion.converted("bert.py", form, folder, sources, suffix, packages)
