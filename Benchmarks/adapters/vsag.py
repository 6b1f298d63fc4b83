"""VSAG (pyvsag), hgraph: build max_degree, ef_construction, base_quantization_type, use_reorder,
precise_quantization_type, graph_type, alpha, base_io_type, precise_io_type, build_by_base, use_elp_optimizer; search
ef_search. What is not given is left to VSAG, but for the first five, which are 32, 200, sq8, true, fp32.

Its Python binding has no call for several queries: a batch is a loop over its queries, on one thread.
"""

import importlib.metadata
import json

from protocol import Engine, IndexSession, Refusal, serve


class VSAG(Engine):
    whole = True

    def start(self):
        import numpy
        import pyvsag

        self.numpy = numpy
        self.pyvsag = pyvsag
        return "vsag", importlib.metadata.version("pyvsag")

    def open(self, dimension, rows, metric, threads, parameters):
        # VSAG ends the process over a name that it does not know, so that names are checked here.
        quantizations = ("fp32", "fp16", "bf16", "sq8", "sq8_uniform", "sq4_uniform", "pq", "pqfs", "rabitq")
        settings = {
            "max_degree": parameters.integer("max_degree", 32, minimum=2),
            "ef_construction": parameters.integer("ef_construction", 200),
            "base_quantization_type": parameters.text("base_quantization_type", "sq8", choices=quantizations),
            "use_reorder": parameters.flag("use_reorder", "true"),
            "build_thread_count": threads,
        }
        if parameters.has("precise_quantization_type") or settings["use_reorder"]:
            settings["precise_quantization_type"] = parameters.text(
                "precise_quantization_type", "fp32", choices=quantizations
            )
        if parameters.has("alpha"):
            settings["alpha"] = parameters.real("alpha")
        for name, choices in (
            ("graph_type", ("nsw", "odescent")),
            ("base_io_type", ("memory_io", "block_memory_io")),
            ("precise_io_type", ("memory_io", "block_memory_io")),
        ):
            if parameters.has(name):
                settings[name] = parameters.text(name, choices=choices)
        for name in ("build_by_base", "use_elp_optimizer"):
            if parameters.has(name):
                settings[name] = parameters.flag(name)
        parameters.finish()
        self.dimension, self.rows = dimension, rows
        self.index = self.pyvsag.Index(
            "hgraph",
            json.dumps({"dtype": "float32", "metric_type": metric, "dim": dimension, "index_param": settings}),
        )

    def add(self, rows, first):
        count = len(rows)
        self.index.build(
            vectors=rows.reshape(-1), ids=self.numpy.arange(count), num_elements=count, dim=self.dimension
        )

    def configure(self, k, threads, parameters):
        ef = parameters.integer("ef_search", 10)
        parameters.finish()
        # Outside its bounds VSAG logs an error and answers with memory that nobody has written.
        if not k <= ef <= max(1000, k):
            raise Refusal(f"ef_search is {ef}; it must be at least k = {k} and at most {max(1000, k)}")
        self.settings = json.dumps({"hgraph": {"ef_search": ef}})

    def calls(self, blocks, k):
        # Asked for more rows than there are, VSAG fills the rest from memory that nobody has written.
        k = min(k, self.rows)
        search, settings = self.index.knn_search, self.settings
        if all(len(block) == 1 for block in blocks):
            return search, [(block[0], k, settings) for block in blocks]

        def search_all(rows):
            return [search(row, k, settings) for row in rows]

        return search_all, [(list(block),) for block in blocks]

    def ids(self, answer, count, k):
        found = self.numpy.full((count, k), -1, self.numpy.int64)
        answers = [answer] if isinstance(answer, tuple) else answer
        found[:, : self.rows] = [ids for ids, _ in answers]
        return found

    def index_bytes(self):
        # The binding tells no size, and a saved file is padded to whole blocks: 300 MB for two thousand vectors.
        return None


serve(IndexSession(VSAG()))
