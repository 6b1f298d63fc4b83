import JSON
import TestFixtures
import Testing
import VectorStores

@Suite struct RemoteServerTests {
  private func server(_ url: String, key: String? = nil, patience: Double = 60, limit: Int = 1 << 20) throws
    -> RemoteServer
  {
    var options = RemoteServer.Options(name: "milvus", start: "scripts/systems up milvus", keyVariable: "MILVUS_TOKEN")
    options.patience = patience
    options.limit = limit
    return try RemoteServer(
      RemoteAddress(parsing: url),
      key: RemoteKey(variable: "MILVUS_TOKEN", environment: key.map { ["MILVUS_TOKEN": $0] } ?? [:]),
      options: options)
  }

  @Test func connectionsStayOpenAndBodiesArrive() throws {
    let stub = try FaultServer { request, number in
      [.answer("{\"n\":\(number),\"method\":\"\(request.method)\",\"length\":\(request.body.count)}")]
    }
    let server = try server(stub.url)
    #expect(try server.call("GET", "/a").json()["method"]?.string == "GET")
    #expect(
      try server.call("POST", "/a", body: [UInt8](repeating: 0x20, count: 3 << 20)).json()["length"]?.integer == 3 << 20
    )
    #expect(try server.call("GET", "/a", body: Array("{}".utf8)).json()["length"]?.integer == 2)
    #expect(try server.call("DELETE", "/a").json()["method"]?.string == "DELETE")
    #expect(try server.call("GET", "/a").json()["length"]?.integer == 0)
    #expect(stub.connections == 1)
  }

  @Test func keysGoToLoopbackAloneUnlessEncrypted() throws {
    let stub = try FaultServer { request, _ in
      request.field("authorization") == "Bearer root:Milvus"
        ? [.answer("{}")] : [.answer(status: 401, "{\"code\":1800}")]
    }
    #expect(try server(stub.url, key: "root:Milvus").call("GET", "/x").isSuccess)
    #expect(
      failure { _ = try server(stub.url).call("GET", "/x") }
        == "milvus: GET /x of \(stub.url) wants a key; set MILVUS_TOKEN")
    #expect(
      failure { _ = try server(stub.url, key: "root:wrong").call("GET", "/x") }
        == "milvus: GET /x of \(stub.url) refused the key from MILVUS_TOKEN; set MILVUS_TOKEN to one that it accepts")
    #expect(
      failure { _ = try server("http://milvus.example:19530", key: "secret") }
        == "milvus: the key from MILVUS_TOKEN would go to milvus.example unencrypted; write https://, or unset the variable"
    )
    #expect(failure { _ = try server("https://milvus.example", key: "secret") } == nil)
    #expect(failure { _ = try server("http://127.0.0.1.example", key: "secret") } != nil)
  }

  @Test func addressesWithMoreThanAnAddressAreRefused() {
    for text in ["127.0.0.1:19530", "ftp://a", "http://", "file:///etc/passwd", ""] {
      #expect(
        failure { _ = try RemoteAddress(parsing: text) }
          == "'\(text)' is no address of a server; write http://HOST:PORT or https://HOST")
    }
    for text in ["http://root:Milvus@127.0.0.1:19530", "http://127.0.0.1/?token=x", "http://127.0.0.1/#x"] {
      let sentence = failure { _ = try RemoteAddress(parsing: text) }
      #expect(sentence?.hasSuffix("keys and passwords belong in the environment") == true)
      #expect(sentence?.contains("Milvus") == false && sentence?.contains("token") == false)
    }
  }

  @Test func whatIsNoAnswerIsOneSentence() throws {
    let page = "<!doctype html><html><head><title>502 Bad Gateway</title></head></html>"
    let stub = try FaultServer { request, _ in
      switch request.path {
      case "/html": [.answer(status: 502, type: "text/html", page)]
      case "/truncated": [.answer("{\"code\":200,\"data\":[{\"id\":\"4705")]
      case "/empty": [.answer(status: 204, "")]
      case "/words": [.answer(status: 404, type: "text/plain", "404 page not found")]
      case "/long": [.answer("\"\(String(repeating: "x", count: 2 << 20))\"")]
      case "/short": [.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"code\""), .close]
      case "/reset": [.reset]
      case "/moved": [.answer(status: 302, headers: ["Location: http://169.254.169.254/"], "")]
      case "/garbage": [.send("SSH-2.0-OpenSSH_9.2\r\n"), .close]
      default: [.stall]
      }
    }
    let server = try server(stub.url, patience: 0.2)
    let patient = try self.server(stub.url)
    func sentence(_ path: String, _ server: RemoteServer) -> String {
      (failure { _ = try server.call("GET", path).json() } ?? "none").replacing(stub.url, with: "URL")
    }
    #expect(
      sentence("/html", patient)
        == "milvus: GET /html of URL answered with a page of HTML (HTTP status 502, titled '502 Bad Gateway'), not with JSON; another server is at this address"
    )
    #expect(
      sentence("/truncated", patient)
        == "milvus: GET /truncated of URL answered with JSON that ends after 31 bytes, in the middle of a value; ask again"
    )
    #expect(sentence("/empty", patient) == "milvus: GET /empty of URL answered with nothing (HTTP status 204)")
    #expect(
      sentence("/words", patient)
        == "milvus: GET /words of URL answered with what is no JSON (HTTP status 404, byte 4: something follows the JSON value): '404 page not found'"
    )
    #expect(sentence("/long", patient).contains("the answer is longer than 1048576 bytes"))
    #expect(sentence("/short", patient).contains("broke off its answer"))
    #expect(sentence("/reset", patient).contains("broke off its answer"))
    #expect(
      sentence("/moved", patient)
        == "milvus: GET /moved of URL sends on to http://169.254.169.254/, which is not followed; name the address itself"
    )
    #expect(sentence("/garbage", patient).contains("is it the right port?"))
    #expect(sentence("/stall", server).contains("gave no whole answer within 0.2 s"))
    // The same sentences where fields are read.
    #expect(
      failure { _ = try patient.call("GET", "/truncated").value() }?.contains("in the middle of a value") == true)

    stub.die()
    let down = sentence("/any", patient)
    #expect(down.hasPrefix("milvus: nothing answers at URL ("))
    #expect(down.hasSuffix("start it with scripts/systems up milvus, or name another address"))
  }

  @Test func replayedConversationsAnswerAsTheyDidThen() throws {
    let transcript = try ReplayTranscript.plain(
      """
      >>> GET /list 
      {"code":1800}
      [http 401 ct=application/json; charset=utf-8 t=0.01]
      >>> GET /list  -H Authorization: Bearer root:Milvus
      {"data":[]}
      [http 200 t=0.01]
      >>> POST /add {"a":[0.1,2]} -H Authorization: Bearer root:Milvus
      {"n":1}
      [http 200 t=0.01]
      >>> GET /list  -H Authorization: Bearer root:Milvus
      {"data":[1]}
      [http 200 t=0.01]
      """)
    let stub = try ReplayServer(transcript)
    let server = try server(stub.url, key: "root:Milvus")
    #expect(try server.call("GET", "/list").json()["data"] == .array([]))
    #expect(try server.call("POST", "/add", body: Array("{ \"a\": [0.1, 2.0] }".utf8)).json()["n"] == .integer(1))
    #expect(try server.call("GET", "/list").json()["data"] == .array([.integer(1)]))
    #expect(stub.unplayed.map(\.status) == [401])
    #expect(stub.strangers.isEmpty)
    #expect(try server.call("POST", "/add", body: Array("{}".utf8)).status == 599)
    #expect(stub.strangers == ["POST /add {}"])
  }
}
