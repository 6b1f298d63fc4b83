internal import Experiments
internal import Foundation
internal import Generation
internal import GenerationClient
internal import HTTP

/// A server that was started, or was there, with what is needed to put loads on it. Each load has a loop and connections of its
/// own.
final class ClientOfServer: LoadedServer {
  private let choice: ServerChoice
  private let options: ClientOptions
  private let process: ServerProcess?
  private let profile: ServerProfile
  private let key: APIKey?
  private let model: String?

  /// Seconds between two looks at the server's metrics, at least.
  private static let interval = 0.2

  /// Starts the server, if it is to be, and waits until it answers.
  ///
  /// - Throws: `EngineError` if it does not, `ClientError` for a URL or a preset that is none, or a key that is missing.
  init(_ choice: ServerChoice, options: ClientOptions, program: String, environment: [String: String]) throws {
    self.choice = choice
    self.options = options
    let folder = environment["TMPDIR"] ?? "/tmp"
    switch choice.source {
    case .own(let words):
      let command = [program, "serve", "--port", "0", "--model", choice.model ?? ""] + words
      let process = try ServerProcess(
        name: "ragmeter serve", command: command, environment: environment, folder: folder)
      self.process = process
      profile = try ServerProfile(url: try process.announcedURL(within: choice.startSeconds), preset: "ragmeter")
      try process.waitUntilReady("\(profile.root)/health", within: choice.startSeconds)
    case .command(let words, let ready):
      let port = try FreePort.find()
      func filled(_ word: String) -> String { word.replacing("{port}", with: "\(port)") }
      let process = try ServerProcess(
        name: choice.name, command: words.map(filled), environment: environment, folder: folder)
      self.process = process
      profile = try ServerProfile(url: filled(choice.url), preset: choice.preset)
      try process.waitUntilReady(profile.root + ready, within: choice.startSeconds)
    case .remote:
      process = nil
      profile = try ServerProfile(url: choice.url.isEmpty ? nil : choice.url, preset: choice.preset)
    }
    key = try APIKey.find(for: profile, variable: choice.keyVariable, environment: environment)
    model = try choice.isOwn ? nil : choice.model ?? Self.firstModel(profile, key: key, options: options)
  }

  /// What the server says it serves; nil where it says nothing, for some take any name.
  private static func firstModel(_ profile: ServerProfile, key: APIKey?, options: ClientOptions) throws -> String? {
    let client = CompletionClient(
      server: profile, model: nil, key: key, options: options, loop: try TransferLoop())
    var listed: Result<[ListedModel], RequestFailure>?
    client.models { listed = $0 }
    try client.loop.run { listed != nil }
    switch listed {
    case .success(let models): return models.first?.id
    case .failure(let failure) where [.refused, .timeout, .reset].contains(failure.kind):
      throw EngineError("\(profile.baseURL) cannot be reached: \(failure)")
    case .failure, nil: return nil
    }
  }

  func measure(_ requests: LoadRequests, _ point: LoadPoint, seed: UInt64) throws -> LoadResult {
    let client = CompletionClient(
      server: profile, model: model, key: key, options: options, loop: try TransferLoop())
    let sampler = MetricsSampler(server: profile, key: key, loop: client.loop, interval: Self.interval)
    let admission = try point.kvCeiling.map { ceiling in
      KVAdmission(forecast: try forecast(client), ceiling: ceiling)
    }
    return try LoadRunner(
      client: CompletionLoadClient(client), requests: requests, point: point, seed: seed, admission: admission,
      observer: sampler
    ).run()
  }

  /// How the server's KV memory will fill, by what its metrics say of it.
  ///
  /// - Throws: `EngineError` where they do not.
  private func forecast(_ client: CompletionClient) throws -> KVForecast {
    let sampler = MetricsSampler(server: profile, key: key, loop: client.loop, interval: Self.interval)
    sampler.start()
    try client.loop.run { !sampler.samples.isEmpty || sampler.failureCount > 0 }
    sampler.stop()
    guard let memory = sampler.cacheConfiguration else {
      throw EngineError(
        "\(choice.name) does not tell how many KV blocks it has\(sampler.lastFailure.map { " (\($0))" } ?? ""), "
          + "so nothing can be held under a kv_ceiling")
    }
    guard let forecast = KVForecast(memory) else {
      throw EngineError(
        "\(choice.name) gives KV memory away for whole answers at once, so there is nothing that a kv_ceiling could predict"
      )
    }
    return forecast
  }

  var failure: String? { process?.failure }

  func close() { process?.close() }
}
