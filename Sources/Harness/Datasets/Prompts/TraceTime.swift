/// A moment of a trace, to the nanosecond.
struct TraceTime: Comparable {
  /// Since 1970, if the trace has dates.
  private var whole: Int
  private var nanoseconds: Int

  /// Of `2023-11-16 18:15:46.6805900`, with a `T` in place of the blank and an offset (`Z`, `+01:00`) behind it where there is
  /// one, or of a number of seconds.
  ///
  /// - Returns: nil for other words.
  init?(_ word: String) {
    let bytes = Array(word.utf8)
    guard bytes.count > 10, bytes[4] == UInt8(ascii: "-") else {
      guard let seconds = Double(word), seconds.isFinite, abs(seconds) < 1e15 else { return nil }
      whole = Int(seconds.rounded(.down))
      nanoseconds = Int((seconds - seconds.rounded(.down)) * 1e9)
      return
    }
    guard bytes.count >= 19, bytes[7] == UInt8(ascii: "-"),
      bytes[10] == UInt8(ascii: " ") || bytes[10] == UInt8(ascii: "T"),
      bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
      let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]), (1...12).contains(month),
      let day = Self.number(bytes[8..<10]), (1...31).contains(day),
      let hour = Self.number(bytes[11..<13]), hour < 24, let minute = Self.number(bytes[14..<16]), minute < 60,
      let second = Self.number(bytes[17..<19]), second <= 60
    else { return nil }
    var rest = bytes[19...]
    nanoseconds = 0
    if rest.first == UInt8(ascii: ".") {
      let digits = rest.dropFirst().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard let fraction = Self.number((digits + Array(repeating: UInt8(ascii: "0"), count: 9)).prefix(9)) else {
        return nil
      }
      nanoseconds = fraction
      rest = rest.dropFirst(digits.count + 1)
    }
    guard let offset = Self.offset(rest) else { return nil }
    whole = Self.days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset
  }

  func seconds(since other: TraceTime) -> Double {
    Double(whole - other.whole) + Double(nanoseconds - other.nanoseconds) / 1e9
  }

  static func < (left: TraceTime, right: TraceTime) -> Bool {
    (left.whole, left.nanoseconds) < (right.whole, right.nanoseconds)
  }

  private static func number(_ digits: some Collection<UInt8>) -> Int? {
    var value = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      value = value * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return value
  }

  /// Seconds east of Greenwich.
  private static func offset(_ bytes: ArraySlice<UInt8>) -> Int? {
    if bytes.isEmpty || bytes.elementsEqual([UInt8(ascii: "Z")]) { return 0 }
    let sign = bytes.first == UInt8(ascii: "+") ? 1 : bytes.first == UInt8(ascii: "-") ? -1 : 0
    let digits = bytes.dropFirst().filter { $0 != UInt8(ascii: ":") }
    guard sign != 0, digits.count == 4, let hours = number(digits.prefix(2)), let minutes = number(digits.suffix(2))
    else {
      return nil
    }
    return sign * (hours * 3600 + minutes * 60)
  }

  /// Days from 1970-01-01 in the Gregorian calendar. Source: Hinnant, "chrono-Compatible Low-Level Date Algorithms".
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
