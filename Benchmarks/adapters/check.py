"""Asks every adapter beside this file to build and search ten vectors; a line for each, exit code 1 if one fails."""

import json
import os
import struct
import subprocess
import sys
import tempfile

REQUESTS = {
    "faiss": ({"factory": "Flat"}, {}),
    "hnswlib": ({}, {}),
    "usearch": ({}, {}),
    "svs": ({}, {}),
    "vsag": ({}, {}),
}
ROWS = [(float(row), float(row % 3)) for row in range(10)]


def check(name, build, search, folder):
    """The engine's name and version; raises with a reason if it does not find every vector itself."""
    vectors, results = f"{folder}/{name}-vectors", f"{folder}/{name}-results"
    with open(vectors, "wb") as file:
        file.write(struct.pack("<8sIIQQ", b"RMVECTOR", 1, 0, len(ROWS), 2).ljust(64, b"\0"))
        for row in ROWS:
            file.write(struct.pack("<2f", *row))
    common = {"threads": 1, "k": 1, "batch": len(ROWS), "metric": "l2", "mode": "single"}
    requests = [
        {"id": 1, "op": "hello", "protocol": 1},
        {"id": 2, "op": "build", "vectors": vectors, "parameters": build, **common},
        {"id": 3, "op": "search", "queries": vectors, "results": results, "parameters": search, **common},
        {"id": 4, "op": "quit"},
    ]
    adapter = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.py")
    ended = subprocess.run(
        [sys.executable, adapter],
        input="".join(json.dumps(request) + "\n" for request in requests),
        capture_output=True,
        text=True,
        timeout=120,
    )
    replies = [json.loads(line) for line in ended.stdout.splitlines()]
    for reply in replies:
        if not reply["ok"]:
            raise RuntimeError(reply["error"])
    if len(replies) < len(requests):
        log = " | ".join(ended.stderr.strip().splitlines()[-3:])
        raise RuntimeError(f"ended with {ended.returncode} after {len(replies)} answers; {log}")
    with open(results, "rb") as file:
        ids = struct.unpack_from(f"<{len(ROWS)}q", file.read(), 64)
    if list(ids) != list(range(len(ROWS))):
        raise RuntimeError(f"found {ids} as the nearest of rows 0 to {len(ROWS) - 1}")
    return f"{replies[0]['engine']} {replies[0]['version']}"


def main():
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for name, (build, search) in REQUESTS.items():
            try:
                print(f"  {check(name, build, search, folder)}")
            except Exception as failure:
                failed = True
                print(f"  {name}: {failure}")
    sys.exit(failed)


main()
