"""`ragmeter load` and `ragmeter serve` as processes of their own, and what goes wrong between them.

    load_faults.py [--program .build/release/ragmeter] [CHECK...]

A check is a function below, and CHECK a part of its name; a line each, and exit code 1 if one fails. It needs nothing but
Python's own library.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

from checking import HERE, Checks, StartedServer, eventually, expect, free_port, metric

check = Checks()
MODEL = "smollm2-135m"
KEY, WRONG_KEY = "sk-a-key-that-must-not-be-seen", "sk-a-wrong-key-that-must-not-be-seen"


class Context:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.runs = 0

    def serve(self, *options, port=None, **environment):
        command = [self.program, "serve", "--model", MODEL, *options]
        return StartedServer(command, port, env={**os.environ, **environment})

    def load(self, url, *options, **environment):
        """A run that has begun; everything that it writes lies in a folder of its own."""
        self.runs += 1
        return Run(self.program, os.path.join(self.folder, str(self.runs)), url, options, environment)


class Run:
    def __init__(self, program, folder, url, options, environment):
        os.mkdir(folder)
        self.folder = folder
        command = [
            program, "load", "--url", url, "--preset", "ragmeter", "--json", "run.json", "--markdown", "run.md", "--store", "runs.sqlite", *options,
        ]
        with open(f"{folder}/out", "wb") as out, open(f"{folder}/err", "wb") as err:
            self.process = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env={**os.environ, **environment}
            )

    def ended(self, seconds=120):
        """Its exit code."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"did not end in {seconds} s; {self.errors()}") from None

    def errors(self):
        with open(f"{self.folder}/err") as file:
            return file.read()

    def metrics(self):
        with open(f"{self.folder}/run.json") as file:
            return {name: value["value"] for name, value in json.load(file)["cases"][0]["metrics"].items()}

    def written(self):
        """Every byte that it left behind."""
        return {entry.name: open(entry.path, "rb").read() for entry in os.scandir(self.folder) if entry.is_file()}


def accounted(metrics):
    """Every request that was scheduled ended in exactly one way; their number."""
    ways = [metrics[name] for name in ("completed", "failed", "cancelled")]
    expect(sum(ways) == metrics["scheduled"], metrics)
    return metrics["scheduled"]


def says_in_a_sentence(run, *words):
    """Exit code 1, and one line on standard error that holds the words."""
    code, errors = run.ended(), run.errors()
    lines = [line for line in errors.splitlines() if line.startswith("ragmeter: ") and line.count(": ") > 1]
    expect(code == 1 and len(lines) == 1 and all(word in lines[0] for word in words), code, errors)


@check
def nobody_listens(context):
    port = free_port()
    run = context.load(f"http://127.0.0.1:{port}", "--model", MODEL, "--concurrency", "2", "--requests", "4")
    says_in_a_sentence(run, "connect", str(port))


@check
def the_model_is_another(context):
    with context.serve() as server:
        run = context.load(server.url, "--model", "no-such-model", "--concurrency", "2", "--requests", "4")
        says_in_a_sentence(run, "404", "no-such-model", "does not exist")


@check
def keys_are_not_seen(context):
    with context.serve("--api-key-env", "SERVE_KEY", SERVE_KEY=KEY) as server:
        options = ["--model", MODEL, "--concurrency", "2", "--requests", "8", "--api-key-env", "CLIENT_KEY"]
        right = context.load(server.url, *options, CLIENT_KEY=KEY)
        expect(right.ended() == 0 and right.metrics()["completed"] == 8, right.errors())
        wrong = context.load(server.url, *options, CLIENT_KEY=WRONG_KEY)
        says_in_a_sentence(wrong, "401", "API key is missing or wrong")
        missing = context.load(server.url, *options)
        expect(missing.ended() in (1, 64) and "CLIENT_KEY" in missing.errors(), missing.errors())
        for run in (right, wrong, missing):
            for name, content in run.written().items():
                expect(KEY.encode() not in content and WRONG_KEY.encode() not in content, f"{name} shows a key")
        expect(KEY not in server.logged() and WRONG_KEY not in server.logged(), "the server's log shows a key")


def has_generated(server, tokens):
    return lambda: (metric(server.url, "vllm:generation_tokens_total") or 0) >= tokens


ENDLESS = ["--model", MODEL, "--prompts", "lengths:prompt=32,output=64", "--temperature", "0"]


@check
def a_server_is_killed_and_comes_back(context):
    with context.serve() as server:
        run = context.load(server.url, *ENDLESS, "--concurrency", "8", "--requests", "300")
        eventually(has_generated(server, 1000), 60)
        server.process.kill()
        server.process.wait()
    with context.serve(port=server.port) as again:
        expect(run.ended() == 0, run.errors())
        metrics = run.metrics()
        expect(accounted(metrics) == 300 and metrics["failed"] >= 1 and metrics["completed"] >= 100, metrics)
        expect(metric(again.url, "vllm:generation_tokens_total") > 0)


@check
def a_server_is_killed_for_good(context):
    with context.serve() as server:
        run = context.load(server.url, *ENDLESS, "--rate", "20", "--requests", "200")
        eventually(has_generated(server, 1000), 60)
        server.process.kill()
    run.ended()
    metrics = run.metrics()
    expect(accounted(metrics) == 200 and metrics["failed"] >= 1 and metrics["completed"] >= 1, metrics)


@check
def a_server_is_asked_to_end_under_load(context):
    with context.serve() as server:
        run = context.load(server.url, *ENDLESS, "--concurrency", "8", "--requests", "200")
        eventually(has_generated(server, 1000), 60)
        server.process.send_signal(signal.SIGTERM)
        expect(server.process.wait(60) == 0, server.logged())
    run.ended()
    metrics = run.metrics()
    expect(accounted(metrics) == 200 and metrics["completed"] >= 8, metrics)
    # What was under way was finished: nothing broke off.
    with open(f"{run.folder}/run.json") as file:
        told = file.read()
    expect("truncated" not in told and "reset" not in told, told)


@check
def a_server_that_stands_still_is_waited_for_from_the_intended_moment(context):
    with context.serve() as server:
        run = context.load(
            server.url, "--model", MODEL, "--prompts", "lengths:prompt=8,output=8", "--temperature", "0",
            "--rate", "40", "--arrivals", "constant", "--requests", "240", "--warmup", "0",
        )
        eventually(has_generated(server, 200), 60)
        server.process.send_signal(signal.SIGSTOP)
        time.sleep(1.5)
        server.process.send_signal(signal.SIGCONT)
        expect(run.ended() == 0, run.errors())
        metrics = run.metrics()
        # Some 60 of 240 fell into the pause, and waited for most of it, though few connections were open when it began.
        expect(accounted(metrics) == 240 == metrics["completed"] and metrics["e2e_p99"] > 1, metrics)


@check
def a_run_that_is_interrupted_leaves_no_request_behind(context):
    with context.serve() as server:
        options = ["--model", MODEL, "--prompts", "lengths:prompt=32,output=1500", "--concurrency", "4", "--requests", "40"]
        run = context.load(server.url, *options)
        eventually(has_generated(server, 100), 60)
        run.process.send_signal(signal.SIGINT)
        expect(run.ended() != 0, run.errors())
        states = ("vllm:num_requests_running", "vllm:num_requests_waiting", "vllm:kv_cache_usage_perc")
        eventually(lambda: all(metric(server.url, name) == 0 for name in states))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(HERE, "..", "..", ".build", "release", "ragmeter"))
    parser.add_argument("check", nargs="*")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    if not os.access(program, os.X_OK):
        sys.exit(f"{program} is missing; swift build -c release --product ragmeter")
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(check.run(Context(program, folder), options.check))


main()
