internal import Checksums
internal import Foundation
internal import VectorStores

/// Names for the collections that a run makes in stores: nobody else's is ever touched, and what a killed run left behind is
/// known for what it is.
package struct OwnCollections: Sendable {
  private static let prefix = "ragmeter"

  /// Of this machine since it was started, as processes see it; equal numbers of processes are the same only below it.
  private let machine: String
  private let process: Int32

  package init(machine: String, process: Int32) {
    self.machine = machine
    self.process = process
  }

  /// - Parameter process: who makes the collections.
  package static func ofThisMachine(process: Int32 = ProcessInfo.processInfo.processIdentifier) -> OwnCollections {
    let files = FileManager.default
    let boot = files.contents(atPath: "/proc/sys/kernel/random/boot_id").map { String(decoding: $0, as: UTF8.self) }
    // Containers share a kernel and count their processes each from 1.
    let container = try? files.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
    var hash = SHA256()
    hash.update("\(boot ?? "") \(container ?? "") \(ProcessInfo.processInfo.hostName)")
    return OwnCollections(machine: String(hash.hex().prefix(12)), process: process)
  }

  /// A name that no collection has: letters, digits and underscores, as every store takes them.
  package func name() -> String {
    let random = UUID().uuidString.replacing("-", with: "").lowercased().prefix(12)
    return [Self.prefix, machine, "\(process)", String(random)].joined(separator: "_")
  }

  /// The names that were made on this machine by processes that run no more.
  package func abandoned(among names: [String], isRunning: (Int32) -> Bool) -> [String] {
    names.filter { name in
      let parts = name.split(separator: "_", omittingEmptySubsequences: false)
      guard parts.count == 4, parts[0] == Self.prefix, parts[1] == machine, let maker = Int32(parts[2]) else {
        return false
      }
      return !isRunning(maker)
    }
  }

  /// Drops what killed runs of this machine left in a store; what cannot be dropped stays.
  ///
  /// - Returns: how many were.
  func sweep(_ store: any VectorStore) -> Int {
    guard let names = try? store.collections().map(\.schema.name) else { return 0 }
    // Signal 0 asks whether a process is there; it may be someone else's.
    let left = abandoned(among: names) { kill($0, 0) == 0 || errno == EPERM }
    return left.count { (try? store.drop(collection: $0)) != nil }
  }
}
