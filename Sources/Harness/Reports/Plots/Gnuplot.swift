import CGnuplot

/// A running gnuplot: takes commands and data, and says at the end whether it understood them.
struct Gnuplot: ~Copyable {
  private let session: OpaquePointer

  /// - Throws: `ReportError.noGnuplot` where the program cannot be started.
  init(program: String) throws {
    var message = [CChar](repeating: 0, count: 4096)
    guard let session = gnuplot_open(program, &message, message.count) else {
      throw ReportError.noGnuplot(reason: "\(program): \(Self.text(message))")
    }
    self.session = session
  }

  deinit {
    _ = gnuplot_close(session, nil, 0)
  }

  /// A process that went away is reported by `finish`, which knows why.
  func send(_ command: String) {
    _ = gnuplot_command(session, command)
  }

  /// Columns of equal length as the data block `$name`; values that are not finite are missing.
  func send(block name: String, columns: [[Double]]) {
    let rows = columns.first?.count ?? 0
    precondition(columns.allSatisfy { $0.count == rows }, "columns of one block are of one length")
    _ = gnuplot_data(session, name, columns.flatMap { $0 }, columns.count, rows)
  }

  /// Waits until everything is drawn. Returns what gnuplot complained of, or `nil`.
  consuming func finish() -> String? {
    var message = [CChar](repeating: 0, count: 8192)
    let status = gnuplot_close(session, &message, message.count)
    discard self
    return status == 0 ? nil : Self.sentence(Self.text(message))
  }

  /// A text as gnuplot's literal: between single quotes nothing but the quote is special.
  static func quoted(_ text: String) -> String {
    // gnuplot writes ">" into an SVG as it is, and "]]>" is no XML: a hair space parts it. Another goes before a quote in front,
    // since the title of a "keyentry" that begins with one is taken for an empty one.
    "'" + (text.hasPrefix("'") ? "\u{200A}" : "")
      + Table.plain(text).replacing("'", with: "''").replacing("]]>", with: "]]\u{200A}>") + "'"
  }

  /// A text as the label of a tick, which gnuplot takes for a format of the tick's place.
  static func quotedTick(_ text: String) -> String { quoted(text.replacing("%", with: "%%")) }

  private static func text(_ message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// gnuplot repeats the command, points into it with a caret, and then says what is wrong, in lines.
  private static func sentence(_ words: String) -> String {
    let lines = words.split(whereSeparator: \.isNewline).map { Table.plain(String($0)) }
    let telling = lines.filter { $0.contains("line ") || $0.contains("rror") || $0.contains("arning") }
    return (telling.last ?? lines.last ?? words).trimmingSpaces
  }
}

extension String {
  fileprivate var trimmingSpaces: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
