"""OpenAI's own Python client against `ragmeter serve`, or against another server that means to speak its language.

    openai_client.py [--program .build/release/ragmeter] [CHECK...]    starts servers of its own on free ports
    openai_client.py --url http://127.0.0.1:8000 [CHECK...]

Runs in the environment that `scripts/peers clients` makes. A check is a function below, and CHECK a part of its name; a line
each, and exit code 1 if one fails. Against vLLM's server (scripts/serve-peer vllm) it proves itself right; there, checks of keys,
limits and embeddings are skipped.
"""

import argparse
import asyncio
import base64
import json
import math
import os
import signal
import struct
import sys
import threading

import openai

from checking import HERE, Checks, Skip, StartedServer, eventually, expect, fetch, metric

check = Checks()
CAPITAL = "The capital of France is"
QUESTION = [{"role": "user", "content": "Name a colour and a fruit."}]


class Context:
    """The server under test, and how to start more of its kind."""

    def __init__(self, url, model, embedder, program=None):
        self.url, self.model, self.embedder, self.program = url, model, embedder, program
        self.client = self.connect()

    def connect(self, **options):
        return openai.OpenAI(**{"base_url": f"{self.url}/v1", "api_key": "none", "max_retries": 0, "timeout": 120, **options})

    def complete(self, prompt=CAPITAL, **options):
        return self.client.completions.create(model=self.model, prompt=prompt, **{"max_tokens": 8, **options})

    def chat(self, messages=QUESTION, **options):
        return self.client.chat.completions.create(model=self.model, messages=messages, **{"max_tokens": 16, **options})

    def post(self, path, **body):
        """Status and JSON of an answer, without the client."""
        status, _, answer = fetch(
            f"{self.url}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        return status, json.loads(answer)

    def start(self, *options, **environment):
        if self.program is None:
            raise Skip("needs a server of its own")
        return StartedServer([self.program, "serve", *options], env={**os.environ, **environment})


def refused(kind, call):
    """The error that `call` raises, which must be of that kind and have OpenAI's shape."""
    try:
        call()
    except kind as error:
        expect(isinstance(error.body, dict) and error.body.get("message"), error.body)
        expect(error.body.get("code") in (error.status_code, None) or isinstance(error.body["code"], str), error.body)
        expect("type" in error.body and "param" in error.body, error.body)
        return error
    raise AssertionError(f"no {kind.__name__}")


# What a server is and has.


@check
def lists_its_model(context):
    models = {model.id: model for model in context.client.models.list()}
    expect(context.model in models, models)
    expect(models[context.model].object == "model", models)
    expect(getattr(models[context.model], "max_model_len", 0) > 0, models)


@check
def says_it_is_well_and_which_version(context):
    expect(fetch(f"{context.url}/health")[0] == 200)
    status, _, body = fetch(f"{context.url}/version")
    expect(status == 200 and isinstance(json.loads(body)["version"], str), body)


@check
def tokenizes_and_back(context):
    _, answer = context.post("/tokenize", model=context.model, prompt=CAPITAL)
    expect(answer["count"] == len(answer["tokens"]) == 5 and answer["max_model_len"] > 0, answer)
    _, back = context.post("/detokenize", model=context.model, tokens=answer["tokens"])
    expect(back["prompt"] == CAPITAL, back)


# Completions.


@check
def completes_a_text(context):
    answer = context.complete(temperature=0)
    choice = answer.choices[0]
    expect(answer.object == "text_completion" and answer.id.startswith("cmpl-"), answer)
    expect("Paris" in choice.text and choice.index == 0 and choice.finish_reason == "length", choice)
    usage = answer.usage
    expect((usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (5, 8, 13), usage)


@check
def token_ids_complete_as_their_text_does(context):
    ids = context.post("/tokenize", model=context.model, prompt=CAPITAL)[1]["tokens"]
    expect(context.complete(ids, temperature=0).choices[0].text == context.complete(temperature=0).choices[0].text)
    several = context.complete([ids, ids[:3]], temperature=0)
    expect([choice.index for choice in several.choices] == [0, 1] and several.usage.prompt_tokens == 8, several)


@check
def several_prompts_and_outputs_are_numbered_prompt_by_prompt(context):
    answer = context.complete([CAPITAL, "One, two, three,"], n=2, temperature=0.01, seed=3)
    expect([choice.index for choice in answer.choices] == [0, 1, 2, 3], answer)
    expect(all("Paris" in choice.text for choice in answer.choices[:2]), answer)
    expect(all("four" in choice.text for choice in answer.choices[2:]), answer)
    expect(answer.usage.completion_tokens == 32, answer.usage)


@check
def echoes_its_prompt(context):
    expect(context.complete(temperature=0, echo=True).choices[0].text.startswith(CAPITAL))


@check
def a_stop_string_ends_and_is_left_out(context):
    whole = context.complete("One, two, three,", temperature=0, max_tokens=12).choices[0].text
    expect("five" in whole, whole)
    cut = context.complete("One, two, three,", temperature=0, max_tokens=12, stop=["five", "nothing"]).choices[0]
    expect(cut.finish_reason == "stop" and cut.text == whole[: whole.index("five")], cut)


@check
def a_stop_string_is_held_back_in_a_stream(context):
    stream = context.complete("One, two, three,", temperature=0, max_tokens=12, stop=" five, six", stream=True)
    chunks = [chunk.choices[0] for chunk in stream]
    expect("five" not in "".join(chunk.text for chunk in chunks), chunks)
    expect([chunk.finish_reason for chunk in chunks if chunk.finish_reason] == ["stop"], chunks)


@check
def a_seed_reproduces(context):
    def texts(seed):
        answer = context.complete("Once upon a time", n=3, seed=seed, temperature=1, max_tokens=16)
        return [choice.text for choice in answer.choices]

    first = texts(11)
    expect(first == texts(11), first)
    expect(len(set(first)) > 1 and first != texts(12), first)


@check
def logprobs_belong_to_their_tokens(context):
    choice = context.complete(temperature=0, logprobs=2, max_tokens=4).choices[0]
    told = choice.logprobs
    expect("".join(told.tokens) == choice.text and len(told.tokens) == 4, told)
    expect(all(value <= 0 for value in told.token_logprobs), told)
    for token, value, top in zip(told.tokens, told.token_logprobs, told.top_logprobs, strict=True):
        expect(len(top) >= 2 and math.isclose(top[token], value, abs_tol=1e-3), token, value, top)
        expect(max(top.values()) == top[token], token, top)
    lengths = [len(token) for token in told.tokens]
    expect(told.text_offset == [told.text_offset[0] + sum(lengths[:place]) for place in range(4)], told.text_offset)


@check
def goes_on_behind_an_end_when_told(context):
    answer = context.complete("Bye.<|im_end|>", max_tokens=40, extra_body={"ignore_eos": True})
    expect(answer.usage.completion_tokens == 40 and answer.choices[0].finish_reason == "length", answer)
    answer = context.complete("Hello", max_tokens=30, extra_body={"min_tokens": 30})
    expect(answer.usage.completion_tokens == 30, answer)


@check
def unknown_fields_are_ignored(context):
    expect(context.complete(extra_body={"no_such_field": {"a": [1]}}, temperature=0).choices[0].text)


@check
def tokens_that_would_not_fit_are_not_made(context):
    room = next(iter(context.client.models.list())).max_model_len
    ids = [504] * (room - 3)
    answer = context.complete(ids, temperature=0, max_tokens=50, extra_body={"ignore_eos": True})
    expect(answer.usage.completion_tokens == 3 and answer.choices[0].finish_reason == "length", answer.usage)


# Chats.


@check
def completes_a_chat(context):
    answer = context.chat(temperature=0)
    choice = answer.choices[0]
    expect(answer.object == "chat.completion" and answer.id.startswith("chatcmpl-"), answer)
    expect(choice.message.role == "assistant" and choice.message.content, choice)
    expect(choice.finish_reason in ("stop", "length"), choice)
    usage = answer.usage
    expect(usage.prompt_tokens > 10 and usage.total_tokens == usage.prompt_tokens + usage.completion_tokens, usage)


@check
def chat_content_may_come_in_parts(context):
    parts = [{"role": "user", "content": [{"type": "text", "text": QUESTION[0]["content"]}]}]
    whole, pieces = context.chat(temperature=0), context.chat(parts, temperature=0)
    expect(pieces.choices[0].message.content == whole.choices[0].message.content, pieces, whole)
    expect(pieces.usage.prompt_tokens == whole.usage.prompt_tokens, pieces.usage, whole.usage)


@check
def a_conversation_goes_on(context):
    messages = [{"role": "system", "content": "You answer in one word."}, *QUESTION]
    first = context.chat(messages, temperature=0).choices[0].message
    messages += [first, {"role": "user", "content": "And another?"}]
    expect(context.chat(messages, temperature=0).usage.prompt_tokens > 30)


@check
def a_chat_keeps_to_max_completion_tokens(context):
    answer = context.client.chat.completions.create(
        model=context.model, messages=QUESTION, max_completion_tokens=3, extra_body={"ignore_eos": True}
    )
    expect(answer.usage.completion_tokens == 3 and answer.choices[0].finish_reason == "length", answer)


@check
def a_chat_tells_logprobs(context):
    choice = context.chat(temperature=0, logprobs=True, top_logprobs=3, max_tokens=4).choices[0]
    told = choice.logprobs.content
    expect("".join(token.token for token in told) == choice.message.content, choice)
    for token in told:
        expect(token.logprob <= 0 and bytes(token.bytes).decode() == token.token, token)
        expect(len(token.top_logprobs) == 3 and token.top_logprobs[0].token == token.token, token)


# Streams.


def read_stream(stream, outputs, text):
    """Texts by index and the usage of a stream; fails where it is not as it should be."""
    texts, finished, usage, opened, head = [""] * outputs, {}, None, set(), None
    for chunk in stream:
        head = head or chunk
        expect(chunk.id == head.id and chunk.model == head.model and chunk.object == head.object, chunk, head)
        if not chunk.choices:
            expect(usage is None and chunk.usage is not None and len(finished) == outputs, chunk)
            usage = chunk.usage
            continue
        expect(usage is None and len(chunk.choices) == 1, chunk)
        choice = chunk.choices[0]
        expect(choice.index not in finished, "something follows the finish reason", choice)
        if text == "chat" and choice.index not in opened:
            expect(choice.delta.role == "assistant" and not choice.delta.content, choice)
            opened.add(choice.index)
        texts[choice.index] += (choice.delta.content if text == "chat" else choice.text) or ""
        if choice.finish_reason:
            finished[choice.index] = choice.finish_reason
    expect(sorted(finished) == list(range(outputs)), finished)
    return texts, finished, usage


@check
def streams_three_outputs_of_a_chat(context):
    options = {"n": 3, "seed": 7, "temperature": 1, "max_tokens": 24, "extra_body": {"ignore_eos": True}}
    whole = context.chat(**options)
    stream = context.chat(**options, stream=True, stream_options={"include_usage": True})
    texts, finished, usage = read_stream(stream, 3, "chat")
    expect(set(finished.values()) == {"length"} and all(texts), texts, finished)
    expect(usage.prompt_tokens == whole.usage.prompt_tokens and usage.completion_tokens == 72, usage, whole.usage)
    expect(texts == [choice.message.content for choice in whole.choices], texts, whole.choices)


@check
def streams_three_outputs_of_a_text(context):
    options = {"prompt": "Once upon a time", "n": 3, "seed": 7, "temperature": 1, "max_tokens": 24}
    whole = context.complete(**options)
    stream = context.complete(**options, stream=True, stream_options={"include_usage": True})
    texts, finished, usage = read_stream(stream, 3, "text")
    expect(texts == [choice.text for choice in whole.choices], texts, whole.choices)
    expect(finished == {choice.index: choice.finish_reason for choice in whole.choices}, finished, whole.choices)
    expect(usage == whole.usage or usage.to_dict().items() <= whole.usage.to_dict().items(), usage, whole.usage)


@check
def a_stream_tells_no_usage_unless_asked(context):
    texts, _, usage = read_stream(context.chat(stream=True, temperature=0), 1, "chat")
    expect(usage is None and texts[0] == context.chat(temperature=0).choices[0].message.content, usage, texts)


@check
def a_stream_counts_as_it_goes(context):
    stream = context.complete(
        stream=True, temperature=0, stream_options={"include_usage": True, "continuous_usage_stats": True},
        extra_body={"ignore_eos": True},
    )
    counts = [chunk.usage.completion_tokens for chunk in stream]
    expect(counts == sorted(counts) and counts[0] >= 1 and counts[-1] == 8, counts)


@check
def token_ids_are_streamed_when_asked_for(context):
    extra = {"return_token_ids": True, "ignore_eos": True}
    stream = context.complete(stream=True, temperature=0, extra_body=extra)
    chunks = [chunk.choices[0].to_dict() for chunk in stream if chunk.choices]
    ids = [token for chunk in chunks for token in chunk.get("token_ids") or []]
    prompts = [chunk["prompt_token_ids"] for chunk in chunks if chunk.get("prompt_token_ids")]
    expect(len(ids) == 8 and [len(prompt) for prompt in prompts] == [5], ids, prompts)
    text = context.post("/detokenize", model=context.model, tokens=ids)[1]["prompt"]
    expect(text == "".join(chunk["text"] for chunk in chunks), text, chunks)


@check
def the_clients_own_accumulator_takes_a_stream(context):
    # It raises where the length ends an output.
    options = {"max_tokens": 400, "temperature": 0, "stop": ["."]}
    with context.client.chat.completions.stream(
        model=context.model, messages=QUESTION, stream_options={"include_usage": True}, **options
    ) as stream:
        deltas = "".join(event.delta for event in stream if event.type == "content.delta")
        final = stream.get_final_completion()
    expect(final.choices[0].message.content == deltas == context.chat(**options).choices[0].message.content, deltas)
    expect(final.usage.total_tokens > 16, final.usage)


@check
def twenty_streams_are_open_at_once(context):
    async def run():
        async with openai.AsyncOpenAI(base_url=f"{context.url}/v1", api_key="none", max_retries=0, timeout=300) as client:
            everybody = asyncio.Barrier(20)

            async def read(number):
                stream = await client.completions.create(
                    model=context.model, prompt=f"{number} and", max_tokens=60, temperature=1, seed=number, stream=True,
                    stream_options={"include_usage": True}, extra_body={"ignore_eos": True},
                )
                text, usage, reasons = "", None, []
                async for chunk in stream:
                    if not chunk.choices:
                        usage = chunk.usage
                        continue
                    if not text:
                        # None goes on before all have begun.
                        await everybody.wait()
                    text += chunk.choices[0].text or " "
                    reasons += [chunk.choices[0].finish_reason] if chunk.choices[0].finish_reason else []
                return text, usage, reasons

            return await asyncio.gather(*map(read, range(20)))

    for text, usage, reasons in asyncio.run(run()):
        expect(usage.completion_tokens == 60 and reasons == ["length"] and text.strip(), text, usage, reasons)


# Embeddings.


def embed(context, texts, **options):
    if context.embedder is None:
        raise Skip("the server has no embedder")
    return context.client.embeddings.create(model=context.embedder, input=texts, **options)


@check
def embeds_texts(context):
    texts = ["A cat sleeps on the sofa.", "A kitten naps on the couch.", "Interest rates rose again."]
    answer = embed(context, texts, encoding_format="float")
    vectors = [item.embedding for item in answer.data]
    expect([item.index for item in answer.data] == [0, 1, 2] and answer.usage.prompt_tokens > 15, answer.usage)
    expect(all(math.isclose(sum(x * x for x in vector), 1, abs_tol=1e-3) for vector in vectors))
    near, far = (sum(x * y for x, y in zip(vectors[0], vectors[place])) for place in (1, 2))
    expect(near > far + 0.2, near, far)
    alone = embed(context, texts[0], encoding_format="float").data[0].embedding
    expect(max(abs(x - y) for x, y in zip(alone, vectors[0])) < 0.02)


@check
def embeddings_in_base64_are_the_same(context):
    text = "A cat sleeps on the sofa."
    told = embed(context, text, encoding_format="float").data[0].embedding
    # The client asks for base64 by itself, and decodes it, where no format is named.
    decoded = embed(context, text).data[0].embedding
    expect(max(abs(x - y) for x, y in zip(told, decoded, strict=True)) < 1e-6)
    raw = embed(context, text, encoding_format="base64").data[0].embedding
    values = struct.unpack(f"<{len(told)}f", base64.b64decode(raw))
    expect(max(abs(x - y) for x, y in zip(told, values)) < 1e-6)


@check
def wrong_embeddings_are_refused(context):
    embed(context, "there")
    refused(openai.BadRequestError, lambda: embed(context, []))
    refused(openai.NotFoundError, lambda: context.client.embeddings.create(model="no-such-model", input="a"))


# Errors.


@check
def an_unknown_model_is_not_found(context):
    error = refused(openai.NotFoundError, lambda: context.client.completions.create(model="nope", prompt="a"))
    expect("nope" in error.message, error.message)
    refused(openai.NotFoundError, lambda: context.client.chat.completions.create(model="nope", messages=QUESTION))


@check
def wrong_values_are_bad_requests(context):
    room = next(iter(context.client.models.list())).max_model_len
    wrong = {
        "n = 0": lambda: context.complete(n=0),
        "n of greedy outputs": lambda: context.complete(n=2, temperature=0),
        "n is huge": lambda: context.complete(n=2**31 - 1),
        "n is negative": lambda: context.complete(n=-1),
        "max_tokens = 0": lambda: context.complete(max_tokens=0),
        "max_tokens is negative": lambda: context.complete(max_tokens=-5),
        "max_tokens is a word": lambda: context.complete(max_tokens="many"),
        "temperature below 0": lambda: context.complete(temperature=-1),
        "top_p above 1": lambda: context.complete(top_p=1.5),
        "logprobs above 20": lambda: context.complete(logprobs=21),
        "prompt is empty": lambda: context.complete(""),
        "prompt is longer than the context": lambda: context.complete([504] * (room + 1)),
        "a token that is none": lambda: context.complete([99_999_999]),
        "no message": lambda: context.chat([]),
        "top_logprobs without logprobs": lambda: context.chat(top_logprobs=2),
        "stream_options without a stream": lambda: context.complete(stream_options={"include_usage": True}),
    }
    for what, call in wrong.items():
        try:
            refused(openai.BadRequestError, call)
        except Exception as failure:
            raise AssertionError(f"{what}: {type(failure).__name__}: {failure}") from failure
    expect(context.complete(temperature=0).choices[0].text, "the server still answers")


@check
def what_is_no_json_is_a_bad_request(context):
    for body in (b"{\"model\": ", b"[]", b"\xff\xfe", b""):
        status, _, answer = fetch(f"{context.url}/v1/completions", body, {"Content-Type": "application/json"})
        expect(status == 400 and json.loads(answer)["error"]["message"], body, status, answer)
    status, _, answer = fetch(f"{context.url}/v1/completions", b"a=b", {"Content-Type": "text/plain"})
    expect(status in (400, 415) and json.loads(answer)["error"]["message"], status, answer)


@check
def unknown_paths_and_methods_are_said_to_be_so(context):
    expect(fetch(f"{context.url}/v1/nothing")[0] == 404)
    expect(fetch(f"{context.url}/v1/completions")[0] == 405)
    try:
        context.client.get("/nothing", cast_to=object)
    except openai.NotFoundError:
        pass
    else:
        raise AssertionError("no NotFoundError")


# Going away.


def is_idle(context):
    running, waiting = (metric(context.url, f"vllm:num_requests_{state}") for state in ("running", "waiting"))
    used = metric(context.url, "vllm:kv_cache_usage_perc")
    expect(None not in (running, waiting, used), "metrics are missing", running, waiting, used)
    return running == waiting == used == 0


@check
def a_client_that_goes_away_frees_its_blocks(context):
    eventually(lambda: is_idle(context))
    stream = context.complete(
        "Once upon a time", n=2, temperature=1, max_tokens=1500, stream=True, extra_body={"ignore_eos": True}
    )
    for number, _ in enumerate(stream):
        if number == 5:
            break
    eventually(lambda: metric(context.url, "vllm:kv_cache_usage_perc") > 0)
    expect(metric(context.url, "vllm:num_requests_running") > 0)
    stream.close()
    eventually(lambda: is_idle(context))


@check
def a_client_that_loses_patience_frees_its_blocks(context):
    patience = context.connect(timeout=0.2)
    for options in ({}, {"n": 2, "temperature": 1}):
        try:
            patience.completions.create(
                model=context.model, prompt="Once", max_tokens=1900, extra_body={"ignore_eos": True}, **options
            )
        except openai.APITimeoutError:
            pass
        else:
            raise AssertionError("no APITimeoutError")
        eventually(lambda: is_idle(context))


@check
def what_was_served_is_counted(context):
    names = ("vllm:prompt_tokens_total", "vllm:generation_tokens_total", "vllm:time_to_first_token_seconds_count")
    before = [metric(context.url, name) for name in names]
    context.complete(["a b c d"], temperature=1, n=2, max_tokens=10, extra_body={"ignore_eos": True})
    eventually(lambda: metric(context.url, names[1]) == before[1] + 20)
    after = [metric(context.url, name) for name in names]
    expect(after[0] > before[0] and after[2] > before[2], before, after)


# Keys and limits, with servers of their own.

KEY = "sk-a-key-that-must-not-be-seen"


@check
def a_key_is_asked_for(context):
    with context.start("--api-key-env", "SERVE_KEY", SERVE_KEY=KEY) as server:
        there = Context(server.url, context.model, context.embedder)
        refused(openai.AuthenticationError, lambda: there.complete())
        there.client = there.connect(api_key=KEY + "x")
        refused(openai.AuthenticationError, lambda: there.complete())
        refused(openai.AuthenticationError, lambda: list(there.client.models.list()))
        there.client = there.connect(api_key=KEY)
        expect(there.complete(temperature=0).choices[0].text and list(there.client.models.list()))
        expect(fetch(f"{server.url}/health")[0] == 200)
        expect(KEY not in server.logged(), "the log shows the key")
        with open(f"/proc/{server.process.pid}/cmdline", "rb") as line:
            expect(KEY.encode() not in line.read(), "the command line shows the key")


@check
def a_body_over_the_limit_is_refused(context):
    with context.start("--max-body-bytes", "4096") as server:
        there = Context(server.url, context.model, context.embedder)
        try:
            there.complete("word " * 2000)
        except openai.APIStatusError as error:
            expect(error.status_code == 413 and error.body["message"], error)
        else:
            raise AssertionError("no 413")
        expect(there.complete(temperature=0).choices[0].text)


@check
def a_full_server_says_when_to_come_back(context):
    with context.start("--max-concurrent", "1") as server:
        there = Context(server.url, context.model, context.embedder)
        stream = there.complete("Once", max_tokens=1500, stream=True, extra_body={"ignore_eos": True})
        next(stream)
        error = refused(openai.RateLimitError, lambda: there.complete())
        expect(int(error.response.headers["Retry-After"]) >= 1, error.response.headers)
        # The client comes back by itself, as the header says.
        patient = there.connect(max_retries=10)
        threading.Timer(0.5, stream.close).start()
        expect(patient.completions.create(model=context.model, prompt=CAPITAL, max_tokens=4).choices[0].text)


@check
def sigterm_lets_a_stream_end_first(context):
    with context.start() as server:
        there = Context(server.url, context.model, context.embedder)
        stream = there.complete("Once", max_tokens=300, stream=True, extra_body={"ignore_eos": True})
        first = next(stream)
        server.process.send_signal(signal.SIGTERM)
        rest = [chunk.choices[0] for chunk in stream]
        expect(rest[-1].finish_reason == "length" and len(rest) > 200, first, rest[-1])
        expect(server.process.wait(30) == 0, server.process.returncode, server.logged())
        try:
            there.complete()
        except openai.APIConnectionError:
            pass
        else:
            raise AssertionError("a server that has ended answers")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(HERE, "..", "..", ".build", "release", "ragmeter"))
    parser.add_argument("--url", help="of a server that runs already")
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--embedder", help="the model's name for embeddings, of a server that runs already")
    parser.add_argument("check", nargs="*")
    options = parser.parse_args()
    if options.url:
        sys.exit(check.run(Context(options.url, options.model, options.embedder), options.check))
    program = os.path.abspath(options.program)
    if not os.access(program, os.X_OK):
        sys.exit(f"{program} is missing; swift build -c release --product ragmeter")
    with StartedServer([program, "serve", "--model", options.model, "--embedder", "minilm", "--max-model-len", "2048"]) as server:
        sys.exit(check.run(Context(server.url, options.model, "minilm", program), options.check))


main()
