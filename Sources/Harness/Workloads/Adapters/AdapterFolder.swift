internal import Datasets
internal import Embedders
internal import Foundation
internal import Glibc

/// Where the harness and its adapters exchange vectors and results: one folder a process, gone with it.
///
/// A folder whose process was killed is removed by the next one. Not for several threads at once.
package final class AdapterFolder {
  package let path: String
  private let lock: CInt
  private var written: [Entry] = []
  private var results = 0
  private var writtenTexts: [TextFiles] = []
  private var writtenRequests: [(path: String, source: GenerationRequests)] = []

  /// Base set, queries, warm-up queries, and one of them of the next dataset.
  private static let kept = 4
  private static let prefix = "ragmeter-adapters-"

  private struct Entry {
    let path: String
    /// Held so that the storage's address stays this set's and no other's.
    let set: VectorSet
  }

  /// Where the two forms of some texts lie.
  struct TextFiles {
    let tokens: String
    let texts: String
    /// Held so that nothing else comes to lie at its address.
    let source: EmbeddingTexts
  }

  /// Makes a folder of its own in `parent`, which must have room for the base set.
  /// - Throws: `AdapterError.system` if it cannot be made.
  package init(in parent: String) throws(AdapterError) {
    var name = Array("\(parent)/\(Self.prefix)XXXXXX".utf8CString)
    guard mkdtemp(&name) != nil else { throw .system(path: parent, reason: String(cString: strerror(errno))) }
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    lock = open("\(path)/lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
    guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      throw .system(path: path, reason: String(cString: strerror(errno)))
    }
    Self.removeAbandoned(in: parent)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
    close(lock)
  }

  /// The file that holds `set`, written when it is first asked for.
  func vectors(_ set: VectorSet) throws(AdapterError) -> String {
    if let index = written.firstIndex(where: { Self.same($0.set, set) }) {
      let entry = written.remove(at: index)
      written.append(entry)
      return entry.path
    }
    results += 1
    let entry = Entry(path: "\(path)/vectors-\(results)", set: set)
    try VectorFile.write(set, to: entry.path)
    written.append(entry)
    // An adapter that still maps a file keeps its pages; only the name goes.
    if written.count > Self.kept { unlink(written.removeFirst().path) }
    return entry.path
  }

  /// The files that hold `texts`, written when they are first asked for.
  func files(of texts: EmbeddingTexts, tokens: TokenizedTexts) throws(AdapterError) -> TextFiles {
    if let known = writtenTexts.first(where: { $0.source === texts }) { return known }
    results += 1
    let files = TextFiles(tokens: "\(path)/tokens-\(results)", texts: "\(path)/texts-\(results)", source: texts)
    try RaggedFile.write(tokens, to: files.tokens)
    try RaggedFile.write(texts.texts, to: files.texts)
    writtenTexts.append(files)
    return files
  }

  /// The file that holds `requests`, written when it is first asked for.
  func file(of requests: GenerationRequests) throws(AdapterError) -> String {
    if let known = writtenRequests.first(where: { $0.source === requests }) { return known.path }
    results += 1
    let path = "\(path)/requests-\(results)"
    try RequestFile.write(requests, to: path)
    // The source is held so that nothing else comes to lie at its address.
    writtenRequests.append((path, requests))
    return path
  }

  /// A name for an adapter to write its results under.
  func newResults() -> String {
    results += 1
    return "\(path)/results-\(results)"
  }

  /// The same storage, and so the same values: nobody has to compare hundreds of megabytes.
  private static func same(_ one: VectorSet, _ other: VectorSet) -> Bool {
    one.dimension == other.dimension && one.values.count == other.values.count
      && one.values.withUnsafeBufferPointer { first in
        other.values.withUnsafeBufferPointer { first.baseAddress == $0.baseAddress }
      }
  }

  /// Removes the folders whose lock nobody holds: their process is gone.
  private static func removeAbandoned(in parent: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    for folder in names.filter({ $0.hasPrefix(prefix) }).map({ "\(parent)/\($0)" }) {
      let lock = open("\(folder)/lock", O_RDWR | O_CLOEXEC)
      guard lock >= 0 else { continue }
      if flock(lock, LOCK_EX | LOCK_NB) == 0 { try? FileManager.default.removeItem(atPath: folder) }
      close(lock)
    }
  }
}
