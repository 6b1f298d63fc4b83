import GenerationClient
import TestFixtures
import Testing

@Suite struct PrometheusTextTests {
  private func read(_ text: String) -> PrometheusText { PrometheusText(Array(text.utf8)) }

  @Test func everyFormOfALineIsRead() throws {
    // By the format's description (prometheus.io, "Exposition formats"), its example among them.
    let text = read(
      """
      # HELP http_requests_total The total number of HTTP requests, \\\\ and\\nmore.
      # TYPE http_requests_total counter
      http_requests_total{method="post",code="200"} 1027 1395066363000
      http_requests_total{method="post",code="400",}    3 1395066363000
      # Escaping in label values:
      msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9
      metric_without_timestamp_and_labels 12.47
      something_weird{problem="division by zero"} +Inf -3982045
      \tblank { a = "}" , b="," }\t-4.5E-3\t
      no_labels{} NaN
      lower_infinity -inf
      {"a name with.dots",x="é"} 7
      # EOF
      exemplar_bucket{le="0.01"} 5 # {trace_id="KOO5S4vxi0o"} 0.67
      open_metrics_total 17.0 1520879607.789 # {id="x"} 1 2
      at_the_end 1e3
      """)
    #expect(text.problems.isEmpty)
    #expect(text.types == ["http_requests_total": "counter"])
    #expect(text.help == ["http_requests_total": "The total number of HTTP requests, \\ and\nmore."])
    func series(_ name: String, _ labels: [(String, String)], _ value: Double) -> PrometheusText.Series {
      PrometheusText.Series(name: name, labels: labels.map { (name: $0, value: $1) }, value: value)
    }
    let expected = [
      series("http_requests_total", [("method", "post"), ("code", "200")], 1027),
      series("http_requests_total", [("method", "post"), ("code", "400")], 3),
      series(
        "msdos_file_access_time_seconds",
        [("path", "C:\\DIR\\FILE.TXT"), ("error", "Cannot find file:\n\"FILE.TXT\"")], 1.458255915e9),
      series("metric_without_timestamp_and_labels", [], 12.47),
      series("something_weird", [("problem", "division by zero")], .infinity),
      series("blank", [("a", "}"), ("b", ",")], -4.5e-3), series("no_labels", [], .nan),
      series("lower_infinity", [], -.infinity), series("a name with.dots", [("x", "é")], 7),
      series("exemplar_bucket", [("le", "0.01")], 5), series("open_metrics_total", [], 17),
      series("at_the_end", [], 1000),
    ]
    #expect(text.series == expected)
  }

  @Test(arguments: [
    ("a", "a has no value"), ("a{} ", "a has no value"), ("a b", "the value of a is \"b\", which is no number"),
    ("a 0x", "the value of a is \"0x\", which is no number"), ("1a 2", "\"1a\" is no name of a metric"),
    ("a-b 2", "\"a-b\" is no name of a metric"), ("{} 2", "it has no name"),
    ("a{b} 2", "the labels of a are no list of name=\"value\""),
    ("a{=\"b\"} 2", "the labels of a are no list of name=\"value\""),
    ("a{b=c} 2", "label b has no quotes around it"), ("a{b=\"c} 2", "the quotes of label b do not end"),
    ("a{b=\"c\" 2", "the labels of a do not end"), ("a{b=\"c\\", "the quotes of label b do not end"),
    ("a{b=\"c\"", "the labels of a do not end"),
    ("a 1 now", "\"now\" stands behind the value of a, and is no timestamp"),
    ("a 1 2 3", "\"3\" stands behind the timestamp of a"),
  ])
  func aBadLineIsNamedAndLeftOut(_ line: String, _ reason: String) {
    let text = read("before 1\n\(line)\r\nafter 2")
    #expect(text.problems.map(\.description) == ["line 2: \(reason)"] && text.problemCount == 1)
    #expect(text.series.map(\.name) == ["before", "after"] && text.series.map(\.value) == [1, 2])
  }

  @Test func manyBadLinesAreCountedAndFewKept() {
    let text = read(String(repeating: "?\n", count: 1000))
    #expect(text.problemCount == 1000 && text.problems.count == PrometheusText.problemLimit)
  }

  @Test func unwantedSeriesAreNotLookedAt() {
    let text = PrometheusText(
      Array("a{ broken\na{x=\"1\"} 1\nb{x=\"2\"} 2\n{\"a\"} 3\n# TYPE a gauge\n# TYPE b gauge".utf8)
    ) {
      $0.elementsEqual("b".utf8)
    }
    #expect(text.series.map(\.name) == ["b"] && text.problems.isEmpty && text.types == ["b": "gauge"])
  }

  /// Whatever bytes come, they are read without a crash, and lines that are whole stay what they are.
  @Test func damagedPagesAreReadAsFarAsTheyGo() {
    let seed = Fuzz.seed()
    var random = SeededRandom(seed)
    let page = Array(
      """
      # HELP vllm:num_requests_running Number of requests in model execution batches.
      # TYPE vllm:num_requests_running gauge
      vllm:num_requests_running{engine="0",model_name="a \\"b\\" \\\\ \\n"} 16.0
      vllm:time_to_first_token_seconds_bucket{engine="0",le="+Inf",model_name="x"} 1.0 1395066363000 # {a="b"} 1
      {"llamacpp.requests",slot="1"} NaN
      """.utf8)
    for round in 0..<Fuzz.rounds(5_000) {
      var bytes = page
      for _ in 0..<Int.random(in: 1...4, using: &random) { random.damage(&bytes) }
      if round % 10 == 0 { bytes = (0..<40).map { _ in UInt8.random(in: 0...255, using: &random) } }
      let text = PrometheusText([UInt8]("first 1\n".utf8) + bytes + [UInt8]("\nlast 2".utf8))
      #expect(text.series.first?.name == "first", "seed \(seed), round \(round)")
      #expect(text.series.last?.name == "last", "seed \(seed), round \(round)")
      let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: true).count
      #expect(text.series.count + text.problemCount <= lines + 2, "seed \(seed), round \(round)")
      _ = ServerPage(bytes, time: 0)
    }
  }
}
