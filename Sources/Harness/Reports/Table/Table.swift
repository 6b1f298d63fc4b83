public import RunStore

/// A table of results: what every output form (terminal, Markdown) is rendered from.
public struct Table: Sendable, Equatable {
  /// What identifies the table: "search · sift-5k".
  public var title: String
  /// What is the same in all rows: "k 10 · threads 1".
  public var caption: String
  public var columns: [Column]
  public var rows: [Row]
  /// Sentences below the table; a cell's `note` counts from 1 into them.
  public private(set) var footnotes: [String]

  public init(title: String, caption: String = "", columns: [Column]) {
    self.title = title
    self.caption = caption
    self.columns = columns
    rows = []
    footnotes = []
  }

  public struct Column: Sendable, Equatable {
    public enum Alignment: Sendable { case left, right }

    public var title: String
    public var alignment: Alignment
    public var unit: String
    public var better: MetricValue.Direction
    /// Columns with the highest number are the first to go where the width is short; 0 never goes.
    public var priority: Int

    public init(
      _ title: String, alignment: Alignment = .left, unit: String = "", better: MetricValue.Direction = .none,
      priority: Int = 0
    ) {
      self.title = title
      self.alignment = alignment
      self.unit = unit
      self.better = better
      self.priority = priority
    }
  }

  /// One cell: the text, the number behind it, and the footnote that explains it.
  public struct Cell: Sendable, Equatable {
    public var text: String
    public var number: Double?
    public var isBest = false
    public var note: Int?

    public init(_ text: String, number: Double? = nil, note: Int? = nil) {
      self.text = text
      self.number = number
      self.note = note
    }

    /// A number as people read it.
    public static func number(_ value: Double, unit: String) -> Cell {
      Cell(HumanNumber.text(value, unit: unit), number: value)
    }

    public static let empty = Cell("")
  }

  public struct Row: Sendable, Equatable {
    public var cells: [Cell]
    public var isPareto: Bool
    public var isFailure: Bool
    /// Rows of different groups were measured under different conditions: no best and no front spans two of them.
    public var group: Int

    public init(_ cells: [Cell], isPareto: Bool = false, isFailure: Bool = false, group: Int = 0) {
      self.cells = cells
      self.isPareto = isPareto
      self.isFailure = isFailure
      self.group = group
    }
  }

  /// Number of the footnote with this text; said once however many cells refer to it.
  public mutating func footnote(_ sentence: String) -> Int {
    if let known = footnotes.firstIndex(of: sentence) { return known + 1 }
    footnotes.append(sentence)
    return footnotes.count
  }

  /// Leaves out the columns that say the same nothing in every row.
  mutating func dropColumns(holdingOnly text: String) {
    let kept = columns.indices.filter { column in rows.contains { $0.cells[column].text != text } }
    columns = kept.map { columns[$0] }
    for row in rows.indices { rows[row].cells = kept.map { rows[row].cells[$0] } }
  }

  /// Marks the best value of each column that has a better direction, within each group. Ties are all marked,
  /// unless more than half of the rows tie.
  public mutating func markBest() {
    for group in Set(rows.map(\.group)) {
      let members = rows.indices.filter { rows[$0].group == group }
      for (column, heading) in columns.enumerated() where heading.better != .none {
        let numbers = members.compactMap { rows[$0].cells[column].number }
        guard let least = numbers.min(), let most = numbers.max(), least < most else { continue }
        let best = heading.better == .higher ? most : least
        let winners = members.filter { rows[$0].cells[column].number == best }
        guard winners.count * 2 <= numbers.count else { continue }
        for row in winners { rows[row].cells[column].isBest = true }
      }
    }
  }

  /// A cell's text with the number of its footnote.
  func text(_ cell: Cell) -> String { cell.note.map { cell.text + Self.superscript($0) } ?? cell.text }

  static func superscript(_ number: Int) -> String {
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return String(String(number).compactMap(\.wholeNumberValue).map { digits[$0] })
  }
}
