import Documents
import Embedders
import Experiments
import Foundation
import Generation
import Instrumentation
import RunStore
import Tokenizers
import Workloads
import YAML

/// Computes nothing: a step with prompt tokens takes a second, another half a second.
final class FakeExecutor: ModelExecutor {
  /// Whether it has a clock of its own.
  let isVirtual: Bool
  private(set) var steps = 0

  init(isVirtual: Bool) { self.isVirtual = isVirtual }

  func execute(_ step: ScheduledStep) -> ExecutedStep {
    steps += 1
    let hasPrompts = step.runs.contains { $0.tokens.count > 1 }
    return ExecutedStep(seconds: isVirtual ? (hasPrompts ? 1 : 0.5) : nil)
  }
}

/// Bytes are its tokens.
struct ByteTokenizer: Tokenizer {
  let vocabularySize = 256

  func encode(_ text: String, addSpecialTokens: Bool) -> Encoding {
    var encoding = Encoding()
    encoding.ids = text.utf8.map(Int32.init)
    return encoding
  }

  func decode(_ ids: [Int32], skipSpecialTokens: Bool) -> String {
    String(decoding: ids.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
  }
}

/// A model of 256 tokens, or LLaMA's 32 000, 100 bytes a token of KV memory, a context of 1 000 tokens.
func fakeModel(isVirtual: Bool, made: @escaping (ExecutorShape) -> Void = { _ in }) -> GenerationModel {
  GenerationModel(
    vocabularySize: isVirtual ? 32_000 : 256, contextLength: 1000, bytesPerBlock: { 100 * $0 },
    usualBudget: { _ in 160_000 },
    executor: { shape in
      made(shape)
      return FakeExecutor(isVirtual: isVirtual)
    })
}

/// Experiments on models that compute nothing; adapters are Perl scripts whose name is their fault.
final class GenerateBench {
  let folder: TemporaryFolder
  private let exchange: AdapterFolder
  /// Called with engine, n and policy before every pass.
  var onPass: (String) throws -> Void = { _ in }
  /// Takes the place of every engine.
  var standIn: (any GenerationEngine)?
  /// Executors that were made.
  private(set) var shapes: [ExecutorShape] = []

  init() throws {
    folder = try TemporaryFolder()
    exchange = try AdapterFolder(in: NSTemporaryDirectory())
  }

  func file(_ name: String, _ text: String) throws -> String {
    let path = "\(folder.path)/\(name)"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  private var resources: WorkloadResources {
    let exchange = exchange
    return WorkloadResources(
      dataset: { throw EngineError("no dataset \($0.source) here") },
      texts: { _ in nil },
      engine: { throw EngineError("no index \($0.engine) here") },
      store: { throw EngineError("no store \($0.name) here") },
      truth: { _, _, _ in throw EngineError("no truth here") },
      corpus: { throw EngineError("no corpus \($0.source) here") },
      chunker: { throw EngineError("no chunker \($0.kind) here") },
      embedder: { specification, _ in throw EngineError("no embedder \(specification.kind) here") },
      embeddingEngine: { throw EngineError("no embedding engine \($0.engine) here") },
      generation: GenerationResources(
        prompts: { source in
          guard source.contains("/") else { throw EngineError("no prompts \(source) here") }
          return source
        },
        tokenizer: { $0.isSimulated ? nil : ByteTokenizer() },
        engine: { [unowned self] choice in
          if let standIn { return standIn }
          let inner: any GenerationEngine =
            switch choice.source {
            case .inTree("missing"): throw EngineError("no model is called missing")
            case .inTree:
              InTreeGenerationEngine { fakeModel(isVirtual: false) { [unowned self] in shapes.append($0) } }
            case .simulated: SimulatedGenerationEngine(model: fakeModel(isVirtual: true))
            case .adapter(let name, let model, _, _):
              AdapterGenerationEngine(
                name: name, command: ["perl", "-e", GenerationAdapterFixture.script, name], model: model,
                parameters: choice.parameters.dictionary, folder: exchange)
            }
          return WatchedGenerator(inner: inner, name: choice.engine) { [unowned self] in try onPass($0) }
        }),
      serving: .none, rag: .none, cores: 2)
  }

  func plan(_ sections: String, seed: Int = 42) throws -> ExperimentPlan {
    try ExperimentPlan(
      ExperimentSpec(YAMLNode.parse("seed: \(seed)\nexperiments:\n\(sections)", file: "test.yml")),
      workloads: [GenerateSection.workload(resources)])
  }

  var storePath: String { folder.path + "/runs.sqlite" }

  func run(
    _ sections: String, seed: Int = 42, resume: Bool = false, storePath: String? = nil
  ) throws -> RunRecord {
    let store = try RunStore(path: storePath ?? self.storePath)
    let runner = ExperimentRunner(
      store: store, progress: RunProgress(seconds: { 0 }, isTerminal: false, write: { _ in }),
      machine: MachineFingerprint(cpu: "test", cores: 1, memory: 1 << 30, build: "release"), git: nil,
      now: { Date(timeIntervalSince1970: 1_700_000_000) })
    return try runner.run(try plan(sections, seed: seed), resume: resume, available: nil)
  }

  func passes(of id: String, in run: RunRecord) throws -> [PassRecord] {
    try RunStore(path: storePath).passes(of: id, in: run.run.id)
  }
}

/// Tells of every pass before it is taken.
private final class WatchedGenerator: GenerationEngine {
  private let inner: any GenerationEngine
  private let name: String
  private let onPass: (String) throws -> Void

  init(inner: any GenerationEngine, name: String, onPass: @escaping (String) throws -> Void) {
    self.inner = inner
    self.name = name
    self.onPass = onPass
  }

  func load(threads: Int, for setting: GenerationSetting) throws -> Double? {
    try inner.load(threads: threads, for: setting)
  }

  func generate(_ requests: GenerationRequests, _ setting: GenerationSetting) throws -> GenerationPass {
    let n = requests.requests[0].outputLengths.count
    try onPass("\(name) \(n) \(setting.policy.batching) \(requests.requests.count)")
    return try inner.generate(requests, setting)
  }

  func privateBytes() throws -> Int? { try inner.privateBytes() }

  func close() { inner.close() }
}

/// An adapter of a language model that keeps to the protocol but for one fault, in Perl so that no test of the protocol needs
/// Python. Token t of an output is the prompt's first token plus t.
struct GenerationAdapterFixture {
  let folder: AdapterFolder

  init() throws { folder = try AdapterFolder(in: NSTemporaryDirectory()) }

  func engine(
    _ fault: String, timeouts: AdapterTimeouts = AdapterTimeouts(), parameters: [String: String] = [:]
  ) -> AdapterGenerationEngine {
    AdapterGenerationEngine(
      name: "fake", command: ["perl", "-e", Self.script, fault], model: "/models/bytes", parameters: parameters,
      timeouts: timeouts, folder: folder)
  }

  /// 12 prompt tokens; 3 outputs of 9 tokens together.
  static let requests = GenerationRequests([
    OfflineRequest(prompt: [7, 8, 9, 10], outputLengths: [2, 3], maxTokens: 3),
    OfflineRequest(prompt: [1, 2, 3, 4, 5, 6, 7, 8], outputLengths: [4], maxTokens: 4),
  ])

  static let script = #"""
    $| = 1;
    my $fault = shift;
    sub hang { sleep 1 while 1 }
    sub generate {
      my ($line) = @_;
      my ($requests) = $line =~ /"requests":"([^"]+)"/;
      my ($answers) = $line =~ /"answers":"([^"]+)"/;
      my ($temperature) = $line =~ /"temperature":([\d.e-]+)/;
      my ($seed) = $line =~ /"seed":(\d+)/;
      die "no temperature or seed" unless defined $temperature && defined $seed;
      open my $file, '<:raw', $requests or die "$requests: $!";
      local $/;
      my $content = <$file>;
      my ($magic, $version, $outputs, $count, $total) = unpack 'a8 L< L< Q< Q<', $content;
      die "$requests is $magic $version" unless $magic eq 'RMPROMPT' && $version == 1;
      die "$requests has another size" unless length $content == 64 + 16 * ($count + 1) + 4 * ($total + $outputs);
      my @prompts = unpack "x64 Q<" . ($count + 1), $content;
      my @ends = unpack "x" . (64 + 8 * ($count + 1)) . " Q<" . ($count + 1), $content;
      my @values = unpack "x" . (64 + 16 * ($count + 1)) . " l<*", $content;
      my @lengths = @values[$total .. $#values];
      my @tokens;
      for my $request (0 .. $count - 1) {
        for my $output ($ends[$request] .. $ends[$request + 1] - 1) {
          push @tokens, $values[$prompts[$request]] + $_ for 0 .. $lengths[$output] - 1;
        }
      }
      my $made = @tokens;
      pop @tokens if $fault eq 'short';
      $tokens[1] = -3 if $fault eq 'negative';
      if ($fault ne 'no-file') {
        open my $out, '>:raw', $answers or die;
        print $out pack('a8 L< L< Q< Q< x32', $fault eq 'magic' ? 'NONSENSE' : 'RMANSWER', 1, 0,
          $fault eq 'few' ? $outputs - 1 : $outputs, $made), pack('l<*', @tokens);
        close $out;
      }
      my $seconds = $fault eq 'seconds' ? 1e6 : $fault eq 'zero' ? 0 : 2e-6;
      my $prefill = $fault eq 'long-prefill' ? 1e6 : 5e-7;
      my $prompted = $fault eq 'prefill-tokens' ? 1e9 : $total;
      my $decoded = $made - $outputs;
      my $generated = $fault eq 'generated' ? 1 : $made + 5;
      return qq(,"seconds":$seconds) if $fault eq 'silent';
      return qq(,"seconds":$seconds,"prefill_seconds":$prefill) if $fault eq 'partly';
      return qq(,"seconds":$seconds,"prefill_seconds":$prefill,"prefill_tokens":$prompted,"decode_seconds":1e-6,)
        . qq("decode_tokens":$decoded,"generated_tokens":$generated);
    }
    while (<STDIN>) {
      my ($id) = /"id":(\d+)/;
      my ($op) = /"op":"(\w+)"/;
      if ($fault eq "crash-$op") { print STDERR "out of ideas in $op\n"; kill 'SEGV', $$; hang() }
      hang() if $fault eq "hang-$op";
      if ($fault eq "refuse-$op") { print qq({"id":$id,"ok":false,"error":"unknown parameter colour"}\n); next }
      my $rest = '';
      $rest = ',"protocol":1,"engine":"fake","version":"0.1"' if $op eq 'hello';
      $rest = sprintf ',"private_bytes":%d', 1000 * ++$stats if $op eq 'stats';
      $rest = ',"load_seconds":' . ($fault eq 'load' ? -1 : 1e-6) if $op eq 'open';
      $rest = generate($_) if $op eq 'generate';
      print qq({"id":$id,"ok":true$rest}\n);
    }
    """#
}

extension GenerationResources {
  /// Where nothing generates.
  static var none: GenerationResources {
    GenerationResources(
      prompts: { throw EngineError("no prompts \($0) here") },
      tokenizer: { throw EngineError("no tokenizer of \($0.model) here") },
      engine: { throw EngineError("no generation engine \($0.engine) here") })
  }
}
