"""Servers as processes of their own, for the scripts beside this file and for Tests/clients.

    python3 scripts/servers.py NAME COMMAND...    starts one, asks it for a completion, ends it: a line, and exit code 1 if it does
                                                  not answer. `--port P` is added to COMMAND
"""

import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def fetch(url, body=None, headers=None, timeout=30):
    """Status, headers and body of an answer, whatever its status; OSError where there is none."""
    request = urllib.request.Request(url, data=body, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.headers, refusal.read()


def eventually(condition, seconds=10):
    """The first true value of `condition()`; fails if there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"did not become true in {seconds} s")
        time.sleep(0.02)


class StartedServer:
    """A server in the foreground of a process of its own, on loopback; inside the `with` block it is ready."""

    def __init__(self, command, port=None, **options):
        """`--port P` is added to the command; the options are those of Popen."""
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [*map(str, command), "--port", str(self.port)],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, **options,
        )

    def __enter__(self):
        try:
            eventually(self.answers, 300)
        except BaseException:
            self.__exit__()
            raise
        return self

    def answers(self):
        if self.process.poll() is not None:
            end = " | ".join(self.logged().strip().splitlines()[-3:])
            raise RuntimeError(f"the server ended with {self.process.returncode}; {end}")
        try:
            return fetch(f"{self.url}/health", timeout=5)[0] == 200
        except OSError:
            return False

    def logged(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def main():
    name, *command = sys.argv[1:]
    start = time.monotonic()
    try:
        with StartedServer(command) as server:
            seconds = time.monotonic() - start
            body = {"model": "smollm2-135m", "prompt": "The capital of France is", "max_tokens": 4, "temperature": 0}
            headers = {"Content-Type": "application/json"}
            _, _, answer = fetch(f"{server.url}/v1/completions", json.dumps(body).encode(), headers, timeout=120)
            told = json.loads(answer)
            text, tokens = told["choices"][0]["text"], told["usage"]["completion_tokens"]
            if tokens != 4 or "Paris" not in text:
                raise RuntimeError(f"it went on with {tokens} tokens, {text!r}")
            print(f"  {name}'s server: ready after {seconds:.1f} s, {text.strip()!r}")
    except (AssertionError, RuntimeError, OSError, KeyError, ValueError) as failure:
        print(f"  {name}'s server: {failure}")
        sys.exit(1)


if __name__ == "__main__":
    main()
