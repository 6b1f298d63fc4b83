internal import CCurl
internal import Glibc

/// Moments as HTTP's headers tell them.
package enum HTTPDate {
  /// Seconds since 1970.
  package static func now() -> Int { time(nil) }

  /// Seconds from a moment (since 1970) until what `Retry-After` says: a number of seconds, or a date (RFC 9110, section
  /// 10.2.3); nil: it is neither.
  package static func seconds(until text: String, from moment: Int) -> Double? {
    if let seconds = Double(text) { return seconds.isFinite ? max(0, seconds) : nil }
    let date = curl_getdate(text, nil)
    return date < 0 ? nil : Double(max(0, date - moment))
  }
}
