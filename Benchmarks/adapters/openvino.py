"""OpenVINO: precision f32 or bf16, by INFERENCE_PRECISION_HINT."""

from embedding import Embedder, EmbeddingSession, converted
from protocol import serve


class OpenVINO(Embedder):
    def start(self):
        import numpy
        import openvino

        self.numpy = numpy
        self.openvino = openvino
        return "openvino", openvino.__version__.split("-")[0]

    def prepare(self, folder, parameters):
        self.precision = parameters.text("precision", "f32", choices=("f32", "bf16"))
        self.path = converted("openvino", folder, ".xml", ("torch", "openvino"))

    def open(self, folder, threads, streams, parameters):
        core = self.openvino.Core()
        settings = {
            "INFERENCE_PRECISION_HINT": self.precision,
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": streams,
        }
        self.model = core.compile_model(self.path, "CPU", settings)

    def caller(self):
        request = self.model.create_infer_request()

        def call(ids, mask):
            # Without a copy of the inputs; the output is the request's and is copied before the next call overwrites it.
            return request.infer([ids, mask], share_inputs=True, share_outputs=True)[0].copy()

        # First calls from two threads at once wait for each other for ever in the binding (2026.4).
        call(self.numpy.zeros((1, 2), self.numpy.int64), self.numpy.ones((1, 2), self.numpy.int64))
        return call


serve(EmbeddingSession(OpenVINO()))
