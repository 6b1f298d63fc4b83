internal import Files
internal import Foundation

extension CorpusLoader {
  /// Paragraphs and the questions asked of them, as SQuAD, XQuAD and their kin keep them (Rajpurkar et al. 2016): a question
  /// judges the paragraph under which it stands, and its evidence is where its answers begin, counted in scalars there.
  ///
  /// Questions without an answer (SQuAD 2.0) are relevant to nothing and left out.
  /// A document's id is the number of its article and of its paragraph in it, from 0: "3-1".
  static func squad(_ path: String, name: String) throws -> Corpus {
    let file = try FileBytes(path: path)
    let text = DecodedText(
      utf8: UnsafeRawBufferPointer(rebasing: file.bytes.dropFirst(ByteOrderMark(file.bytes)?.count ?? 0)))
    let articles: [SQuADFile.Article]
    do {
      articles = try JSONDecoder().decode(SQuADFile.self, from: Data(text.text.utf8)).data
    } catch {
      throw DataError.corrupt(path: path, at: "SQuAD", reason: JSONLines.reason(error))
    }
    var builder = CorpusBuilder(source: path)
    if text.repairs > 0 { builder.warn("\(text.repairs) broken byte sequences of \(path) became U+FFFD") }
    var strays = 0
    var unanswered = 0
    for (article, content) in articles.enumerated() {
      for (number, paragraph) in content.paragraphs.enumerated() {
        let id = "\(article)-\(number)"
        try builder.add(
          Document(id: id, title: content.title, text: paragraph.context, source: path),
          at: "article \(article), paragraph \(number)")
        let offsets = ScalarOffsets(paragraph.context)
        for question in paragraph.qas {
          guard !question.answers.isEmpty else {
            unanswered += 1
            continue
          }
          let places = question.answers.map { offsets.range(of: $0.text, from: $0.start) }
          strays += places.count { $0 == nil }
          var answers: Set<String> = []
          var ranges: Set<Range<Int>> = []
          try builder.add(
            Question(
              id: question.id, text: question.question,
              answers: question.answers.map(\.text).filter { answers.insert($0).inserted }, judgements: [id: 1],
              evidence: places.compactMap { $0 }.filter { ranges.insert($0).inserted }
                .map { Evidence(document: id, range: $0) }),
            at: "article \(article), paragraph \(number)")
        }
      }
    }
    if strays > 0 { builder.warn("\(strays) answers do not stand where the file says; they have no evidence") }
    if unanswered > 0 { builder.warn("left out \(unanswered) questions that have no answer") }
    return builder.corpus(name: name)
  }
}

private struct SQuADFile: Decodable {
  var data: [Article]

  struct Article: Decodable {
    var title: String?
    var paragraphs: [Paragraph]
  }

  struct Paragraph: Decodable {
    var context: String
    var qas: [Item]
  }

  struct Item: Decodable {
    var id: String
    var question: String
    var answers: [Answer]
  }

  struct Answer: Decodable {
    var text: String
    var start: Int

    enum CodingKeys: String, CodingKey {
      case text
      case start = "answer_start"
    }
  }
}

/// Turns offsets in scalars into offsets in UTF-8 bytes.
private struct ScalarOffsets {
  private let bytes: [UInt8]
  /// Byte offset of every scalar, and of the end.
  private let starts: [Int]

  init(_ text: String) {
    let bytes = Array(text.utf8)
    self.bytes = bytes
    starts = bytes.indices.filter { bytes[$0] & 0xC0 != 0x80 } + [bytes.count]
  }

  /// Where `text` stands, if it does begin at scalar `start`.
  func range(of text: String, from start: Int) -> Range<Int>? {
    guard starts.indices.contains(start), bytes[starts[start]...].starts(with: text.utf8) else { return nil }
    return starts[start]..<starts[start] + text.utf8.count
  }
}
