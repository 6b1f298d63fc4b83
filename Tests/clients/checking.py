"""Checks that run one after the other, a line each."""

import os
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "..", "scripts"))

from servers import StartedServer, eventually, fetch, free_port  # noqa: E402, F401 (for the checks)


class Skip(Exception):
    """The check does not apply to this server; the sentence says why."""


class Checks:
    """Functions in the order in which they were marked."""

    def __init__(self):
        self.functions = []

    def __call__(self, function):
        self.functions.append(function)
        return function

    def run(self, context, words):
        """Runs those whose names hold one of `words`, or all; returns the exit code."""
        failed = skipped = 0
        chosen = [check for check in self.functions if not words or any(word in check.__name__ for word in words)]
        for check in chosen:
            name = check.__name__.replace("_", " ")
            start = time.monotonic()
            try:
                check(context)
            except Skip as reason:
                skipped += 1
                print(f"skip  {name}: {reason}", flush=True)
            except Exception as failure:
                failed += 1
                place = traceback.extract_tb(failure.__traceback__)
                lines = [frame for frame in place if os.path.dirname(frame.filename) == HERE and frame.name != "expect"]
                at = f"{os.path.basename(lines[-1].filename)}:{lines[-1].lineno}: {lines[-1].line}" if lines else "?"
                print(f"FAIL  {name}: {type(failure).__name__}: {failure} ({at})", flush=True)
            else:
                print(f"ok    {name} ({time.monotonic() - start:.2f} s)", flush=True)
        print(f"{len(chosen) - failed - skipped} passed, {failed} failed, {skipped} skipped", flush=True)
        return 1 if failed or not chosen else 0


def expect(condition, *found):
    """Fails with what was found instead; a sentence, unlike `assert`, that -O does not remove."""
    if not condition:
        raise AssertionError("; ".join(f"{value!r}" for value in found) or "does not hold")


def metric(url, name):
    """The sum of a metric's values over its labels; None where the server does not tell."""
    values = []
    for line in fetch(f"{url}/metrics")[2].decode().splitlines():
        if line.startswith((name + "{", name + " ")):
            values.append(float(line.rsplit(" ", 1)[1]))
    return sum(values) if values else None
