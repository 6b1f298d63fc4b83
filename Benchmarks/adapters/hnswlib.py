"""hnswlib: build M, ef_construction, random_seed; search ef."""

import importlib.metadata

from protocol import Engine, IndexSession, serve


class Hnswlib(Engine):
    def start(self):
        import hnswlib
        import numpy

        self.hnswlib = hnswlib
        self.numpy = numpy
        return "hnswlib", importlib.metadata.version("hnswlib")

    def open(self, dimension, rows, metric, threads, parameters):
        self.threads = threads
        m = parameters.integer("M", 16, minimum=2)
        ef_construction = parameters.integer("ef_construction", 200)
        seed = parameters.integer("random_seed", 100, minimum=0)
        parameters.finish()
        self.index = self.hnswlib.Index(space=metric, dim=dimension)
        self.index.init_index(max_elements=rows, M=m, ef_construction=ef_construction, random_seed=seed)

    def add(self, rows, first):
        self.index.add_items(rows, self.numpy.arange(first, first + len(rows)), num_threads=self.threads)

    def configure(self, k, threads, parameters):
        ef = parameters.integer("ef", 10)
        parameters.finish()
        self.index.set_ef(ef)
        self.search_threads = threads

    def calls(self, blocks, k):
        return self.index.knn_query, [(block, k, self.search_threads) for block in blocks]

    def ids(self, answer, count, k):
        return answer[0]

    def index_bytes(self):
        return self.index.index_file_size()


serve(IndexSession(Hnswlib()))
