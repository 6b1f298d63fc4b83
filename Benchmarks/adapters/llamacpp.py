"""llama.cpp by its C functions, as llama-server drives them: each step computes a token of every output that runs and, as far
as n_batch allows, prompts of those to come; the outputs of one prompt copy its keys and values. Unlike there, outputs move to
lower slots that are free (see `close_gaps`).

Parameters by llama.cpp's names: quantization (file: as it is; F16, Q8_0, Q4_0, Q4_1: by its own quantiser from that file),
n_parallel (1): outputs at once, n_ctx (2048 for each of them): tokens for which there is room, kv_unified (false): all outputs
share that room, n_batch (2048), n_ubatch (512), flash_attn (auto, on, off), type_k and type_v (f16, q8_0).

llama-bench chooses no tokens; here the greedy choice costs about 0.01 ms a token and a draw 0.04 ms, which stay in the figures.
"""

import collections
import ctypes
import heapq
import importlib.metadata
import sys
from time import perf_counter_ns

from conversion import converted
from generation import GenerationSession, Generator, Phases, gguf_file
from protocol import Refusal, serve


class LlamaCpp(Generator):
    def start(self):
        import llama_cpp
        import numpy

        self.llama = llama_cpp
        self.numpy = numpy

        @llama_cpp.llama_log_callback
        def log(level, text, _):
            if level in (3, 4):  # warnings and errors; what goes well fills megabytes
                sys.stderr.write(text.decode(errors="replace"))

        self.log = log
        llama_cpp.llama_log_set(log, None)
        return "llama.cpp", f"llama-cpp-python {importlib.metadata.version('llama-cpp-python')}"

    def prepare(self, folder, parameters):
        llama = self.llama
        self.path = gguf_file(folder)
        if self.path is None:
            raise Refusal(f"{folder} has no .gguf file")
        quantization = parameters.text("quantization", "file", choices=("file", "F16", "Q8_0", "Q4_0", "Q4_1"))
        self.parallel = parameters.integer("n_parallel", "1")
        self.room = parameters.integer("n_ctx", str(2048 * self.parallel))
        self.batch_tokens = parameters.integer("n_batch", "2048")
        self.step_tokens = parameters.integer("n_ubatch", "512")
        self.unified = parameters.flag("kv_unified", "false")
        attention = parameters.text("flash_attn", "auto", choices=("auto", "on", "off"))
        self.flash_attention = {"auto": -1, "off": 0, "on": 1}[attention]
        types = {"f16": llama.GGML_TYPE_F16, "q8_0": llama.GGML_TYPE_Q8_0}
        self.cache_types = [types[parameters.text(name, "f16", choices=tuple(types))] for name in ("type_k", "type_v")]
        parameters.finish()
        most = llama.llama_max_parallel_sequences()
        if self.parallel > most:
            raise Refusal(f"n_parallel is {self.parallel}; llama.cpp has at most {most}")
        if self.batch_tokens < self.parallel:
            raise Refusal(f"n_batch is {self.batch_tokens}; it must be at least n_parallel, which is {self.parallel}")
        if quantization != "file":
            self.path = converted("llama.py", quantization, self.path, [self.path], ".gguf", ("llama-cpp-python",))

    def open(self, threads):
        llama = self.llama
        llama.llama_backend_init()
        self.model = llama.llama_model_load_from_file(self.path.encode(), llama.llama_model_default_params())
        if not self.model:
            raise Refusal(f"llama.cpp cannot load {self.path}")
        settings = llama.llama_context_default_params()
        settings.n_ctx, settings.n_batch, settings.n_ubatch = self.room, self.batch_tokens, self.step_tokens
        settings.n_seq_max = settings.n_outputs_max = self.parallel
        settings.n_threads = settings.n_threads_batch = threads
        settings.flash_attn_type, settings.kv_unified = self.flash_attention, self.unified
        settings.type_k, settings.type_v = self.cache_types
        self.state = llama.llama_init_from_model(self.model, settings)
        if not self.state:
            raise Refusal(f"llama.cpp makes no context of {self.room} tokens for {self.parallel} sequences")
        self.memory = llama.llama_get_memory(self.state)
        self.vocabulary = llama.llama_vocab_n_tokens(llama.llama_model_get_vocab(self.model))
        self.context = llama.llama_n_ctx_seq(self.state)
        self.room = llama.llama_n_ctx(self.state)
        self.batch = Batch(llama, self.numpy, self.batch_tokens, self.parallel)

    def arrange(self, requests, temperature, seed):
        for number, request in enumerate(requests):
            outputs, needed = len(request.lengths), len(request.prompt) + sum(request.lengths)
            if outputs > self.parallel:
                raise Refusal(f"request {number} wants {outputs} outputs; n_parallel is {self.parallel}")
            if self.unified and needed > self.room:
                raise Refusal(f"request {number} needs {needed} tokens with all its outputs; n_ctx is {self.room}")
        return Pass(self, requests, Choice(self.numpy, self.vocabulary, temperature, seed))

    def run(self, arranged):
        self.llama.llama_memory_clear(self.memory, False)
        while arranged.step():
            pass
        return arranged.outputs(), arranged.phases, len(arranged.ids)

    def compute(self, count):
        """Runs the first `count` tokens of the batch."""
        self.batch.structure.n_tokens = count
        code = self.llama.llama_decode(self.state, self.batch.structure)
        if code:
            raise RuntimeError(f"llama_decode returned {code} for {count} tokens")

    def logits(self, rows):
        """`rows × vocabulary`: those of the last step, in the order of its tokens; they may be changed."""
        values = self.llama.llama_get_logits(self.state)
        address = ctypes.addressof(values.contents)
        flat = (ctypes.c_float * (rows * self.vocabulary)).from_address(address)
        return self.numpy.frombuffer(flat, dtype=self.numpy.float32).reshape(rows, self.vocabulary)


class Batch:
    """The arrays of one llama_batch, whose tokens belong to one sequence each."""

    def __init__(self, llama, numpy, tokens, sequences):
        self.token = numpy.zeros(tokens, numpy.int32)
        self.position = numpy.zeros(tokens, numpy.int32)
        self.wanted = numpy.zeros(tokens, numpy.int8)
        self.counts = numpy.ones(tokens, numpy.int32)
        self.sequences = numpy.arange(sequences, dtype=numpy.int32)
        # Where the id of each sequence stands in memory: llama.cpp wants a pointer for each token.
        self.places = self.sequences.ctypes.data + 4 * numpy.arange(sequences, dtype=numpy.uint64)
        self.sequence = numpy.zeros(tokens, numpy.uint64)
        fields = {
            "token": self.token, "pos": self.position, "n_seq_id": self.counts, "seq_id": self.sequence,
            "logits": self.wanted,
        }
        types = dict(llama.llama_batch._fields_)
        self.structure = llama.llama_batch()
        for name, values in fields.items():
            setattr(self.structure, name, ctypes.cast(values.ctypes.data, types[name]))

    def put(self, place, tokens, positions, sequences, wanted):
        """Sets the entries from `place` on; returns the next place."""
        end = place + len(tokens)
        self.token[place:end] = tokens
        self.position[place:end] = positions
        self.sequence[place:end] = self.places[sequences]
        self.wanted[place:end] = wanted
        return end

    def sort(self, end):
        """Orders the first `end` tokens by their sequence: llama.cpp computes together only those of neighbouring sequences."""
        order = self.sequence[:end].argsort(kind="stable")
        for values in (self.token, self.position, self.sequence, self.wanted):
            values[:end] = values[order]


class Choice:
    """The most probable token, or one drawn at a temperature."""

    BLOCK = 256

    def __init__(self, numpy, vocabulary, temperature, seed):
        self.numpy = numpy
        self.temperature = temperature
        self.random = numpy.random.default_rng(seed)
        # Weights of one row in blocks, so that a draw adds up one block token by token, not the vocabulary.
        self.blocks = numpy.zeros((-(-vocabulary // self.BLOCK), self.BLOCK), numpy.float32)
        self.weights = self.blocks.reshape(-1)[:vocabulary]

    def tokens(self, logits, rows):
        """A token for each of `rows`, indices into `logits`, of which equal ones stand together."""
        if self.temperature == 0:
            return logits.argmax(axis=1)[rows]
        chosen, last = [], None
        for row in rows:
            if row != last:
                sums, last = self.weigh(logits[row]), row
            chosen.append(self.draw(sums))
        return chosen

    def weigh(self, logits):
        """Sets the weights, and returns the running sums of the blocks."""
        numpy, weights = self.numpy, self.weights
        numpy.subtract(logits, logits.max(), out=weights)
        if self.temperature != 1:
            weights *= 1 / self.temperature
        numpy.exp(weights, out=weights)
        return self.blocks.sum(axis=1).cumsum(dtype=numpy.float64)

    def draw(self, sums):
        sought = self.random.random() * sums[-1]
        block = int((sums <= sought).sum())
        # Rounding may leave the number at the very end of its block, after the last token that has a weight.
        within = self.blocks[block].cumsum(dtype=self.numpy.float64)
        place = int((within <= sought - (sums[block - 1] if block else 0)).sum())
        return block * self.BLOCK + min(place, int(self.blocks[block].nonzero()[0][-1]))


class Pass:
    """All requests on their way. An output has a sequence of llama.cpp's for as long as it runs."""

    def __init__(self, engine, requests, choice):
        numpy = engine.numpy
        self.numpy = numpy
        self.engine = engine
        self.choice = choice
        self.phases = Phases()
        self.lengths = [length for request in requests for length in request.lengths]
        self.ids = numpy.zeros(sum(self.lengths), numpy.int32)
        # Of each sequence: its last token and that one's position, where its next id goes, and how many are to come.
        self.token, self.position, self.place, self.left = numpy.zeros((4, engine.parallel), numpy.int64)
        # Sequences in ascending order; the lowest that is free is the next to be taken.
        self.running = numpy.zeros(0, numpy.int64)
        self.free = list(range(engine.parallel))
        self.prompt_of = [None] * engine.parallel
        self.room = engine.room
        self.waiting = collections.deque()
        self.prompts = collections.deque()
        place = 0
        for request in requests:
            self.waiting.append((request, place))
            place += sum(request.lengths)

    def step(self):
        """One call of llama_decode; false when there is nothing left to do."""
        start = perf_counter_ns()
        self.admit()
        if not self.prompts:
            self.close_gaps()
        batch, running = self.engine.batch, self.running
        end = batch.put(0, self.token[running], self.position[running], running, 1)
        ended, prompt_tokens = [], 0
        while self.prompts and end < self.engine.batch_tokens:
            prompt = self.prompts[0]
            first = prompt.done
            last = min(len(prompt.ids), first + self.engine.batch_tokens - end)
            positions = self.numpy.arange(first, last)
            end = batch.put(end, prompt.ids[first:last], positions, prompt.sequences[0], 0)
            prompt.done = last
            prompt_tokens += last - first
            if last == len(prompt.ids):
                batch.wanted[end - 1] = 1
                ended.append(self.prompts.popleft())
                self.admit()
        if end == 0:
            return False
        if prompt_tokens:
            batch.sort(end)
        self.engine.compute(end)
        self.position[running] += 1
        # The sequences that have logits, in the order of the batch, and which of these each output takes its token from.
        sources = self.numpy.sort(self.numpy.concatenate((running, [prompt.sequences[0] for prompt in ended])).astype(int))
        rows = sources.searchsorted(running)
        for prompt in ended:
            row = sources.searchsorted(prompt.sequences[0])
            rows = self.numpy.concatenate((rows, [row] * len(prompt.sequences)))
            running = self.numpy.concatenate((running, prompt.sequences))
            self.share(prompt)
        if len(rows):
            self.take(self.choice.tokens(self.engine.logits(len(sources)), rows), running)
        self.phases.add(perf_counter_ns() - start, prompt_tokens, len(rows))
        return True

    def share(self, prompt):
        """Lets all outputs of a prompt that is computed begin where it ends."""
        llama, memory = self.engine.llama, self.engine.memory
        for sequence in prompt.sequences[1:]:
            llama.llama_memory_seq_cp(memory, prompt.sequences[0], sequence, -1, -1)
        self.position[prompt.sequences] = len(prompt.ids)

    def take(self, chosen, running):
        """Gives each running output its token; those that have their length make room."""
        self.token[running] = chosen
        self.ids[self.place[running]] = chosen
        self.place[running] += 1
        self.left[running] -= 1
        unfinished = self.left[running] > 0
        if not unfinished.all():
            for sequence in running[~unfinished].tolist():
                self.engine.llama.llama_memory_seq_rm(self.engine.memory, sequence, -1, -1)
                heapq.heappush(self.free, sequence)
                prompt = self.prompt_of[sequence]
                prompt.unfinished -= 1
                self.room += prompt.reserved if prompt.unfinished == 0 else 0
            running = running[unfinished]
        self.running = self.numpy.sort(running)

    def admit(self):
        """Gives sequences to the next requests, as long as there are enough, and room."""
        while self.waiting and not self.prompts:
            request, place = self.waiting[0]
            needed = len(request.prompt) + sum(request.lengths) if self.engine.unified else 0
            if len(request.lengths) > len(self.free) or needed > self.room:
                return
            self.waiting.popleft()
            sequences = [heapq.heappop(self.free) for _ in request.lengths]
            self.room -= needed
            prompt = Prompt(request.prompt, sequences, needed)
            for sequence, length in zip(sequences, request.lengths):
                self.place[sequence], self.left[sequence], self.prompt_of[sequence] = place, length, prompt
                place += length
            self.prompts.append(prompt)

    def close_gaps(self):
        """Moves outputs from the highest sequences into those that are free below: what is not adjacent is not computed together,
        and a step with gaps takes up to three times as long. (llama-server leaves them.)
        """
        llama, memory = self.engine.llama, self.engine.memory
        if self.engine.unified:
            return
        while self.free and len(self.running) and self.free[0] < self.running[-1]:
            source, target = int(self.running[-1]), heapq.heappop(self.free)
            llama.llama_memory_seq_cp(memory, source, target, -1, -1)
            llama.llama_memory_seq_rm(memory, source, -1, -1)
            for values in (self.token, self.position, self.place, self.left, self.prompt_of):
                values[target] = values[source]
            self.running = self.numpy.sort(self.numpy.append(self.running[:-1], target))
            heapq.heappush(self.free, source)

    def outputs(self):
        ends = self.numpy.cumsum(self.lengths)
        return self.numpy.split(self.ids, ends[:-1])


class Prompt:
    """A prompt of which `done` tokens are computed, in the first of its outputs' sequences; with them it holds `reserved`
    tokens of the room that all share."""

    def __init__(self, ids, sequences, reserved):
        self.ids = ids
        self.sequences = sequences
        self.reserved = reserved
        self.unfinished = len(sequences)
        self.done = 0


serve(GenerationSession(LlamaCpp()))
