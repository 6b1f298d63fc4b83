import Foundation
import HTTP
import JSON
import RAGServer
import Synchronization
import TestFixtures
import Testing
import VectorStores

/// Documents that clients name or send, and what is refused of them.
@Suite struct IntakeTests {
  private func insert(_ server: StackServer, _ documents: String, chunk: Int = 64) throws -> RawClient.Answer {
    try server.ask(
      "POST", "/v1/tool-runtime/rag-tool/insert",
      #"{"vector_db_id":"docs","chunk_size_in_tokens":\#(chunk),"documents":\#(documents)}"#)
  }

  private func texts(_ server: StackServer) throws -> Set<String> {
    Set(
      try server.store.query(QueryRequest(), in: "docs").compactMap { row in
        guard case .string(let text) = row.fields["text"] else { return nil }
        return text
      })
  }

  @Test func pagesAreReadByTheirTypes() async throws {
    let html = "<html><head><script>no()</script></head><body><p>A page of <b>HTML</b>.</p></body></html>"
    let server = try StackServer(pages: { request in
      switch request.path {
      case "/page": .init(headers: ["Content-Type: text/html"], text: html)
      case "/moved": .init(status: 302, headers: ["Location: /page"], text: "")
      case "/plain": .init(headers: ["Content-Type: text/plain"], text: html)
      default: .init(headers: ["Content-Type: text/plain"], text: "Title\n=====\n\nA page of text.")
      }
    })
    try server.register()
    func document(_ name: String, _ type: String) -> String {
      #"{"document_id":"\#(name)","content":"\#(server.pages.url(name))","mime_type":"\#(type)"}"#
    }
    let all = [document("moved", "text/plain"), document("plain", "text/html"), document("text.rst", "text/plain")]
    let answer = try insert(server, "[\(all.joined(separator: ","))]")
    #expect(answer.text == "null")
    #expect(try texts(server) == ["A page of HTML.", "Title\n=====\n\nA page of text."])
    try await server.end()
  }

  @Test func whatCannotBeFetchedIsNamedAndNothingIsStored() async throws {
    let server = try StackServer(
      pages: { request in
        switch request.path {
        case "/long": .init(headers: ["Content-Type: text/plain"], text: String(repeating: "x", count: 5_000))
        case "/pdf": .init(headers: ["Content-Type: application/pdf"], text: "%PDF-1.4")
        case "/short":
          .init(headers: ["Content-Type: text/plain"], body: Array(repeating: 0x61, count: 100), breaksAfter: 10)
        case "/file": .init(status: 302, headers: ["Location: file:///etc/hostname"], text: "")
        case "/round": .init(status: 302, headers: ["Location: /round"], text: "")
        case "/broken": .init(status: 500, text: "an apology")
        default: .init(status: 404, text: "a page that says that there is none")
        }
      }, stack: { $0.fetching.bytes = 4_000 })
    try server.register()
    let reasons = [
      "missing": "HTTP status 404", "broken": "HTTP status 500", "long": "longer than 4000 bytes",
      "pdf": "application/pdf, not text", "short": "90 bytes remaining", "file": "\"file\" not supported",
      "round": "redirects",
    ]
    for (name, reason) in reasons {
      let url = server.pages.url(name)
      let answer = try insert(
        server, #"[{"document_id":"good","content":"good"},{"document_id":"a","content":"\#(url)"}]"#)
      #expect(answer.status == 400 && answer.detail.contains(url) && answer.detail.contains(reason), "\(answer.text)")
    }
    let refused = try insert(server, #"[{"document_id":"a","content":"http://127.0.0.1:1/x"}]"#)
    #expect(refused.status == 400 && refused.detail.contains("http://127.0.0.1:1/x"))
    #expect(try texts(server).isEmpty)
    try await server.end()
  }

  @Test func privateAddressesNeedTheFlag() async throws {
    let server = try StackServer(
      pages: { _ in .init(headers: ["Content-Type: text/plain"], text: "a secret") },
      stack: { $0.fetching.allowsPrivateAddresses = false })
    try server.register()
    for host in ["127.0.0.1", "localhost", "[::1]", "2130706433", "0.0.0.0", "[::ffff:127.0.0.1]"] {
      let url = "http://\(host):\(server.pages.port)/x"
      let answer = try insert(server, #"[{"document_id":"a","content":{"uri":"\#(url)"}}]"#)
      #expect(answer.status == 400 && answer.detail.contains(url), "\(answer.text)")
      #expect(answer.detail.contains("its address is not a public one"), "\(answer.text)")
    }
    #expect(server.pages.requests.isEmpty)
    try await server.end()
  }

  @Test func redirectionsAreHeldToTheSameAddresses() throws {
    let inner = try LoopbackServer { _ in .init(text: "a secret") }
    let outer = try LoopbackServer { _ in .init(status: 302, headers: ["Location: \(inner.url("x"))"], text: "") }
    var limits = FetchLimits()
    let asked = Mutex<[[UInt8]]>([])
    let sentence = failure {
      _ = try HTTPResponse.get(outer.url(""), limits: limits) { address in
        asked.withLock { asked in
          asked.append(address)
          return asked.count == 1
        }
      }
    }
    #expect(
      sentence?.contains("not a public one") == true && asked.withLock { $0 } == [[127, 0, 0, 1], [127, 0, 0, 1]])
    #expect(outer.requests.count == 1 && inner.requests.isEmpty)
    limits.allowsPrivateAddresses = true
    #expect(try HTTPResponse.get(outer.url(""), limits: limits).body == Array("a secret".utf8))
  }

  @Test func aSilentPageIsGivenUp() throws {
    let server = try FaultServer { _, _ in [.stall] }
    var limits = FetchLimits()
    limits.seconds = 1
    limits.allowsPrivateAddresses = true
    let sentence = failure { _ = try HTTPResponse.get("\(server.url)/silent", limits: limits) }
    #expect(sentence?.contains("\(server.url)/silent") == true)
  }

  @Test(arguments: [
    ("8.8.8.8", true), ("93.184.216.34", true), ("172.15.255.255", true), ("172.32.0.1", true), ("223.255.255.1", true),
    ("100.63.0.1", true), ("0.0.0.0", false), ("10.1.2.3", false), ("100.64.0.1", false), ("127.255.0.1", false),
    ("169.254.169.254", false), ("172.16.0.1", false), ("172.31.255.255", false), ("192.168.1.1", false),
    ("198.18.0.1", false), ("224.0.0.1", false), ("255.255.255.255", false),
    ("2606:2800:220:1::1", true), ("2001:4860:4860::8888", true), ("::", false), ("::1", false),
    ("::ffff:10.0.0.1", false), ("::ffff:8.8.8.8", true), ("64:ff9b::7f00:1", false), ("2002:7f00:1::", false),
    ("fc00::1", false), ("fd12::1", false), ("fe80::1", false), ("ff02::1", false), ("2001:db8::1", false),
    ("2001:0:1::1", false),
  ])
  func publicAddresses(address: String, isPublic: Bool) {
    var four = in_addr()
    var six = in6_addr()
    let bytes =
      inet_pton(AF_INET, address, &four) == 1
      ? withUnsafeBytes(of: four) { Array($0) }
      : inet_pton(AF_INET6, address, &six) == 1 ? withUnsafeBytes(of: six) { Array($0) } : []
    #expect(!bytes.isEmpty && PublicAddress.isPublic(bytes) == isPublic)
  }

  @Test(arguments: [
    (#"[{"content":"x"}]"#, "document_id"), (#"[{"document_id":"a"}]"#, "content is missing"), (#"["x"]"#, "an object"),
    (#"[{"document_id":"a","content":{"type":"image"}}]"#, "only text"), (#""x""#, "documents should be a list"),
    (#"[{"document_id":"a","content":"file:///etc/passwd"}]"#, "begins with http://, https:// or data:"),
    (#"[{"document_id":"a","content":{"uri":"gopher://x"}}]"#, "begins with http://, https:// or data:"),
    (#"[{"document_id":"a","content":"data:text/plain;base64,*"}]"#, "no base64"),
    (#"[{"document_id":"a","content":"x","mime_type":"application/pdf"}]"#, "application/pdf"),
    (#"[{"document_id":"a","content":"x","metadata":3}]"#, "metadata should be an object"),
  ])
  func wrongDocuments(documents: String, sentence: String) async throws {
    let server = try StackServer()
    try server.register()
    let answer = try insert(server, documents)
    #expect(answer.status == 400 && answer.detail.contains(sentence), "\(answer.text)")
    #expect(try insert(server, #"[{"document_id":"a","content":"x"}]"#, chunk: 0).detail.contains("at least 1"))
    try await server.end()
  }

  @Test func chunksKeepTheirMetadataAndTheirVectors() async throws {
    let server = try StackServer()
    try server.register()
    let vector = [1] + Array(repeating: 0, count: 383)
    let answer = try server.ask(
      "POST", "/v1/vector-io/insert",
      """
      {"vector_db_id":"docs","chunks":[
        {"content":"given","metadata":{"document_id":"d","page":3,"tags":["a",null]},"embedding":\(vector)},
        {"content":[{"type":"text","text":"made"},"here"],"metadata":{}},
        {"content":[{"type":"text","text":"made"},"here"],"metadata":{}}]}
      """)
    #expect(answer.text == "null", "\(answer.text)")
    let found = try server.ask("POST", "/v1/vector-io/query", #"{"vector_db_id":"docs","query":"made here"}"#).json
    #expect(found["chunks"]?[0]?["content"]?.string == "made here" && found["chunks"]?.array?.count == 2)
    let given = found["chunks"]?.array?.first { $0["content"]?.string == "given" }
    #expect(given?["metadata"]?["page"] == .integer(3) && given?["metadata"]?["tags"] == .array([.string("a"), .null]))
    let short = try server.ask(
      "POST", "/v1/vector-io/insert",
      #"{"vector_db_id":"docs","chunks":[{"content":"x","metadata":{},"embedding":[1,2]}]}"#)
    #expect(short.status == 400 && short.detail.contains("chunks.0.embedding has 2 values"))
    try await server.end()
  }
}
