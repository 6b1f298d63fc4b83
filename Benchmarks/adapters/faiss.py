"""faiss: build factory (any index_factory string) and attributes by name; search attributes by name.

A name is faiss's own, as in ParameterSpace (nprobe, efSearch, k_factor_rf, quantizer_efSearch, ...) or as an attribute
of the index or of one that it wraps (hnsw.efConstruction, cp.niter, k_factor, bbs, ...).
"""

import importlib.metadata

from protocol import Engine, IndexSession, Refusal, serve

ALIASES = {
    "efSearch": "hnsw.efSearch",
    "efConstruction": "hnsw.efConstruction",
    "k_factor_rf": "k_factor",
    "ht": "polysemous_ht",
}


class Faiss(Engine):
    def start(self):
        import faiss
        import numpy

        self.faiss = faiss
        self.numpy = numpy
        self.defaults = {}
        return "faiss", importlib.metadata.version("faiss-cpu")

    def open(self, dimension, rows, metric, threads, parameters):
        faiss = self.faiss
        factory = parameters.text("factory")
        try:
            self.index = faiss.index_factory(
                dimension, factory, faiss.METRIC_L2 if metric == "l2" else faiss.METRIC_INNER_PRODUCT
            )
        except RuntimeError as failure:
            raise Refusal(f"factory {factory}: {failure}") from None
        for name in list(parameters.given):
            self.set(name, parameters.text(name), "build")

    def train(self, base):
        if not self.index.is_trained:
            self.index.train(base)

    def add(self, rows, first):
        self.index.add(rows)

    def configure(self, k, threads, parameters):
        # What an earlier pass set is not this pass's.
        for owner, attribute, value in self.defaults.values():
            setattr(owner, attribute, value)
        for name in list(parameters.given):
            self.set(name, parameters.text(name), "search")

    def calls(self, blocks, k):
        # The C++ method under the wrapper, which would check and convert (3 to 4 µs) in every call.
        faiss, numpy = self.faiss, self.numpy
        self.answers = [
            (numpy.empty((len(block), k), numpy.float32), numpy.empty((len(block), k), numpy.int64)) for block in blocks
        ]
        self.found = iter(self.answers)
        arguments = [
            (len(block), faiss.swig_ptr(block), k, faiss.swig_ptr(distances), faiss.swig_ptr(ids))
            for block, (distances, ids) in zip(blocks, self.answers)
        ]
        faiss.cvar.hnsw_stats.reset()
        faiss.cvar.indexIVF_stats.reset()
        return self.index.search_c, arguments

    def ids(self, answer, count, k):
        return next(self.found)[1]

    def work(self, answers):
        graph, lists = self.faiss.cvar.hnsw_stats, self.faiss.cvar.indexIVF_stats
        return (graph.ndis + lists.ndis) or None, (graph.nhops + lists.nlist) or None

    def index_bytes(self):
        size = 0

        def count(block):
            nonlocal size
            size += len(block)

        writer = self.faiss.BufferedIOWriter(self.faiss.PyCallbackIOWriter(count), 1 << 20)
        self.faiss.write_index(self.index, writer)
        del writer
        return size

    def set(self, name, text, operation):
        """Sets attribute `name` of the first index in the chain that has it, and remembers what it was."""
        owner, attribute = self.owner(name)
        if owner is None:
            raise Refusal(f"unknown {operation} parameter {name}: {self.chain_names()} has no such attribute")
        value = getattr(owner, attribute)
        try:
            converted = text == "true" if isinstance(value, bool) else type(value)(text)
        except ValueError:
            raise Refusal(f"{name} is {text}; it must be {type(value).__name__}") from None
        setattr(owner, attribute, converted)
        if operation == "search":
            self.defaults.setdefault(name, (owner, attribute, value))

    def owner(self, name):
        indexes = self.chain()
        if name.startswith("quantizer_"):
            name = name.removeprefix("quantizer_")
            indexes = [self.faiss.downcast_index(index.quantizer) for index in indexes if hasattr(index, "quantizer")]
        *path, attribute = ALIASES.get(name, name).split(".")
        for owner in indexes:
            for step in path:
                owner = getattr(owner, step, None)
            if isinstance(getattr(owner, attribute, None), (bool, int, float)):
                return owner, attribute
        return None, attribute

    def chain(self):
        """The index and those it wraps, outermost first."""
        found = [self.index]
        for name in ("base_index", "index"):
            while hasattr(found[-1], name):
                found.append(self.faiss.downcast_index(getattr(found[-1], name)))
        return found

    def chain_names(self):
        return " over ".join(type(index).__name__ for index in self.chain())


serve(IndexSession(Faiss()))
