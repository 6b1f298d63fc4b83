# Llama Stack 0.2.11 with Milvus Lite, and ragmeter's own server for its models. Sourced by scripts/systems.
#
# It is the last of its releases 0.2 that starts with Milvus. The provider inline::sentence-transformers would need PyTorch, and a
# model from elsewhere; remote::vllm takes embeddings and generations from any server of OpenAI's API that lists both models, which
# `ragmeter serve --embedder` does. So a RAG run differs from one within ragmeter by Llama Stack alone.
#
# RAGMETER_SYSTEMS_LLAMA_STACK_INFERENCE names such a server instead (http://127.0.0.1:8000/v1); then
# RAGMETER_SYSTEMS_LLAMA_STACK_MODEL and RAGMETER_SYSTEMS_LLAMA_STACK_EMBEDDER are its names for the models (smollm2-135m, minilm, of
# 384 dimensions). Agents need one that calls tools. RAGMETER_SYSTEMS_LLAMA_STACK_MILVUS, the address of a Milvus server, keeps the
# vectors there instead of in a file.

version=llama-stack-0.2.11

install() {
  # Those behind the client are what its providers for agents, telemetry, tools and vectors import and do not ask for.
  environment 'llama-stack==0.2.11' 'llama-stack-client==0.2.12' 'pymilvus==2.5.12' 'milvus-lite==2.5.1' 'setuptools<81' \
    aiosqlite chardet mcp numpy opentelemetry-exporter-otlp-proto-http opentelemetry-sdk pypdf 'sqlalchemy[asyncio]' uvicorn
}

start() {
  local model=${RAGMETER_SYSTEMS_LLAMA_STACK_MODEL:-smollm2-135m}
  local embedder=${RAGMETER_SYSTEMS_LLAMA_STACK_EMBEDDER:-minilm}
  local inference=${RAGMETER_SYSTEMS_LLAMA_STACK_INFERENCE:-}
  port rest 8321 >/dev/null
  if [ -z "$inference" ]; then
    local ragmeter=$here/.build/release/ragmeter
    [ -x "$ragmeter" ] || fail "$ragmeter is missing; swift build -c release"
    inference=http://127.0.0.1:$(port inference 8421)/v1
    (cd "$here" && exec "$ragmeter" serve --model "$model" --embedder "$embedder" --port "$(port inference)") &
    # Models are looked for when it starts.
    until answers "$inference/models"; do
      kill -0 $! || fail "ragmeter serve ended"
      sleep 0.2
    done
  fi
  local milvus="{provider_id: milvus, provider_type: 'inline::milvus', config: {db_path: '$home/data/milvus.db'}}"
  [ -z "${RAGMETER_SYSTEMS_LLAMA_STACK_MILVUS:-}" ] ||
    milvus="{provider_id: milvus, provider_type: 'remote::milvus', config: {uri: '$RAGMETER_SYSTEMS_LLAMA_STACK_MILVUS', token: '${MILVUS_TOKEN:-root:Milvus}'}}"
  mkdir -p "$home/data"
  cat >"$home/run.yaml" <<YAML
version: '2'
image_name: ragmeter
apis: [agents, inference, safety, tool_runtime, vector_io]
providers:
  inference:
  - {provider_id: vllm, provider_type: 'remote::vllm', config: {url: '$inference', max_tokens: 256, api_token: none}}
  vector_io:
  - $milvus
  safety: []
  agents:
  - provider_id: meta-reference
    provider_type: inline::meta-reference
    config:
      persistence_store: {type: sqlite, db_path: '$home/data/agents.db'}
      responses_store: {type: sqlite, db_path: '$home/data/responses.db'}
  tool_runtime:
  - {provider_id: rag-runtime, provider_type: 'inline::rag-runtime', config: {}}
metadata_store: {type: sqlite, db_path: '$home/data/registry.db'}
inference_store: {type: sqlite, db_path: '$home/data/inference.db'}
models:
- {model_id: '$model', provider_id: vllm, provider_model_id: '$model', model_type: llm, metadata: {}}
- model_id: '$embedder'
  provider_id: vllm
  provider_model_id: '$embedder'
  model_type: embedding
  metadata: {embedding_dimension: 384}
shields: []
vector_dbs: []
datasets: []
scoring_fns: []
benchmarks: []
tool_groups:
- {toolgroup_id: 'builtin::rag', provider_id: rag-runtime}
server: {port: $(port rest), host: 127.0.0.1}
YAML
  exec "$home/env/bin/python" -m llama_stack.distribution.server.server --config "$home/run.yaml" --port "$(port rest)"
}

ready() { port rest >/dev/null && answers "http://127.0.0.1:$(port rest)/v1/health"; }

variables() { echo "RAGMETER_LLAMA_STACK_URL=http://127.0.0.1:$(port rest)"; }
