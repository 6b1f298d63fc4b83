"""PyTorch, eager in inference mode with its fused attention: precision f32 or bf16."""

import importlib.metadata

from embedding import Embedder, EmbeddingSession, beside
from protocol import serve


class PyTorch(Embedder):
    def start(self):
        import torch

        self.torch = torch
        return "pytorch", importlib.metadata.version("torch")

    def prepare(self, folder, parameters):
        self.precision = parameters.text("precision", "f32", choices=("f32", "bf16"))

    def open(self, folder, threads, streams, parameters):
        torch = self.torch
        torch.set_num_interop_threads(1)
        torch.set_num_threads(threads // streams)
        self.threads = threads // streams
        self.encoder = beside("bert").Encoder(folder).to(torch.float32 if self.precision == "f32" else torch.bfloat16)

    def caller(self):
        torch, encoder, threads = self.torch, self.encoder, self.threads

        def call(ids, mask):
            # Both belong to the calling thread.
            if torch.get_num_threads() != threads:
                torch.set_num_threads(threads)
            with torch.inference_mode():
                return encoder(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()

        return call


serve(EmbeddingSession(PyTorch()))
