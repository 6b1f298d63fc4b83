import Foundation

/// What this machine offers to tests.
enum Environment {
  static let mirror = ProcessInfo.processInfo.environment["RAGMETER_MIRROR"].flatMap { $0.isEmpty ? nil : $0 }
  static let hasFashionMNIST = FileManager.default.fileExists(
    atPath: "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz")
}
