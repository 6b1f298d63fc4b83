"""SVS (scalable-vs), Vamana graph: build graph_max_degree, window_size, alpha, max_candidate_pool_size, prune_to,
use_full_search_history; search search_window_size, search_buffer_capacity, search_buffer_visited_set,
prefetch_lookahead, prefetch_step.
"""

import importlib.metadata
import tempfile

from protocol import Engine, IndexSession, Refusal, folder_bytes, serve


class SVS(Engine):
    whole = True

    def start(self):
        import numpy
        import svs

        self.numpy = numpy
        self.svs = svs
        return "svs", importlib.metadata.version("scalable-vs")

    def open(self, dimension, rows, metric, threads, parameters):
        self.threads = threads
        self.distance = self.svs.DistanceType.L2 if metric == "l2" else self.svs.DistanceType.MIP
        degree = parameters.integer("graph_max_degree", 32, minimum=2)
        settings = {
            "graph_max_degree": degree,
            "window_size": parameters.integer("window_size", 200),
            "alpha": parameters.real("alpha", 1.2 if metric == "l2" else 0.95),
            "use_full_search_history": parameters.flag("use_full_search_history", "true"),
        }
        for name in ("max_candidate_pool_size", "prune_to"):
            if parameters.has(name):
                settings[name] = parameters.integer(name)
        parameters.finish()
        self.settings = self.svs.VamanaBuildParameters(**settings)

    def add(self, rows, first):
        self.index = self.svs.Vamana.build(self.settings, rows, self.distance, num_threads=self.threads)
        self.own = self.index.search_parameters

    def configure(self, k, threads, parameters):
        window = parameters.integer("search_window_size", 10)
        capacity = parameters.integer("search_buffer_capacity", window)
        # What is not given stays as the build left it: those are SVS's own choices.
        own = self.own
        visited, lookahead, step = own.search_buffer_visited_set, own.prefetch_lookahead, own.prefetch_step
        if parameters.has("search_buffer_visited_set"):
            visited = parameters.flag("search_buffer_visited_set")
        if parameters.has("prefetch_lookahead"):
            lookahead = parameters.integer("prefetch_lookahead", minimum=0)
        if parameters.has("prefetch_step"):
            step = parameters.integer("prefetch_step", minimum=0)
        parameters.finish()
        if window < k or capacity < window:
            raise Refusal(
                f"search_window_size {window} must be at least k = {k}, search_buffer_capacity {capacity} at least that"
            )
        self.index.search_parameters = self.svs.VamanaSearchParameters(
            self.svs.SearchBufferConfig(window, capacity), visited, lookahead, step
        )
        self.index.num_threads = threads

    def calls(self, blocks, k):
        return self.index.search, [(block, k) for block in blocks]

    def ids(self, answer, count, k):
        # Where nothing was found stands the largest unsigned number, which is −1 when signed.
        return answer[0].astype(self.numpy.int64)

    def index_bytes(self):
        with tempfile.TemporaryDirectory() as folder:
            self.index.save(f"{folder}/config", f"{folder}/graph", f"{folder}/data")
            return folder_bytes(folder)


serve(IndexSession(SVS()))
