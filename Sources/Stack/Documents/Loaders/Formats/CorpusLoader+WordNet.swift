internal import Files

extension CorpusLoader {
  /// A folder of WordNet's database, `data.noun`, `data.verb`, `data.adj` and `data.adv` (wndb(5WN)): one document a synset,
  /// its gloss as text and its words as title. The id is the part of speech and the offset: "n00001740".
  ///
  /// Several synsets may have the same gloss; each stays a document, and how many there are is told in the warnings.
  static func wordNet(_ folder: String, name: String) throws -> Corpus {
    var builder = CorpusBuilder(source: folder)
    var glosses: Set<String> = []
    var repeated = 0
    for (part, letter) in [("noun", "n"), ("verb", "v"), ("adj", "a"), ("adv", "r")] {
      let file = try FileBytes(path: "\(folder)/data.\(part)")
      var rest = file.bytes
      var number = 0
      while !rest.isEmpty {
        let end = rest.firstIndex(of: 0x0A) ?? rest.count
        let line = UnsafeRawBufferPointer(rebasing: rest[..<end])
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(end + 1))
        number += 1
        // The licence stands in front, every line of it indented.
        if line.starts(with: [0x20, 0x20]) { continue }
        let text = DecodedText(utf8: line)
        guard let synset = Synset(text.text) else {
          throw DataError.corrupt(
            path: file.path, at: "line \(number)",
            reason: "is no synset: offset, words and a gloss after ' | ' are needed")
        }
        if !synset.gloss.isEmpty, !glosses.insert(synset.gloss).inserted { repeated += 1 }
        try builder.add(
          Document(
            id: letter + synset.offset, title: synset.words.joined(separator: ", "), text: synset.gloss,
            source: file.path, repairs: text.repairs),
          at: "\(file.path), line \(number)")
      }
      withExtendedLifetime(file) {}
    }
    if repeated > 0 { builder.warn("\(repeated) glosses are the same as an earlier one's") }
    return builder.corpus(name: name)
  }
}

/// What counts of a line of WordNet's data files:
/// `synset_offset lex_filenum ss_type w_cnt word lex_id [word lex_id…] p_cnt … | gloss`, w_cnt in hexadecimal.
private struct Synset {
  var offset: String
  var words: [String]
  var gloss: String

  init?(_ line: String) {
    // No word holds a bar.
    let space = UInt8(ascii: " ")
    guard let bar = line.utf8.firstIndex(of: UInt8(ascii: "|")) else { return nil }
    let head = line.utf8[..<bar].split(separator: space, maxSplits: 4)
    guard head.count == 5, head[0].count == 8, head[0].allSatisfy({ 0x30...0x39 ~= $0 }),
      let count = Int(Substring(head[3]), radix: 16), count > 0
    else { return nil }
    // Each word is followed by its lex_id.
    let named = head[4].split(separator: space, maxSplits: 2 * count)
    guard named.count > 2 * count else { return nil }
    offset = String(Substring(head[0]))
    words = (0..<count).map { word in
      String(decoding: named[2 * word].map { $0 == UInt8(ascii: "_") ? space : $0 }, as: UTF8.self)
    }
    let rest = line.utf8[line.utf8.index(after: bar)...].drop { $0 == space }
    gloss = rest.lastIndex { $0 != space }.map { String(Substring(rest[...$0])) } ?? ""
  }
}
