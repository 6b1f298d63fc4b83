/// A filter, understood.
///
/// Truth has three values (Kleene): whatever asks for a field that is missing, or null, is unknown; `not` leaves it unknown,
/// and a row whose filter is unknown does not match.
indirect enum FilterExpression: Equatable {
  case literal(FilterLiteral)
  case key
  case field(FieldPath)
  case not(FilterExpression)
  case all([FilterExpression])
  case any([FilterExpression])
  case compare(FilterComparison, FilterExpression, FilterExpression)
  case isMember(FilterExpression, FilterValues)
  case like(FilterExpression, LikePattern)
  case arithmetic(FilterArithmetic, FilterExpression, FilterExpression)
  case negative(FilterExpression)
}

enum FilterComparison: Equatable { case equal, unequal, less, lessOrEqual, greater, greaterOrEqual }

/// Integers stay integers, division cuts towards zero as in C; what overflows, or divides by zero, is unknown.
enum FilterArithmetic: Equatable { case plus, minus, times, divide, remainder }

enum FilterLiteral: Equatable {
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  /// UTF-8; strings compare by their bytes.
  case string([UInt8])
}

/// Where a value lies in a row's fields: `meta["a"][0]`.
struct FieldPath: Equatable {
  enum Step: Equatable {
    /// UTF-8.
    case name([UInt8])
    case place(Int)
  }

  /// At least one, the first a name.
  var steps: [Step]
}

/// The list of an `in`, each kind sorted.
struct FilterValues: Equatable {
  private(set) var integers: [Int64] = []
  private(set) var numbers: [Double] = []
  private(set) var strings: Set<[UInt8]> = []
  private(set) var truths: Set<Bool> = []

  init(_ values: [FilterLiteral]) {
    for value in values {
      switch value {
      case .bool(let truth): truths.insert(truth)
      case .integer(let integer): integers.append(integer)
      case .number(let number):
        if let integer = Int64(exactly: number) { integers.append(integer) } else { numbers.append(number) }
      case .string(let text): strings.insert(text)
      }
    }
    integers.sort()
    numbers.sort()
  }

  var count: Int { integers.count + numbers.count + strings.count + truths.count }

  func contains(_ integer: Int64) -> Bool { integers.holds(integer) }

  func contains(_ number: Double) -> Bool {
    if let integer = Int64(exactly: number) { return integers.holds(integer) }
    return numbers.holds(number)
  }
}

extension Array where Element: Comparable {
  /// Whether a sorted array has the value.
  fileprivate func holds(_ value: Element) -> Bool {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low < count && self[low] == value
  }
}
