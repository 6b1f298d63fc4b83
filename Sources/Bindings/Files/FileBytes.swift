import Glibc

/// Owns the bytes of a whole file: mapped read-only, or inflated where its name ends in `.gz`.
package final class FileBytes {
  package let path: String
  package let bytes: UnsafeRawBufferPointer
  private let isMapped: Bool

  /// - Parameter allowingEmpty: whether an empty file is one of no bytes, as among texts, or damaged, as among data.
  /// - Throws: `DataError.unavailable` if the file cannot be read, `.corrupt` if it is empty or no gzip stream.
  package init(path: String, inflating: Bool = true, allowingEmpty: Bool = false) throws {
    let mapped = try FileBytes.map(path, allowingEmpty: allowingEmpty)
    self.path = path
    guard inflating, path.hasSuffix(".gz"), mapped.count > 0 else {
      bytes = mapped
      isMapped = true
      return
    }
    defer { munmap(UnsafeMutableRawPointer(mutating: mapped.baseAddress), mapped.count) }
    bytes = try FileBytes.inflate(mapped, path: path)
    isMapped = false
  }

  deinit {
    guard isMapped else { return bytes.deallocate() }
    guard count > 0 else { return }
    munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
  }

  package var count: Int { bytes.count }

  /// A little-endian number at `offset`, which the caller has checked against `count`.
  package func load<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: Number.Type) -> Number {
    Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
  }

  /// Lets the system take back the pages that mirror a range of a mapped file, and whatever lies beside it in them; they are
  /// read again when they are touched. What was inflated stays.
  package func releaseMemory(_ range: Range<Int>) {
    let range = range.clamped(to: 0..<count)
    guard isMapped, !range.isEmpty, let base = bytes.baseAddress else { return }
    let start = range.lowerBound / Int(getpagesize()) * Int(getpagesize())
    // Advice: where it is refused, nothing but memory is lost.
    _ = madvise(UnsafeMutableRawPointer(mutating: base + start), range.upperBound - start, MADV_DONTNEED)
  }

  package func corrupt(at offset: Int, _ reason: String) -> DataError {
    .corrupt(path: path, at: "byte \(offset)", reason: reason)
  }

  private static func map(_ path: String, allowingEmpty: Bool) throws -> UnsafeRawBufferPointer {
    func refuse(_ what: String) -> DataError {
      .unavailable(name: path, reason: "\(what): \(String(cString: strerror(errno)))")
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw refuse("cannot be opened") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw refuse("cannot be examined") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw DataError.unavailable(name: path, reason: "is no regular file")
    }
    guard status.st_size > 0 else {
      if allowingEmpty { return UnsafeRawBufferPointer(start: nil, count: 0) }
      throw DataError.corrupt(path: path, at: "byte 0", reason: "the file is empty")
    }
    let size = Int(status.st_size)
    guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
      throw refuse("cannot be mapped")
    }
    return UnsafeRawBufferPointer(start: base, count: size)
  }

  private static func inflate(_ source: UnsafeRawBufferPointer, path: String) throws -> UnsafeRawBufferPointer {
    let inflater = try Inflater(source, path: path)
    var capacity = max(1 << 16, source.count * 4)
    guard var output = malloc(capacity) else {
      throw DataError.unavailable(name: path, reason: "needs \(capacity) bytes of memory, which are not there")
    }
    var used = 0
    do {
      while true {
        if used == capacity {
          capacity *= 2
          guard let larger = realloc(output, capacity) else {
            throw DataError.unavailable(
              name: path, reason: "inflates to over \(used) bytes, for which there is no memory")
          }
          output = larger
        }
        let free = UnsafeMutableRawBufferPointer(start: output + used, count: capacity - used)
        let produced = try inflater.read(into: free)
        if produced == 0 { break }
        used += produced
      }
      guard used > 0 else { throw DataError.corrupt(path: path, at: "byte 0", reason: "inflates to nothing") }
    } catch {
      free(output)
      throw error
    }
    return UnsafeRawBufferPointer(start: output, count: used)
  }
}
