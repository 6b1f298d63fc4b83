"""usearch: build connectivity, expansion_add, dtype (f32, f16, bf16, i8); search expansion_search.

With i8 the adapter brings base and queries to one scale, max |x| of the base = 127: usearch itself would divide every
vector by its own length, which only cosine survives. Queries are brought there before the clock starts.
"""

import importlib.metadata

from protocol import Engine, IndexSession, serve


class USearch(Engine):
    def start(self):
        import numpy
        import usearch.index

        self.numpy = numpy
        self.usearch = usearch.index
        return "usearch", importlib.metadata.version("usearch")

    def open(self, dimension, rows, metric, threads, parameters):
        self.threads = threads
        self.dtype = parameters.text("dtype", "f32", choices=("f32", "f16", "bf16", "i8"))
        connectivity = parameters.integer("connectivity", 16, minimum=2)
        expansion_add = parameters.integer("expansion_add", 128)
        parameters.finish()
        self.index = self.usearch.Index(
            ndim=dimension,
            metric="l2sq" if metric == "l2" else "ip",
            dtype=self.dtype,
            connectivity=connectivity,
            expansion_add=expansion_add,
        )
        self.scale = None

    def train(self, base):
        if self.dtype == "i8":
            self.scale = 127 / (float(max(base.max(), -base.min())) or 1.0)

    def coded(self, rows):
        if self.scale is None:
            return rows
        numpy = self.numpy
        return numpy.clip(numpy.rint(rows * self.scale), -127, 127).astype(numpy.int8)

    def add(self, rows, first):
        keys = self.numpy.arange(first, first + len(rows), dtype=self.numpy.uint64)
        self.index.add(keys, self.coded(rows), threads=self.threads)

    def configure(self, k, threads, parameters):
        expansion = parameters.integer("expansion_search", 64)
        parameters.finish()
        self.index.expansion_search = expansion
        self.search_threads = threads

    def calls(self, blocks, k):
        # The compiled method under the wrapper, which would add 10 µs and more to every call.
        return self.index._compiled.search_many, [
            (self.coded(block), k, False, self.search_threads) for block in blocks
        ]

    def ids(self, answer, count, k):
        keys, _, counts = answer[:3]
        found = keys.astype(self.numpy.int64)
        found[self.numpy.arange(k)[None, :] >= counts[:, None]] = -1
        return found

    def work(self, answers):
        return sum(answer[4] for answer in answers), sum(answer[3] for answer in answers)

    def index_bytes(self):
        return self.index.serialized_length


serve(IndexSession(USearch()))
