import Foundation
import Testing
import Workloads

@Suite struct AdapterCatalogueTests {
  private func refusal(_ name: String, environment: [String: String], folders: [String] = []) -> String {
    let error = #expect(throws: AdapterError.self) {
      try AdapterCatalogue.command(for: name, environment: environment, folders: folders)
    }
    return error?.description ?? ""
  }

  @Test func givenCommandWins() throws {
    #expect(try AdapterCatalogue.command(for: "faiss", given: ["./mine"], environment: [:], folders: []) == ["./mine"])
  }

  @Test func unknownNameListsTheKnown() {
    #expect(
      refusal("annoy", environment: [:])
        == "adapter annoy cannot start: no adapter has this name (there are faiss, hnswlib, svs, usearch, vsag, "
        + "onnxruntime, openvino, pytorch, huggingface, llamacpp, vllm); give its command in the spec")
  }

  @Test func missingEnvironmentSaysWhatMakesIt() {
    #expect(
      refusal("faiss", environment: ["HOME": "/nowhere"])
        == "adapter faiss cannot start: /nowhere/.cache/ragmeter/peers/bin/python is missing; run scripts/peers first")
    #expect(
      refusal("faiss", environment: ["RAGMETER_PEERS": "/elsewhere"]).contains("/elsewhere/bin/python is missing"))
  }

  @Test func scriptIsFoundAboveTheSpec() throws {
    let files = FileManager.default
    let root = files.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? files.removeItem(at: root) }
    let adapters = root.appendingPathComponent("project/Benchmarks/adapters")
    let python = root.appendingPathComponent("peers/bin/python")
    for folder in [adapters, python.deletingLastPathComponent()] {
      try files.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    #expect(files.createFile(atPath: adapters.path + "/svs.py", contents: Data()))
    #expect(
      files.createFile(atPath: python.path, contents: Data(), attributes: [.posixPermissions: 0o755]))
    var environment = ["RAGMETER_PEERS": root.appendingPathComponent("peers").path]
    #expect(
      try AdapterCatalogue.command(
        for: "svs", environment: environment, folders: ["/", root.path + "/project/Benchmarks/deeper"])
        == [python.path, adapters.path + "/svs.py"])
    environment["RAGMETER_ADAPTERS"] = root.path + "/empty"
    #expect(refusal("svs", environment: environment).contains("svs.py is in none of \(root.path)/empty"))
  }
}
