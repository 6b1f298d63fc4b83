"""Hugging Face's generate: batches of requests in their order, padded on the left to the longest prompt, and computed until the
longest output of the batch is done.

Parameters: batch (8): requests a batch, each with as many outputs as the first; precision (bf16, f32); attn_implementation (sdpa,
which is Hugging Face's choice; eager, which is faster at decoding short contexts on CPUs).
"""

import importlib.metadata
from time import perf_counter_ns

from generation import GenerationSession, Generator, Phases, hugging_face_folder
from protocol import serve


class HuggingFace(Generator):
    def start(self):
        import torch
        import transformers

        self.torch = torch
        self.transformers = transformers
        return "transformers", importlib.metadata.version("transformers")

    def prepare(self, folder, parameters):
        self.batch = parameters.integer("batch", "8")
        self.precision = parameters.text("precision", "bf16", choices=("bf16", "f32"))
        self.attention = parameters.text("attn_implementation", "sdpa", choices=("sdpa", "eager"))
        parameters.finish()
        self.folder = hugging_face_folder(folder)

    def open(self, threads):
        torch = self.torch
        torch.set_num_interop_threads(1)
        torch.set_num_threads(threads)
        dtype = torch.bfloat16 if self.precision == "bf16" else torch.float32
        self.model = self.transformers.AutoModelForCausalLM.from_pretrained(
            self.folder, dtype=dtype, attn_implementation=self.attention
        ).eval()
        # What a pass leaves open comes from here: nothing of the model's own sampling, and no end before the length.
        self.model.generation_config = self.transformers.GenerationConfig()
        self.vocabulary = self.model.config.vocab_size
        self.context = self.model.config.max_position_embeddings

    def arrange(self, requests, temperature, seed):
        torch = self.torch
        torch.manual_seed(seed)
        batches, following = [], iter(requests)
        group = []
        for request in following:
            if len(group) == self.batch or group and len(group[0].lengths) != len(request.lengths):
                batches.append(self.padded(group, temperature))
                group = []
            group.append(request)
        return [*batches, self.padded(group, temperature)]

    def padded(self, group, temperature):
        """A batch's inputs, and the length of each of its outputs."""
        torch = self.torch
        width = max(len(request.prompt) for request in group)
        ids = torch.zeros((len(group), width), dtype=torch.long)
        mask = torch.zeros((len(group), width), dtype=torch.long)
        for row, request in enumerate(group):
            ids[row, width - len(request.prompt) :] = torch.from_numpy(request.prompt.astype("int64"))
            mask[row, width - len(request.prompt) :] = 1
        outputs = len(group[0].lengths)
        lengths = [length for request in group for length in request.lengths]
        sampling = {"do_sample": False}
        if temperature > 0:
            sampling = {"do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0}
            sampling["num_return_sequences"] = outputs
        else:
            # What generate does itself for outputs that are drawn; of greedy ones it wants a single one.
            ids, mask = ids.repeat_interleave(outputs, 0), mask.repeat_interleave(outputs, 0)
        settings = self.transformers.GenerationConfig(
            max_new_tokens=max(lengths), eos_token_id=None, pad_token_id=0, use_cache=True, **sampling
        )
        return Batch(ids, mask, settings, lengths, sum(len(request.prompt) for request in group) * outputs)

    def run(self, batches):
        outputs, phases, generated = [], Phases(), 0
        for batch in batches:
            clock = FirstToken(self.torch)
            start = perf_counter_ns()
            with self.torch.inference_mode():
                ids = self.model.generate(
                    input_ids=batch.ids, attention_mask=batch.mask, generation_config=batch.settings,
                    stopping_criteria=[clock],
                )
            rows = ids[:, batch.ids.shape[1] :].numpy()
            end = perf_counter_ns()
            outputs += [row[:length] for row, length in zip(rows, batch.lengths)]
            phases.add(clock.time - start, batch.prompt_tokens, 0)
            phases.add(end - clock.time, 0, sum(batch.lengths) - len(batch.lengths))
            generated += rows.size
        return outputs, phases, generated


class Batch:
    def __init__(self, ids, mask, settings, lengths, prompt_tokens):
        self.ids = ids
        self.mask = mask
        self.settings = settings
        self.lengths = lengths
        self.prompt_tokens = prompt_tokens


class FirstToken:
    """Asked after each token whether to end: never; it notes when the first was there."""

    def __init__(self, torch):
        self.torch = torch
        self.time = None

    def __call__(self, ids, scores, **_):
        self.time = self.time or perf_counter_ns()
        return self.torch.zeros(len(ids), dtype=self.torch.bool)


serve(GenerationSession(HuggingFace()))
