"""Milvus Lite behind the store operations of PROTOCOL.md: one file of one process, over pymilvus."""

import base64
import json
import os
import sys

# What libraries print must not stand between replies.
replies = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
os.dup2(2, 1)

# This file has the name of the package that it needs.
sys.path = [path for path in sys.path if path != os.path.dirname(os.path.abspath(__file__))]

import numpy  # noqa: E402
from pymilvus import DataType, MilvusClient, MilvusException  # noqa: E402

PROTOCOL = 1
INDEXES = {"flat": "FLAT", "ivf": "IVF_FLAT"}
# Milvus answers no longer page.
PAGE = 16384


class Store:
    def __init__(self):
        self.client = None
        self.schemas = {}

    def op_hello(self, request):
        import importlib.metadata

        return {"protocol": PROTOCOL, "engine": "milvus-lite", "version": importlib.metadata.version("milvus-lite")}

    def op_open_store(self, request):
        self.client = MilvusClient(request["path"])
        for name in self.client.list_collections():
            description = self.client.describe_collection(name).get("description", "")
            try:
                self.schemas[name] = json.loads(description)
            except ValueError:
                continue  # another program's collection, which is none of ours
        return {}

    def op_create(self, request):
        schema = request["schema"]
        fields = self.client.create_schema(
            auto_id=schema["auto_id"], enable_dynamic_field=True, description=json.dumps(schema)
        )
        if schema["key_type"] == "integer":
            fields.add_field("id", DataType.INT64, is_primary=True)
        else:
            fields.add_field("id", DataType.VARCHAR, is_primary=True, max_length=65535)
        fields.add_field("vector", DataType.FLOAT_VECTOR, dim=schema["dimension"])
        index = self.client.prepare_index_params()
        parameters = {"nlist": request["nlist"]} if schema["index"] == "ivf" else {}
        index.add_index(
            "vector", index_type=INDEXES[schema["index"]], metric_type=schema["metric"], params=parameters
        )
        self.client.create_collection(schema["name"], schema=fields, index_params=index)
        self.schemas[schema["name"]] = schema
        return {}

    def op_drop(self, request):
        self.client.drop_collection(request["collection"])
        self.schemas.pop(request["collection"], None)
        return {}

    def op_collections(self, request):
        return {
            "collections": [
                {"schema": json.dumps(self.schemas[name]), "rows": self.count(name)} for name in sorted(self.schemas)
            ]
        }

    def count(self, name):
        return self.client.query(name, filter="", output_fields=["count(*)"])[0]["count(*)"]

    def op_existing(self, request):
        keys = request["keys"]
        found = []
        for start in range(0, len(keys), 1024):
            found += self.client.get(request["collection"], ids=keys[start : start + 1024], output_fields=["id"])
        return {"keys": [row["id"] for row in found]}

    def op_write(self, request):
        name = request["collection"]
        dimension = self.schemas[name]["dimension"]
        vectors = numpy.frombuffer(base64.b64decode(request["vectors"]), "<f4").reshape(-1, dimension)
        rows = []
        for vector, fields, key in zip(vectors, request["fields"], request["keys"] or [None] * len(vectors)):
            row = {**fields, "vector": vector.tolist()}
            if key is not None:
                row["id"] = key
            rows.append(row)
        written = (self.client.upsert if request["replaces"] else self.client.insert)(name, rows)
        return {"keys": list(written.get("ids", []))}

    def op_delete(self, request):
        keys = request["keys"]
        for start in range(0, len(keys), 1024):
            self.client.delete(request["collection"], ids=keys[start : start + 1024])
        return {}

    def op_keys(self, request):
        """The keys of all rows that match, in no order."""
        found = []
        iterator = self.client.query_iterator(
            request["collection"], batch_size=PAGE // 4, filter=request["filter"], output_fields=["id"]
        )
        while page := iterator.next():
            found += [row["id"] for row in page]
        iterator.close()
        return {"keys": found}

    def op_rows(self, request):
        keys = request["keys"]
        found = {}
        for start in range(0, len(keys), 1024):
            for row in self.client.get(
                request["collection"], ids=keys[start : start + 1024], output_fields=self.named(request)
            ):
                found[row["id"]] = row
        present = [found[key] for key in keys if key in found]
        vectors = numpy.array([row["vector"] for row in present] if request["vectors"] else [], "<f4")
        return {
            "keys": [row["id"] for row in present],
            "fields": [self.fields(row, request) for row in present],
            "vectors": base64.b64encode(vectors.tobytes()).decode(),
        }

    def op_search(self, request):
        name = request["collection"]
        schema = self.schemas[name]
        queries = numpy.frombuffer(base64.b64decode(request["queries"]), "<f4").reshape(-1, schema["dimension"])
        hits = self.client.search(
            name,
            queries.tolist(),
            filter=request["filter"],
            limit=request["limit"],
            output_fields=self.named(request),
            search_params={"metric_type": schema["metric"], "params": request["parameters"]},
        )
        return {
            "hits": [
                [
                    {"key": hit["id"], "distance": hit["distance"], "fields": self.fields(hit["entity"], request)}
                    for hit in found
                ]
                for found in hits
            ]
        }

    @staticmethod
    def named(request):
        wanted = request["output"]
        return ["*"] if wanted is None else ["id", *wanted] + (["vector"] if request.get("vectors") else [])

    @staticmethod
    def fields(row, request):
        wanted = request["output"]
        return {
            name: value
            for name, value in row.items()
            if name not in ("id", "vector") and (wanted is None or name in wanted)
        }

    def op_quit(self, request):
        if self.client:
            self.client.close()
        return {}


def main():
    store = Store()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            reply = {"ok": True, **getattr(store, "op_" + request["op"])(request)}
        except MilvusException as error:
            reply = {"ok": False, "error": " ".join(error.message.split())}
        except Exception as error:
            reply = {"ok": False, "error": " ".join(f"{type(error).__name__}: {error}".split())}
        replies.write(json.dumps({"id": request["id"], **reply}, ensure_ascii=False) + "\n")
        replies.flush()
        if request["op"] == "quit":
            return


main()
