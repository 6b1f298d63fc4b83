internal import Files

/// One URL to one partial file, going on where an earlier attempt broke off.
package struct Download {
  package var url: String
  /// Only so many bytes from the beginning.
  package var limit: Int?
  /// Told at every mebibyte and at the end.
  package var progress: (_ received: Int, _ total: Int?) -> Void

  package init(url: String, limit: Int? = nil, progress: @escaping (_ received: Int, _ total: Int?) -> Void) {
    self.url = url
    self.limit = limit
    self.progress = progress
  }

  /// Fills `part` to the end.
  ///
  /// - Throws: `DataError.unavailable` for a status other than 200 and 206, a body cut short, and all that libcurl
  ///   reports. What arrived stays in `part` for the next attempt.
  package func run(into part: PartialFile) throws {
    if let limit, part.count == limit, part.validator(for: url) != nil { return }
    let validator = part.validator(for: url)
    do {
      try attempt(into: part, validator: validator)
    } catch RangeRefused.refused {
      try attempt(into: part, validator: nil)
    }
    if let limit, part.count != limit {
      throw failure("ended after \(part.count) of \(limit) bytes")
    }
  }

  /// The source has fewer bytes than are here already: they are of another file.
  private enum RangeRefused: Error { case refused }

  private func attempt(into part: PartialFile, validator: String?) throws {
    let transfer = try CurlTransfer(url: url)
    let start = validator == nil ? 0 : part.count
    if start > 0 || limit != nil { transfer.setRange(from: start, through: limit.map { $0 - 1 }) }
    if let validator { transfer.addHeader("If-Range: \(validator)") }
    var hasBegun = false
    func begin(_ head: HTTPHead) throws {
      guard !hasBegun else { return }
      hasBegun = true
      switch head.status {
      case 206 where start > 0:
        guard head.headers["content-range"]?.hasPrefix("bytes \(start)-") == true else {
          throw failure("answered with another range than was asked for")
        }
      case 416 where start > 0: throw RangeRefused.refused
      case 0, 200, 206: try part.restart(url: url, validator: Download.validator(of: head))
      default: throw failure("HTTP status \(head.status)")
      }
    }
    let head = try transfer.perform(url: url) { head, bytes in
      try begin(head)
      let before = part.count
      let room = limit.map { $0 - before } ?? bytes.count
      try part.append(UnsafeRawBufferPointer(rebasing: bytes.prefix(room)))
      if part.count >> 20 != before >> 20 { progress(part.count, limit ?? Download.total(of: head)) }
      return part.count == limit ? .enough : .more
    }
    // A source without a body has not called back.
    try begin(head)
    progress(part.count, limit ?? Download.total(of: head))
  }

  /// A strong ETag or else a date: only they promise the same bytes (RFC 9110, section 13.1.5).
  private static func validator(of head: HTTPHead) -> String? {
    if let tag = head.headers["etag"], !tag.hasPrefix("W/") { return tag }
    return head.status == 0 ? nil : head.headers["last-modified"]
  }

  private static func total(of head: HTTPHead) -> Int? {
    if let range = head.headers["content-range"], head.status == 206 {
      return range.split(separator: "/").last.flatMap { Int($0) }
    }
    return head.headers["content-length"].flatMap { Int($0) }
  }

  private func failure(_ reason: String) -> DataError { .unavailable(name: url, reason: reason) }
}
