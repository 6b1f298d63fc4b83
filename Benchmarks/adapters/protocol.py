"""The adapter's side of PROTOCOL.md, for engines that are reached from Python.

An adapter of a vector index derives from `Engine`, imports its engine inside `start`, and ends with
`serve(IndexSession(Adapter()))`. embedding.py has what adapters of embedding models share.
"""

import ctypes
import gc
import json
import mmap
import os
import queue
import struct
import sys
import threading
import traceback
from time import perf_counter_ns

PROTOCOL = 1
HEADER_BYTES = 64


class Refusal(Exception):
    """What was asked cannot be done; the sentence goes to the user."""


class Parameters:
    """Values by the engine's own names, as strings; a name that nobody asked for is refused."""

    def __init__(self, operation, given):
        self.operation = operation
        self.given = dict(given)
        self.known = []

    def text(self, name, default=None, choices=None):
        self.known.append(name)
        value = self.given.pop(name, default)
        if value is None:
            raise Refusal(f"{self.operation} needs the parameter {name}")
        if choices is not None and value not in choices:
            raise Refusal(f"{name} is {value}; it may be {', '.join(choices)}")
        return value

    def integer(self, name, default=None, minimum=1):
        value = self.text(name, default)
        try:
            number = int(value)
        except ValueError:
            raise Refusal(f"{name} is {value}; it must be a whole number") from None
        if number < minimum:
            raise Refusal(f"{name} is {value}; it must be at least {minimum}")
        return number

    def real(self, name, default=None):
        value = self.text(name, default)
        try:
            return float(value)
        except ValueError:
            raise Refusal(f"{name} is {value}; it must be a number") from None

    def flag(self, name, default=None):
        return self.text(name, default, choices=("true", "false")) == "true"

    def has(self, name):
        """Whether the optional parameter `name` is given."""
        self.known.append(name)
        return name in self.given

    def finish(self):
        """Refuses what is left over; to be called before anything is built or searched."""
        if self.given:
            known = ", ".join(dict.fromkeys(self.known)) or "none"
            raise Refusal(
                f"unknown {self.operation} parameter {', '.join(sorted(self.given))}; known are {known}"
            )


class Engine:
    """One engine: what an adapter fills in. Arrays are float32 and C-contiguous; ids are row numbers."""

    def start(self):
        """Imports the engine; returns its name and version."""
        raise NotImplementedError

    def open(self, dimension, rows, metric, threads, parameters):
        """Makes an empty index for `rows` vectors. Metric is "l2" or "ip": cosine comes as "ip" on unit vectors."""
        raise NotImplementedError

    def train(self, base):
        """Trains on the base set, where the engine has to."""

    def add(self, rows, first):
        """Adds rows with ids from `first` on."""
        raise NotImplementedError

    def optimize(self):
        """Makes the index ready for search, where that is a step of its own."""

    whole = False
    """True for an engine that is built from all vectors at once."""

    def configure(self, k, threads, parameters):
        """Sets the search parameters; `threads` is how many one call may use."""
        raise NotImplementedError

    def calls(self, blocks, k):
        """A function, and for each block of queries the tuple of its arguments: one call each."""
        raise NotImplementedError

    def ids(self, answer, count, k):
        """The `count × k` ids in one call's answer, −1 where there is none."""
        raise NotImplementedError

    def work(self, answers):
        """Distances computed and nodes visited in the pass, None where the engine cannot tell."""
        return None, None

    def index_bytes(self):
        """Bytes of the index in serialised form, None where the engine cannot tell."""
        raise NotImplementedError


def read_vectors(path):
    """Maps a vector file; its pages are in memory when this returns, so that no engine pays for reading them."""
    import numpy as np

    with open(path, "rb") as file:
        header = file.read(HEADER_BYTES)
        if len(header) < HEADER_BYTES:
            raise Refusal(f"{path} is shorter than its header")
        magic, version, kind, count, dimension = struct.unpack_from("<8sIIQQ", header)
        if magic != b"RMVECTOR" or version != PROTOCOL or kind != 0:
            raise Refusal(f"{path} is no vector file of version {PROTOCOL} with float32 rows")
        size = os.fstat(file.fileno()).st_size
        if size != HEADER_BYTES + 4 * count * dimension:
            raise Refusal(f"{path} has {size} bytes, which are not {count} rows of {dimension}")
        # Copy on write, for engines that want a writable array though they do not write.
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    np.frombuffer(mapped, dtype=np.uint8)[:: mmap.PAGESIZE].sum()
    return np.frombuffer(mapped, dtype="<f4", offset=HEADER_BYTES).reshape(count, dimension)


def write_results(path, ids, latencies):
    """Writes a result file: ids `queries × k`, nanoseconds of each call."""
    import numpy as np

    queries, k = ids.shape
    header = struct.pack("<8sIIQQ", b"RMRESULT", PROTOCOL, k, queries, len(latencies))
    with open(path, "wb") as file:
        file.write(header.ljust(HEADER_BYTES, b"\0"))
        file.write(np.ascontiguousarray(ids, dtype="<i8").data)
        file.write(np.asarray(latencies, dtype="<u8").data)


def normalized(rows):
    """Unit vectors; a zero vector stays zero."""
    import numpy as np

    norms = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
    norms[norms == 0] = 1
    return (rows / norms[:, None]).astype(np.float32)


def private_bytes(with_children=False):
    """Anonymous and modified memory of this process, once the C library has given back what is free."""
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except AttributeError:
        pass  # another C library than glibc
    try:
        return sum(map(private_dirty, [os.getpid(), *(descendants() if with_children else [])]))
    except OSError:
        return None


def private_dirty(process):
    """Bytes of `Private_Dirty` of a process; raises OSError where the system does not tell."""
    with open(f"/proc/{process}/smaps_rollup") as file:
        for line in file:
            if line.startswith("Private_Dirty:"):
                return int(line.split()[1]) * 1024
    raise OSError(f"/proc/{process}/smaps_rollup has no Private_Dirty")


def descendants():
    """The processes that this one has started, and those that they have."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                # After the program's name, which may hold anything: its state, and its parent.
                parents[int(name)] = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has ended meanwhile
    found = [os.getpid()]
    for process in found:
        found += [child for child, parent in parents.items() if parent == process]
    return found[1:]


def folder_bytes(folder):
    return sum(
        os.path.getsize(os.path.join(place, name)) for place, _, names in os.walk(folder) for name in names
    )


class Session:
    """Answers requests with one engine, one after the other. `operations` are methods by the names of the protocol."""

    operations = {}

    def __init__(self, engine):
        self.engine = engine

    def hello(self, request):
        name, version = self.engine.start()
        return {"protocol": PROTOCOL, "engine": name, "version": version}

    def close(self):
        """Ends what the engine has started besides this process."""

    def answer(self, request):
        operation = self.operations.get(request.get("op"))
        try:
            if request.get("op") == "quit":
                self.close()
                fields = {}
            elif operation is None:
                raise Refusal(f"unknown operation {request.get('op')}")
            else:
                fields = operation(self, request)
            return {"id": request.get("id"), "ok": True, **fields}
        except Refusal as refusal:
            reason = str(refusal)
        except Exception as failure:
            traceback.print_exc()
            reason = f"{type(failure).__name__}: {failure}"
        return {"id": request.get("id"), "ok": False, "error": " ".join(reason.split())}


class IndexSession(Session):
    """Builds one index and searches it."""

    def __init__(self, engine):
        super().__init__(engine)
        self.metric = None
        self.shape = None
        self.bytes = None
        self.pools = None

    def stats(self, request):
        private = private_bytes()
        if self.bytes is None and self.shape is not None:
            self.bytes = self.engine.index_bytes()
        return {"index_bytes": self.bytes, "private_bytes": private}

    def build(self, request):
        if self.shape is not None:
            raise Refusal("an index is already built; start another adapter")
        parameters = Parameters("build", request["parameters"])
        base = read_vectors(request["vectors"])
        count, dimension = base.shape
        metric, batch, threads = request["metric"], request["batch"], request["threads"]
        if metric not in ("l2", "ip", "cosine"):
            raise Refusal(f"metric is {metric}; it may be l2, ip, cosine")
        if metric == "cosine":
            base = normalized(base)
        self.limit_threads(threads)
        engine = self.engine
        engine.open(dimension, count, "l2" if metric == "l2" else "ip", threads, parameters)
        parameters.finish()

        start = perf_counter_ns()
        engine.train(base)
        trained = perf_counter_ns()
        batches = []
        for first in range(0, count, count if engine.whole else batch):
            rows = base if engine.whole else base[first : first + batch]
            before = perf_counter_ns()
            engine.add(rows, first)
            batches.append((perf_counter_ns() - before) / 1e9)
        added = perf_counter_ns()
        engine.optimize()
        done = perf_counter_ns()
        self.metric, self.shape = metric, base.shape
        return {
            "train_seconds": (trained - start) / 1e9,
            "add_seconds": (added - trained) / 1e9,
            "optimize_seconds": (done - added) / 1e9,
            "batch_seconds": batches,
        }

    def search(self, request):
        import numpy as np

        if self.shape is None:
            raise Refusal("nothing is built")
        k, threads = request["k"], request["threads"]
        single = request["mode"] == "single"
        size = 1 if single else request["batch"]
        queries = read_vectors(request["queries"])
        if queries.shape[1] != self.shape[1]:
            raise Refusal(f"queries have dimension {queries.shape[1]}, the index {self.shape[1]}")
        # A copy, so that every query lies in memory and is aligned alike.
        queries = normalized(queries) if self.metric == "cosine" else np.array(queries, dtype=np.float32)
        count = len(queries)

        parameters = Parameters("search", request["parameters"])
        self.limit_threads(1 if single else threads)
        self.engine.configure(k, 1 if single else threads, parameters)
        parameters.finish()
        blocks = [queries[first : first + size] for first in range(0, count, size)]
        call, arguments = self.engine.calls(blocks, k)
        seconds, answers, latencies = self.timed(call, arguments, threads if single else 1)

        ids = np.empty((count, k), dtype=np.int64)
        for first, block, answer in zip(range(0, count, size), blocks, answers):
            ids[first : first + size] = self.engine.ids(answer, len(block), k)
        write_results(request["results"], ids, latencies)
        distances, visited = self.engine.work(answers) if threads == 1 or not single else (None, None)
        return {"seconds": seconds, "distances": distances, "visited": visited}

    def timed(self, call, arguments, callers):
        """Makes every call once from `callers` threads, each its contiguous share; latencies are of the call alone."""
        count = len(arguments)
        answers = [None] * count
        latencies = [0] * count
        ends = [count * caller // callers for caller in range(callers + 1)]
        spans = [None] * callers
        failures = []
        ready = threading.Barrier(callers)

        def ask(caller):
            clock = perf_counter_ns
            try:
                if callers > 1:
                    # OpenMP keeps its number of threads for each calling thread.
                    self.limit_threads(1)
                    ready.wait()
                start = clock()
                for index in range(ends[caller], ends[caller + 1]):
                    given = arguments[index]
                    before = clock()
                    answer = call(*given)
                    after = clock()
                    latencies[index] = after - before
                    answers[index] = answer
                spans[caller] = (start, clock())
            except BaseException as failure:
                failures.append(failure)
                ready.abort()

        gc.collect()
        gc.disable()
        try:
            if callers == 1:
                ask(0)
            else:
                threads = [threading.Thread(target=ask, args=(caller,)) for caller in range(callers)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
        finally:
            gc.enable()
        if failures:
            raise failures[0]
        return (max(end for _, end in spans) - min(start for start, _ in spans)) / 1e9, answers, latencies

    def limit_threads(self, threads):
        """Holds OpenMP and BLAS of every library that is loaded to `threads`."""
        if self.pools is None:
            from threadpoolctl import ThreadpoolController

            self.pools = ThreadpoolController()
        self.pools.limit(limits=threads)

    operations = {"hello": Session.hello, "stats": stats, "build": build, "search": search}


def prefer_wide_blas():
    """Names the kernels that OpenBLAS is to use where the CPU has AVX-512, whatever the shell says.

    The OpenBLAS in faiss's wheel takes CPUs newer than itself for old ones and runs at half their speed; so does one that
    an environment made for another purpose holds to older kernels. A peer is measured at its best.
    """
    try:
        with open("/proc/cpuinfo") as file:
            if " avx512f " in file.read():
                os.environ["OPENBLAS_CORETYPE"] = "SkylakeX"
    except OSError:
        pass


def read_requests(requests):
    """Hands requests over as they come. If stdin ends before quit, the harness is gone: so is this, even in a build."""
    try:
        for line in sys.stdin:
            request = json.loads(line)
            requests.put(request)
            if request.get("op") == "quit":
                return
    except ValueError:
        traceback.print_exc()
    os._exit(1)


def serve(session):
    """Answers requests until quit or the end of stdin."""
    prefer_wide_blas()
    # Adapters have their engines' names: an engine must not be looked for beside them.
    sys.path.pop(0)
    # Engines that print do so into the log.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    requests = queue.SimpleQueue()
    threading.Thread(target=read_requests, args=(requests,), daemon=True).start()
    while True:
        request = requests.get()
        json.dump(session.answer(request), replies, allow_nan=False)
        replies.write("\n")
        replies.flush()
        if request.get("op") == "quit":
            # Not every engine survives the interpreter's own shutdown.
            os._exit(0)
