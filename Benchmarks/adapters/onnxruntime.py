"""ONNX Runtime: precision f32 (graph fused by its own optimizer) or int8 (weights int8, activations quantised as they come)."""

import importlib.metadata

from embedding import Embedder, EmbeddingSession, converted
from protocol import serve


class ONNXRuntime(Embedder):
    def start(self):
        import onnxruntime

        self.onnxruntime = onnxruntime
        return "onnxruntime", importlib.metadata.version("onnxruntime")

    def prepare(self, folder, parameters):
        precision = parameters.text("precision", "f32", choices=("f32", "int8"))
        self.path = converted(
            "onnx" if precision == "f32" else "onnx-int8", folder, ".onnx", ("torch", "onnx", "onnxruntime")
        )

    def open(self, folder, threads, streams, parameters):
        options = self.onnxruntime.SessionOptions()
        # One session serves every stream: each call brings its own thread, and its share of the pool beyond that.
        options.intra_op_num_threads = threads // streams
        options.inter_op_num_threads = 1
        self.session = self.onnxruntime.InferenceSession(self.path, options, providers=["CPUExecutionProvider"])

    def caller(self):
        run = self.session.run
        return lambda ids, mask: run(None, {"ids": ids, "mask": mask})[0]


serve(EmbeddingSession(ONNXRuntime()))
