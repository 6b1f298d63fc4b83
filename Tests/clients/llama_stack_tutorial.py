"""The tutorial of Llama Stack with Milvus, by its own client (llama-stack-client 0.2.12), against `ragmeter serve`.

    llama_stack_tutorial.py [--program .build/release/ragmeter] [CHECK...]    starts a server of its own on a free port
    llama_stack_tutorial.py --url http://127.0.0.1:8321 [CHECK...]            asks one that runs: ours, or Llama Stack's own

Runs in the environment that `scripts/peers clients` makes. The script is the first check: a vector database, documents by their
URLs, an agent with `builtin::rag`, a session, a turn, and the answer as the client's own logger prints it. The others hold what
else the client can ask against what it declares. A line each, and exit code 1 if one fails.

The documents are passages of the project's own handbook, from a web server on this machine.
"""

import argparse
import functools
import http.server
import logging
import os
import re
import sys
import threading
import uuid
from contextlib import contextmanager

from checking import HERE, Checks, Skip, StartedServer, expect
from llama_stack_client import APIStatusError, BadRequestError, LlamaStackClient
from llama_stack_client.lib.agents.agent import Agent
from llama_stack_client.lib.agents.event_logger import EventLogger
from llama_stack_client.types import Document

check = Checks()
logging.getLogger("httpx").setLevel(logging.WARNING)
PASSAGES = os.path.join(HERE, "..", "..", "datasets", "handbook", "passages")
NAMES = ["hnsw-parameters.md", "ivf-tuning.md", "chunk-size.md"]
QUESTION = "What do the parameters for HNSW mean?"
# What Llama Stack calls it, whichever weights are behind.
EMBEDDING_MODEL = "all-MiniLM-L6-v2"


@contextmanager
def web_server(folder):
    """`python -m http.server` on a free port of this machine."""
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Context:
    def __init__(self, url, pages, is_ours):
        self.client = LlamaStackClient(base_url=url, timeout=300, max_retries=0)
        self.url, self.pages, self.is_ours = url, pages, is_ours
        self.model = next(model.identifier for model in self.client.models.list() if model.model_type == "llm")
        self._database = None

    def register(self):
        name = f"tutorial-{uuid.uuid4()}"
        self.client.vector_dbs.register(
            vector_db_id=name, embedding_model=EMBEDDING_MODEL, embedding_dimension=384, provider_id="milvus"
        )
        return name

    @property
    def database(self):
        """One that holds the documents."""
        if self._database is None:
            self._database = self.register()
            documents = [
                Document(document_id=f"num-{number}", content=f"{self.pages}/{name}", mime_type="text/plain", metadata={})
                for number, name in enumerate(NAMES)
            ]
            self.client.tool_runtime.rag_tool.insert(
                documents=documents, vector_db_id=self._database, chunk_size_in_tokens=512
            )
        return self._database

    def agent(self, **options):
        return Agent(
            self.client, model=self.model, instructions="You are a helpful assistant", enable_session_persistence=False,
            tools=[{"name": "builtin::rag", "args": {"vector_db_ids": [self.database]}}],
            **{"sampling_params": {"strategy": {"type": "greedy"}, "max_tokens": 80}, **options},
        )


def words(text):
    return {word for word in re.findall(r"[a-z_]{3,}", text.lower())}


def refused(call, *parts):
    """The sentence of the refusal, which must hold these parts."""
    try:
        call()
    except APIStatusError as error:
        expect(400 <= error.status_code < 500, error.status_code, error.body)
        for part in parts:
            expect(part in str(error.body), part, error.body)
        return error
    raise AssertionError("was not refused")


@check
def the_tutorial_prints_an_answer_drawn_from_the_documents(context):
    agent = context.agent()
    session = agent.create_session("test-session")
    response = agent.create_turn(messages=[{"role": "user", "content": QUESTION}], session_id=session)
    events = []

    def kept():
        for chunk in response:
            events.append(chunk)
            yield chunk

    printed = []
    for line in EventLogger().log(kept()):
        line.print()
        printed.append(str(line))
    expect("inference> " in printed and any(text.startswith("tool_execution> Tool:knowledge_search") for text in printed))
    payloads = [event.event.payload for event in events]
    kinds = [(payload.event_type, getattr(payload, "step_type", None)) for payload in payloads]
    expect(kinds[0] == ("step_start", "inference") and kinds[-1] == ("turn_complete", None), kinds)
    steps = [kind for kind in kinds if kind[0] == "step_complete"]
    expect([step for _, step in steps] == ["inference", "tool_execution", "inference"], steps)
    turn = payloads[-1].turn
    tool = next(step for step in turn.steps if step.step_type == "tool_execution")
    found = " ".join(item.text for item in tool.tool_responses[0].content)
    with open(os.path.join(PASSAGES, NAMES[0])) as page:
        passage = page.read()
    expect("num-0" in tool.tool_responses[0].metadata["document_ids"], tool.tool_responses[0].metadata)
    expect("efConstruction" in found or "ef_construction" in found, found[:300])
    answer = turn.output_message.content
    streamed = "".join(
        payload.delta.text for payload in payloads
        if payload.event_type == "step_progress" and payload.step_type == "inference" and payload.delta.type == "text"
    )
    expect(streamed == answer and answer.strip(), streamed, answer)
    # A small model repeats itself, but what it says stands in what it was given.
    said = words(answer) - words(QUESTION)
    shared = said & words(passage)
    expect(len(shared) >= 3 and 2 * len(shared) >= len(said), shared, answer)


@check
def a_turn_comes_whole_too_and_is_remembered(context):
    agent = context.agent()
    session = agent.create_session("second")
    turn = agent.create_turn(messages=[{"role": "user", "content": QUESTION}], session_id=session, stream=False)
    expect(turn.output_message.role == "assistant" and turn.output_message.content, turn)
    again = agent.create_turn(messages=[{"role": "user", "content": "And nlist?"}], session_id=session, stream=False)
    kept = context.client.agents.session.retrieve(session_id=session, agent_id=agent.agent_id)
    expect([one.turn_id for one in kept.turns] == [turn.turn_id, again.turn_id], kept)
    one = context.client.agents.turn.retrieve(turn_id=turn.turn_id, agent_id=agent.agent_id, session_id=session)
    expect(one.output_message.content == turn.output_message.content, one)
    step = context.client.agents.steps.retrieve(
        step_id=turn.steps[1].step_id, agent_id=agent.agent_id, session_id=session, turn_id=turn.turn_id
    )
    expect(step.step.step_type == "tool_execution", step)
    context.client.agents.session.delete(session_id=session, agent_id=agent.agent_id)
    refused(lambda: context.client.agents.session.retrieve(session_id=session, agent_id=agent.agent_id), session)
    context.client.agents.delete(agent_id=agent.agent_id)
    refused(lambda: agent.create_session("third"))


@check
def an_agent_without_tools_answers_by_itself(context):
    agent = Agent(
        context.client, model=context.model, instructions="You answer in one word.",
        sampling_params={"strategy": {"type": "greedy"}, "max_tokens": 8},
    )
    session = agent.create_session("plain")
    turn = agent.create_turn(
        messages=[{"role": "user", "content": "What is the capital of France?"}], session_id=session, stream=False
    )
    expect([step.step_type for step in turn.steps] == ["inference"] and "Paris" in turn.output_message.content, turn)


@check
def says_what_it_is(context):
    client = context.client
    expect(client.inspect.health().status == "OK")
    expect(client.inspect.version().version)
    providers = {(one.api, one.provider_id) for one in client.providers.list()}
    expect(("vector_io", "milvus") in providers, providers)
    expect(client.providers.retrieve("milvus").api == "vector_io")
    routes = {(route.route, route.method) for route in client.routes.list()}
    expect(("/v1/vector-dbs", "POST") in routes, routes)
    models = {model.identifier: model for model in client.models.list()}
    embedding = [model for model in models.values() if model.model_type == "embedding"]
    expect(embedding and embedding[0].metadata["embedding_dimension"] == 384, models)
    expect(client.models.retrieve(context.model).identifier == context.model)
    expect([group.identifier for group in client.toolgroups.list()] == ["builtin::rag"])
    expect(client.toolgroups.get("builtin::rag").provider_id)
    tools = [tool.identifier for tool in client.tools.list(toolgroup_id="builtin::rag")]
    expect(tools == ["insert_into_memory", "knowledge_search"], tools)
    expect(client.tools.get("knowledge_search").parameters[0].name == "query")
    expect({tool.name for tool in client.tool_runtime.list_tools(tool_group_id="builtin::rag")} == set(tools))


@check
def databases_are_listed_and_go_away(context):
    name = context.register()
    expect(name in [database.identifier for database in context.client.vector_dbs.list()])
    expect(context.client.vector_dbs.retrieve(name).embedding_dimension == 384)
    context.client.vector_dbs.unregister(name)
    expect(name not in [database.identifier for database in context.client.vector_dbs.list()])


@check
def searches_by_every_door(context):
    client, database = context.client, context.database
    found = client.tool_runtime.rag_tool.query(vector_db_ids=[database], content=QUESTION)
    expect(found.content[0].text.startswith("knowledge_search tool found"), found.content[0])
    invoked = client.tool_runtime.invoke_tool(
        tool_name="knowledge_search", kwargs={"query": QUESTION, "vector_db_ids": [database]}
    )
    expect(invoked.error_code is None and invoked.metadata["document_ids"][0] == "num-0", invoked.metadata)
    chunks = client.vector_io.query(vector_db_id=database, query=QUESTION, params={"max_chunks": 2})
    expect(len(chunks.chunks) == len(chunks.scores) == 2 and chunks.scores[0] >= chunks.scores[1], chunks.scores)
    expect(chunks.chunks[0].metadata["document_id"] == "num-0", chunks.chunks[0])


@check
def chunks_come_with_and_without_vectors(context):
    name = context.register()
    vector = context.client.inference.embeddings(model_id=EMBEDDING_MODEL, contents=["a red apple"]).embeddings[0]
    expect(len(vector) == 384 and abs(sum(value * value for value in vector) - 1) < 1e-3)
    context.client.vector_io.insert(
        vector_db_id=name,
        chunks=[
            {"content": "an apple", "metadata": {"document_id": "fruit", "page": 3}, "embedding": vector},
            {"content": "a steam engine of 1820", "metadata": {"document_id": "machine"}},
        ],
    )
    found = context.client.vector_io.query(vector_db_id=name, query="a red apple")
    expect(found.chunks[0].content == "an apple" and found.chunks[0].metadata["page"] == 3, found)
    expect(abs(found.scores[0] - 1) < 1e-3, found.scores)
    context.client.vector_dbs.unregister(name)


@check
def documents_come_as_text_and_as_data(context):
    name = context.register()
    context.client.tool_runtime.rag_tool.insert(
        vector_db_id=name, chunk_size_in_tokens=64,
        documents=[
            {"document_id": "page", "content": "<html><head><title>T</title><script>x()</script></head>"
             "<body><p>Badgers dig setts.</p></body></html>", "mime_type": "text/html", "metadata": {}},
            {"document_id": "data", "content": {"uri": "data:text/plain;base64,T3R0ZXJzIHN3aW0u"}, "mime_type": "text/plain",
             "metadata": {"animal": "otter"}},
        ],
    )
    found = context.client.vector_io.query(vector_db_id=name, query="Which animal digs?").chunks
    texts = {chunk.metadata["document_id"]: chunk.content for chunk in found}
    expect(texts == {"page": "Badgers dig setts.", "data": "Otters swim."}, texts)
    context.client.vector_dbs.unregister(name)


@check
def completes_texts_and_chats(context):
    inference, sampling = context.client.inference, {"strategy": {"type": "greedy"}, "max_tokens": 6}
    answer = inference.completion(model_id=context.model, content="The capital of France is", sampling_params=sampling)
    expect("Paris" in answer.content and answer.stop_reason == "out_of_tokens", answer)
    messages = [{"role": "user", "content": "What is the capital of France?"}]
    whole = inference.chat_completion(model_id=context.model, messages=messages, sampling_params=sampling)
    stream = inference.chat_completion(model_id=context.model, messages=messages, sampling_params=sampling, stream=True)
    pieces = [chunk.event.delta.text for chunk in stream]
    expect("".join(pieces) == whole.completion_message.content and len(pieces) > 2, pieces, whole)


@check
def a_page_that_is_not_there_is_an_error_that_names_it(context):
    if not context.is_ours:
        raise Skip("Llama Stack indexes the page that says so")
    name = context.register()
    url = f"{context.pages}/no-such-page.md"
    document = {"document_id": "a", "content": url, "mime_type": "text/plain", "metadata": {}}

    def insert():
        context.client.tool_runtime.rag_tool.insert(
            documents=[document, {**document, "document_id": "b", "content": "text"}], vector_db_id=name,
            chunk_size_in_tokens=64,
        )

    refused(insert, url, "404")
    expect(context.client.vector_io.query(vector_db_id=name, query="text").chunks == [])
    context.client.vector_dbs.unregister(name)


@check
def what_is_not_there_is_refused_in_a_sentence(context):
    client = context.client
    refused(lambda: client.vector_io.query(vector_db_id="nowhere", query="x"), "nowhere")
    refused(lambda: client.vector_dbs.register(vector_db_id="x", embedding_model="nope", provider_id="milvus"), "nope")
    refused(
        lambda: client.vector_dbs.register(vector_db_id="x", embedding_model=EMBEDDING_MODEL, provider_id="nope"), "nope"
    )
    refused(lambda: client.agents.session.create(agent_id="nobody", session_name="s"), "nobody")
    if context.is_ours:
        refused(
            lambda: client.vector_dbs.register(
                vector_db_id="x", embedding_model=EMBEDDING_MODEL, embedding_dimension=100, provider_id="milvus"
            ),
            "100", "384",
        )
        error = refused(lambda: context.agent(client_tools=(), input_shields=["guard"]).create_session("s"), "shields")
        expect(isinstance(error, BadRequestError), error)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--program", default=os.path.join(HERE, "..", "..", ".build", "release", "ragmeter"))
    options.add_argument("--url", help="a server that runs already, and may fetch from this machine")
    options.add_argument("checks", nargs="*")
    chosen = options.parse_args()
    with web_server(PASSAGES) as pages:
        if chosen.url:
            return check.run(Context(chosen.url, pages, is_ours=False), chosen.checks)
        command = [chosen.program, "serve", "--embedder", "minilm", "--allow-private-urls"]
        with StartedServer(command) as server:
            return check.run(Context(server.url, pages, is_ours=True), chosen.checks)


if __name__ == "__main__":
    sys.exit(main())
