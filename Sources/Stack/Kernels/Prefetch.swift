public import CKernels

/// Starts to fetch the cache line at `address`; a hint that never faults.
@inlinable
@inline(__always)
public func prefetch(_ address: UnsafeRawPointer) {
  ck_prefetch(address)
}
