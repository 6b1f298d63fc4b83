import Documents
import Files
import TestFixtures
import Testing

@Suite struct PageTests {
  private let server = try? LoopbackServer { request in
    switch request.path {
    case "/page":
      .init(
        headers: ["Content-Type: text/html; charset=iso-8859-1"], body: Array("<title>T</title><p>caf".utf8) + [0xE9])
    case "/old": .init(status: 302, headers: ["Location: /page"])
    case "/loop": .init(status: 301, headers: ["Location: /loop"])
    case "/broken": .init(status: 500)
    case "/moved-to-nothing": .init(status: 302, headers: ["Location: /missing"])
    case "/raw/guide.rst": .init(headers: ["Content-Type: text/plain; charset=utf-8"], text: "Title\n=====\n")
    case "/raw/note.md?x=1": .init(headers: ["Content-Type: text/plain"], text: "# Note\n")
    case "/picture": .init(headers: ["Content-Type: image/png"], body: [0x89, 0x50, 0])
    case "/unsaid": .init(body: [0, 1, 2])
    case "/empty": .init(status: 204)
    case "/cut": .init(headers: ["Content-Type: text/plain"], body: Array("half of it".utf8), breaksAfter: 4)
    default: .init(status: 404, headers: ["Content-Type: text/html"], text: "<p>Not found")
    }
  }

  private func load(_ path: String) throws -> Document {
    let server = try #require(server)
    return try #require(try CorpusLoader.load(path: server.url(String(path.dropFirst()))).documents.first)
  }

  @Test func aPageIsADocumentNamedByItsURL() throws {
    let page = try load("/page")
    #expect(page.text == "café")
    #expect(page.title == "T")
    #expect(page.repairs == 0)
    #expect(page.id == server?.url("page"))
    #expect(page.source == page.id)
  }

  @Test func redirectionsAreFollowed() throws { #expect(try load("/old").text == "café") }

  @Test func plainTextIsToldByItsEnding() throws {
    #expect(try load("/raw/guide.rst").title == "Title")
    #expect(try load("/raw/note.md?x=1").mimeType == "text/markdown")
  }

  @Test(arguments: [
    ("/missing", "HTTP status 404"), ("/broken", "HTTP status 500"), ("/moved-to-nothing", "HTTP status 404"),
    ("/loop", "redirects"), ("/picture", "the answer is image/png, not text"),
    ("/unsaid", "of no stated type and binary"),
    ("/cut", "transfer closed"),
  ])
  func whatIsNoDocumentIsAnError(path: String, complaint: String) throws {
    #expect {
      _ = try load(path)
    } throws: {
      "\($0)".contains(complaint) && "\($0)".contains(path)
    }
  }

  @Test func anEmptyAnswerIsAnEmptyDocument() throws { #expect(try load("/empty").text == "") }
}
