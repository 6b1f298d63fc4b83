import GenerationClient
import HTTP
import Testing

@Suite struct ServerProfileTests {
  @Test(arguments: [
    ("http://127.0.0.1:9000", "vllm", "http://127.0.0.1:9000/v1"),
    ("http://127.0.0.1:9000/", "vllm", "http://127.0.0.1:9000/v1"),
    ("http://127.0.0.1:9000/v1/", "vllm", "http://127.0.0.1:9000/v1"),
    ("http://host/v1/chat/completions", "openai", "http://host/v1"),
    ("http://host:1/some/where/completions", "tgi", "http://host:1/some/where"),
    ("http://127.0.0.1:8321", "llama-stack", "http://127.0.0.1:8321/v1/openai/v1"),
    ("https://mine.lepton.run", "lepton", "https://mine.lepton.run/api/v1"),
  ])
  func completesURLs(url: String, preset: String, base: String) throws {
    let profile = try ServerProfile(url: url, preset: preset)
    #expect(profile.baseURL == base && profile.name == preset)
  }

  @Test func knowsServicesByTheirHosts() throws {
    #expect(try ServerProfile(url: "https://api.together.xyz").name == "together")
    #expect(try ServerProfile(url: "https://api.openai.com/v1").name == "openai")
    #expect(try ServerProfile(url: "http://127.0.0.1:8321").name == "vllm")
    #expect(try ServerProfile(url: "http://gpu-box:8000").metricsURL == "http://gpu-box:8000/metrics")
    #expect(try ServerProfile(url: nil, preset: "openai").metricsURL == nil)
  }

  @Test func saysWhatIsWrong() {
    #expect(
      throws: ClientError(
        "no preset is called 'vlm'; there are ragmeter, vllm, sglang, tgi, llama.cpp, llama-stack, openai, together, lepton"
      )
    ) { try ServerProfile(url: nil, preset: "vlm") }
    #expect(
      throws: ClientError("a server's URL begins with http:// or https:// and a host, as 'localhost:8000' does not")
    ) { try ServerProfile(url: "localhost:8000") }
  }

  @Test func namesNoSecret() {
    for profile in ServerProfile.presets {
      #expect(profile.keyVariable?.allSatisfy { $0.isUppercase || $0 == "_" } ?? true)
    }
  }
}

@Suite struct APIKeyTests {
  @Test func isNeverShown() throws {
    let key = try APIKey(variable: "K", environment: ["K": " sk-secret\n"])
    for text in ["\(key)", String(reflecting: key), String(describing: Optional(key)), "\([key])"] {
      #expect(!text.contains("secret"))
    }
    var dumped = ""
    dump(key, to: &dumped)
    dump([key], to: &dumped)
    #expect(!dumped.contains("secret") && dumped.contains("K"))
    #expect(key.redacted("Incorrect API key provided: sk-secret.") == "Incorrect API key provided: [API key].")
  }

  @Test func isFoundInTheEnvironment() throws {
    let together = try ServerProfile(url: nil, preset: "together")
    #expect(try APIKey.find(for: together, environment: [:]) == nil)
    #expect(try APIKey.find(for: together, environment: ["TOGETHER_API_KEY": "a"])?.variable == "TOGETHER_API_KEY")
    #expect(try APIKey.find(for: together, variable: "MINE", environment: ["MINE": "a"])?.variable == "MINE")
    #expect(throws: ClientError("the environment has no variable MINE; set it to the service's API key")) {
      try APIKey.find(for: together, variable: "MINE", environment: ["TOGETHER_API_KEY": "a", "MINE": " "])
    }
    #expect(throws: ClientError.self) { try APIKey(variable: "K", environment: ["K": "a\r\nX-Injected: 1"]) }
  }

  @Test func goesNowhereUnencryptedByItself() throws {
    let environment = ["HF_TOKEN": "a"]
    for (url, isSent) in [
      ("http://10.0.0.7:3000", false), ("http://127.0.0.1.example.org", false), ("http://localhost.example.org", false),
      ("https://tgi.example.org", true), ("http://127.0.0.1:3000", true), ("http://localhost:3000", true),
      ("http://[::1]:80", true),
    ] {
      let profile = try ServerProfile(url: url, preset: "tgi")
      #expect(try (APIKey.find(for: profile, environment: environment) != nil) == isSent, "\(url)")
      #expect(try APIKey.find(for: profile, variable: "HF_TOKEN", environment: environment) != nil)
    }
  }
}

@Suite struct RetryPolicyTests {
  @Test func backsOffWithFullJitter() {
    var policy = RetryPolicy()
    policy.attempts = 9
    #expect((1...8).map { policy.pause(after: $0, asked: nil, random: 1) } == [0.5, 1, 2, 4, 8, 16, 30, 30])
    #expect(policy.pause(after: 3, asked: nil, random: 0.25) == 0.5)
    #expect(policy.pause(after: 9, asked: nil, random: 0.5) == nil)
    #expect(policy.pause(after: 1, asked: 7, random: 0.5) == 7)
    #expect(policy.pause(after: 1, asked: 121, random: 0.5) == nil)
    policy.attempts = 100
    #expect(policy.pause(after: 99, asked: nil, random: 0.5) == 15)
  }

  @Test func readsRetryAfter() {
    let moment = 784_111_777  // Sun, 06 Nov 1994 08:49:37 GMT, RFC 9110's example
    #expect(HTTPDate.seconds(until: "120", from: moment) == 120)
    #expect(HTTPDate.seconds(until: "0.5", from: moment) == 0.5)
    #expect(HTTPDate.seconds(until: "-3", from: moment) == 0)
    #expect(HTTPDate.seconds(until: "Sun, 06 Nov 1994 08:49:47 GMT", from: moment) == 10)
    #expect(HTTPDate.seconds(until: "Sun, 06 Nov 1994 08:49:00 GMT", from: moment) == 0)
    #expect(HTTPDate.seconds(until: "soon", from: moment) == nil)
    #expect(HTTPDate.seconds(until: "nan", from: moment) == nil)
  }
}
