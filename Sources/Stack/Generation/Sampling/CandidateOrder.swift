/// The order of candidates: by logit, the highest first, and among equals by id; as keys that grow.
enum CandidateOrder {
  @inline(__always)
  static func key(logit: Float, id: Int32) -> UInt64 {
    // Adding zero makes -0 and 0 the same.
    let bits = (logit + 0).bitPattern
    let growing = bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
    return UInt64(~growing) << 32 | UInt64(UInt32(bitPattern: id))
  }

  /// The last key of the fewest leading ones whose masses together reach `mass`; the last of all if they never do.
  ///
  /// - Parameter keys: all different, at least one; they and their masses are put into another order.
  /// - Complexity: O(count) on average (quickselect, Hoare 1961, by mass in place of rank).
  static func leading(
    _ mass: Double, keys: UnsafeMutablePointer<UInt64>, masses: UnsafeMutablePointer<Float>, count: Int
  ) -> UInt64 {
    var low = 0
    var high = count
    var wanted = mass
    while high - low > 1 {
      let pivot = median(keys[low], keys[low + (high - low) / 2], keys[high - 1])
      var end = low
      var before = 0.0
      var atPivot = 0
      for index in low..<high where keys[index] <= pivot {
        if keys[index] == pivot { atPivot = end }
        before += Double(masses[index])
        swap(keys, index, end)
        swap(masses, index, end)
        end += 1
      }
      if before < wanted {
        guard end < high else { return pivot }
        wanted -= before
        low = end
      } else if before - Double(masses[atPivot]) < wanted {
        return pivot
      } else {
        // The pivot leaves, so that the part always shrinks.
        swap(keys, atPivot, end - 1)
        swap(masses, atPivot, end - 1)
        high = end - 1
      }
    }
    return keys[min(low, count - 1)]
  }

  @inline(__always)
  private static func median(_ a: UInt64, _ b: UInt64, _ c: UInt64) -> UInt64 { max(min(a, b), min(max(a, b), c)) }

  @inline(__always)
  private static func swap<Value>(_ values: UnsafeMutablePointer<Value>, _ a: Int, _ b: Int) {
    let value = values[a]
    values[a] = values[b]
    values[b] = value
  }
}
