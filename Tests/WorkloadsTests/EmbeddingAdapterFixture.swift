import Embedders
import Foundation
import Workloads

/// An adapter of an embedding model that keeps to the protocol but for one fault, in Perl so that no test of the protocol
/// needs Python. It embeds as `FakeModel` does.
struct EmbeddingAdapterFixture {
  let folder: AdapterFolder

  init() throws { folder = try AdapterFolder(in: NSTemporaryDirectory()) }

  func engine(
    _ fault: String, timeouts: AdapterTimeouts = AdapterTimeouts(), parameters: [String: String] = [:]
  ) -> AdapterEmbeddingEngine {
    AdapterEmbeddingEngine(
      name: "fake", command: ["perl", "-e", Self.script, fault], model: "/models/bytes", parameters: parameters,
      timeouts: timeouts, folder: folder)
  }

  static let texts = ["one", "twentieth", "", "three", "four"]

  static let input = EmbeddingTexts(texts: texts, tokens: FakeModel().tokenize(texts, as: .document))

  static let script = #"""
    $| = 1;
    my $fault = shift;
    sub hang { sleep 1 while 1 }
    sub ragged {
      my ($path, $magic, $format, $size) = @_;
      open my $file, '<:raw', $path or die "$path: $!";
      local $/;
      my $content = <$file>;
      my ($found, $version, $zero, $count, $total) = unpack 'a8 L< L< Q< Q<', $content;
      die "$path is $found $version" unless $found eq $magic && $version == 1;
      my @ends = unpack "x64 Q<" . ($count + 1), $content;
      die "$path has another size" unless length $content == 64 + 8 * ($count + 1) + $size * $total;
      my $body = substr $content, 64 + 8 * ($count + 1);
      return map { [ unpack "$format*", substr $body, $size * $ends[$_], $size * ($ends[$_ + 1] - $ends[$_]) ] }
        0 .. $count - 1;
    }
    sub vector {
      my @ids = @_;
      return map { my ($place, $sum) = ($_, 0); $sum += sin($ids[$_] * ($place + 1) + $_) for 0 .. $#ids; $sum } 0 .. 4;
    }
    sub embed {
      my ($line) = @_;
      my ($tokens) = $line =~ /"tokens":"([^"]+)"/;
      my ($texts) = $line =~ /"texts":"([^"]+)"/;
      my ($path) = $line =~ /"vectors":"([^"]+)"/;
      my ($batch) = $line =~ /"batch":(\d+)/;
      my @rows = ragged($tokens, 'RMTOKENS', 'l<', 4);
      my @bytes = ragged($texts, "RMTEXTS\0", 'C', 1);
      my $differing = grep { "@{$rows[$_]}" ne join ' ', 256, (@{$bytes[$_]})[0 .. ($#{$bytes[$_]} > 7 ? 7 : $#{$bytes[$_]})], 257 } 0 .. $#rows;
      my @values = map { vector(@$_) } @rows;
      my ($padded, $calls) = (0, 0);
      for (my $first = 0; $first < @rows; $first += $batch) {
        my @group = @rows[$first .. ($first + $batch > @rows ? $#rows : $first + $batch - 1)];
        my ($longest) = sort { $b <=> $a } map { scalar @$_ } @group;
        $padded += $longest * @group;
        $calls++;
      }
      my @latencies = (10) x $calls;
      my $count = @rows;
      $values[7] = 'nan' if $fault eq 'nan';
      $values[7] = 9**9**9 if $fault eq 'infinite';
      pop @values if $fault eq 'short';
      if ($fault eq 'few') { $count--; splice @values, -5 }
      $latencies[1] = 0 if $fault eq 'latency-zero';
      $latencies[1] = 60_000_000_000 if $fault eq 'latency-too-long';
      if ($fault ne 'no-file') {
        open my $file, '>:raw', $path or die;
        print $file pack('a8 L< L< Q< Q< x32', $fault eq 'magic' ? 'NONSENSE' : 'RMEMBEDS', 1, $fault eq 'flat' ? 0 : 5, $count, $calls);
        print $file pack('Q<*', @latencies), pack('f<*', @values);
        close $file;
      }
      $padded = 3 if $fault eq 'padded';
      $differing = 99 if $fault eq 'differing';
      my $seconds = $fault eq 'seconds' ? 1e6 : 1e-6;
      return qq(,"seconds":$seconds,"padded_tokens":$padded,"tokenize_seconds":5e-7,"differing_texts":$differing);
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
      $rest = ',"load_seconds":' . ($fault eq 'load' ? -1 : $fault eq 'load-text' ? '"long"' : 1e-6) if $op eq 'open';
      $rest = embed($_) if $op eq 'embed';
      print qq({"id":$id,"ok":true$rest}\n);
    }
    """#
}
