"""Starts a server, asks it for one completion, and ends it.

    check_server.py NAME COMMAND...    a line; exit code 1 if it does not answer. `--port P` is added to COMMAND
"""

import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PATIENCE = 300
"""Seconds for the start."""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def ask(url, body=None, timeout=60):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return answer.read()


def wait_until_healthy(url, process):
    """Seconds until /health answers; raises if the process ends before, or patience does."""
    start = time.monotonic()
    while time.monotonic() - start < PATIENCE:
        if process.poll() is not None:
            raise RuntimeError(f"it ended with {process.returncode}")
        try:
            ask(f"{url}/health", timeout=5)
            return time.monotonic() - start
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"it is not ready after {PATIENCE} s")


def main():
    name, script, server, *options = sys.argv[1:]
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        process = subprocess.Popen([script, server, "--port", str(port), *options], stdout=log, stderr=log)
        try:
            seconds = wait_until_healthy(url, process)
            body = {"model": "smollm2-135m", "prompt": "The capital of France is", "max_tokens": 4, "temperature": 0}
            answer = json.loads(ask(f"{url}/v1/completions", body))
            text, tokens = answer["choices"][0]["text"], answer["usage"]["completion_tokens"]
            if tokens != 4 or "Paris" not in text:
                raise RuntimeError(f"it went on with {tokens} tokens, {text!r}")
            print(f"  {name}'s server: ready after {seconds:.1f} s, {text.strip()!r}")
        except (RuntimeError, OSError, KeyError, ValueError) as failure:
            log.seek(0)
            lines = " | ".join(log.read().strip().splitlines()[-3:])
            print(f"  {name}'s server: {failure}; {lines}")
            sys.exit(1)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


main()
