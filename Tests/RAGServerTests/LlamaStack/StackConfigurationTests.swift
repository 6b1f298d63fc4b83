import Files
import Foundation
import HTTP
import RAGPipeline
import RAGServer
import TestFixtures
import Testing
import VectorIndexes
import VectorStores
import YAML

/// Files in the manner of run.yaml.
@Suite struct StackConfigurationTests {
  private static let whole = """
    version: '2'
    providers:
      inference:
      - {provider_id: here, provider_type: inline::ragmeter}
      - {provider_id: sentences, provider_type: inline::sentence-transformers, config: {}}
      vector_io:
      - {provider_id: milvus, provider_type: remote::milvus, config: {uri: "${env.URI:=http://127.0.0.1:19530}", token: "${env.TOKEN}"}}
      - provider_id: local
        provider_type: inline::milvus
        config: {db_path: data/vectors.db, index: "hnsw:m=16"}
      agents:
      - {provider_id: agents, provider_type: inline::meta-reference, config: {search: model}}
      tool_runtime:
      - {provider_id: rag, provider_type: inline::rag-runtime, config: {allow_private_addresses: true, fetch_seconds: 5}}
    models:
    - {model_id: small, provider_id: here, provider_model_id: smollm2-135m}
    - {model_id: all-MiniLM-L6-v2, provider_id: sentences, model_type: embedding}
    vector_dbs:
    - {vector_db_id: docs, embedding_model: all-MiniLM-L6-v2, provider_id: local}
    tool_groups:
    - {toolgroup_id: "builtin::rag", provider_id: rag}
    server: {port: 8400}

    """

  private func read(_ text: String, _ environment: [String: String] = ["TOKEN": "root:secret"]) throws
    -> StackConfiguration
  {
    try StackConfiguration(YAMLNode.parse(text, file: "run.yaml"), environment: environment)
  }

  @Test func aWholeFile() throws {
    let configuration = try read(Self.whole)
    #expect(configuration.language.id == "small")
    guard case .local(let name) = configuration.language.source else { throw POSIXError(.EINVAL) }
    #expect(name == "smollm2-135m")
    #expect(configuration.embeddings.map(\.embedder) == ["all-MiniLM-L6-v2"])
    let stores = configuration.vectorProviders
    #expect(stores.map(\.store.description) == ["milvus:url=http://127.0.0.1:19530", "embedded:path=data/vectors.db"])
    #expect(stores[0].secrets == ["MILVUS_TOKEN": "root:secret"] && stores[1].index.kind == "hnsw")
    #expect(configuration.search == .model && configuration.port == 8400 && configuration.host == nil)
    #expect(configuration.fetching.allowsPrivateAddresses && configuration.fetching.seconds == 5)
    #expect(configuration.databases.map(\.id) == ["docs"] && configuration.notices.isEmpty)
  }

  /// What was written instead, and the mistake with its place.
  @Test(arguments: [
    ("version: '2'", "version: '1'", "run.yaml:1:10: version must be 2"),
    ("inline::ragmeter", "inline::vllm", "run.yaml:4:40: no provider of inference here is a 'inline::vllm'"),
    ("remote::milvus", "remote::qdrant", "run.yaml:7:42: no provider of vector_io here is a 'remote::qdrant'"),
    ("db_path: data/vectors.db", "path: x", "run.yaml:10:14: no key is called 'path'; there are db_path"),
    ("hnsw:m=16", "tree", "run.yaml:10:47: index 'tree': no index is called tree"),
    ("search: model", "search: us", "run.yaml:12:83: search must be"),
    ("server:", "servers:", "run.yaml:22:1: no key is called 'servers'"),
    ("port: 8400", "port: 84000", "run.yaml:22:16: port must be an integer"),
    ("port: 8400", "auth: {}", "no key is called 'auth'"),
    ("provider_id: here, provider_model_id", "provider_id: there, provider_model_id", "is called 'there'"),
    ("model_type: embedding", "model_type: llm", "has no models of the type llm"),
    ("- {provider_id: sentences", "- {provider_id: here", "is called 'here' already"),
    ("embedding_model: all-MiniLM-L6-v2", "embedding_model: other", "no model of the type embedding is called 'other'"),
    ("builtin::rag", "builtin::websearch", "the only tool group here is 'builtin::rag'"),
    ("${env.TOKEN}", "${env.OTHER}", "the environment has no OTHER"),
    ("${env.TOKEN}", "${env.TOKEN", "is not closed"),
    ("${env.URI:=http:", "${env.URI:-http:", "comes '}', ':=' or ':+'"),
    ("http://127.0.0.1:19530", "127.0.0.1:19530", "uri must begin with http:// or https://"),
    ("  agents:", "  safety: [{provider_id: s}]\n  agents:", "checks nothing for safety"),
  ])
  func mistakes(written: String, instead: String, sentence: String) throws {
    #expect(Self.whole.contains(written))
    let found = failure { _ = try read(Self.whole.replacing(written, with: instead)) }
    #expect(found?.contains(sentence) == true, "\(found ?? "no mistake")")
    #expect(found?.contains("root:secret") != true)
  }

  @Test func aRemoteModelHasItsServerAndItsKey() throws {
    let text = Self.whole.replacing(
      "inline::ragmeter}",
      with:
        "remote::vllm, config: {url: 'http://127.0.0.1:8000/v1', max_tokens: 99, api_token: sesame, tls_verify: false}}"
    )
    let configuration = try read(text)
    guard case .remote(let remote) = configuration.language.source else { throw POSIXError(.EINVAL) }
    #expect(remote.name == "smollm2-135m" && remote.url == "http://127.0.0.1:8000/v1" && remote.preset == "vllm")
    #expect(remote.key?.value == "sesame" && configuration.maxTokens == 99)
    let far = failure { _ = try read(text.replacing("127.0.0.1:8000", with: "models.example")) }
    #expect(far?.contains("a key goes to another machine over https:// alone") == true)
    #expect(far?.contains("sesame") == false)
    let unverified = failure { _ = try read(text.replacing("http://127.0.0.1:8000", with: "https://models.example")) }
    #expect(unverified?.contains("certificates are always verified") == true)
  }

  @Test func theProjectsOwnExampleIsRead() throws {
    let configuration = try StackConfiguration(path: ProjectFile.path("Benchmarks/run.yaml"), environment: [:])
    #expect(configuration.notices.isEmpty && configuration.vectorProviders.first?.index.kind == "hnsw")
    #expect(!configuration.fetching.allowsPrivateAddresses && configuration.fetching == FetchLimits())
  }

  /// The file that Llama Stack itself was captured with, and what of it is passed over.
  @Test func theCapturedFileIsRead() throws {
    guard let folder = ProcessInfo.processInfo.environment["RAGMETER_REFERENCE"] else {
      print("skipped: RAGMETER_REFERENCE names no folder of captured traffic")
      return
    }
    let configuration = try StackConfiguration(path: "\(folder)/llama-stack/run.yaml", environment: [:])
    #expect(configuration.language.id == "dummy-llm" && configuration.embeddings.first?.id == "all-MiniLM-L6-v2")
    #expect(configuration.vectorProviders.map(\.store.description) == ["embedded:path=data/milvus.db"])
    #expect(configuration.port == 8321 && configuration.host == "127.0.0.1")
    #expect(configuration.notices.count == 4, "\(configuration.notices)")
    #expect(configuration.notices.allSatisfy { $0.contains("run.yaml:") && $0.contains("passed over") })
  }
}
