import Datasets
import Foundation
import Workloads

/// An adapter that keeps to the protocol but for one fault, in Perl so that no test of the protocol needs Python.
///
/// It answers rows 0 to k − 1 for every query, each in a nanosecond.
struct AdapterFixture {
  let folder: AdapterFolder

  init() throws {
    folder = try AdapterFolder(in: NSTemporaryDirectory())
  }

  func engine(_ fault: String, timeouts: AdapterTimeouts = AdapterTimeouts(), parameters: [String: String] = [:])
    -> AdapterEngine
  {
    AdapterEngine(
      name: "fake", command: ["perl", "-e", Self.script, fault], parameters: parameters, timeouts: timeouts,
      folder: folder)
  }

  static let base = try! VectorSet(dimension: 2, values: (0..<40).map(Float.init))
  static let queries = try! VectorSet(dimension: 2, values: (0..<6).map(Float.init))

  static let script = #"""
    use Time::HiRes qw(time);
    $| = 1;
    my $fault = shift;
    print "hello, I am no JSON\n" if $fault eq 'banner';
    exit 3 if $fault eq 'exit-early';
    if ($fault eq 'loud') { print STDERR 'x' x 79, "\n" for 1 .. 20000; print STDERR "the last word\n" }
    sub hang { print STDERR "thinking\n"; sleep 1 while 1 }
    sub result_file {
      my ($path, $k, $queries, $calls) = @_;
      my @ids = map { (0 .. $k - 1) } 1 .. $queries;
      my @latencies = (1) x $calls;
      $ids[4] = 20 if $fault eq 'id-too-large';
      $ids[4] = -2 if $fault eq 'id-too-small';
      $latencies[1] = 0 if $fault eq 'latency-zero';
      $latencies[1] = 60_000_000_000 if $fault eq 'latency-too-long';
      my $magic = $fault eq 'magic' ? 'NONSENSE' : 'RMRESULT';
      my $body = pack('a8 L< L< Q< Q< x32 q<* ', $magic, 1, $fault eq 'other-k' ? $k + 1 : $k, $queries, $calls, @ids);
      $body .= pack 'Q<*', @latencies;
      chop $body if $fault eq 'truncated';
      return if $fault eq 'no-file';
      open my $file, '>:raw', $path or die;
      print $file $body;
      close $file;
    }
    while (<STDIN>) {
      my ($id) = /"id":(\d+)/;
      my ($op) = /"op":"(\w+)"/;
      if ($fault eq "crash-$op") { print STDERR "first line\nout of ideas in $op\n"; kill 'SEGV', $$; hang() }
      if ($fault eq "exit-$op") { print STDERR "giving up in $op\n"; exit 7 }
      hang() if $fault eq "hang-$op";
      if ($fault eq 'orphan' && $op eq 'search') { fork || hang(); hang() }
      if ($fault eq "refuse-$op") { print qq({"id":$id,"ok":false,"error":"unknown parameter colour"}\n); next }
      if ($fault eq "half-$op") { print qq({"id":$id,"ok":tr); exit 0 }
      if ($fault eq "binary-$op") { print "\xff\xfe\x00\x80\n"; next }
      if ($fault eq "wrong-id-$op") { print qq({"id":99,"ok":true}\n); next }
      my $rest = '';
      if ($op eq 'hello') {
        $rest = sprintf ',"protocol":%d,"engine":"fake","version":"0.1"', $fault eq 'version' ? 2 : 1;
      } elsif ($op eq 'stats') {
        $stats++;
        $rest = sprintf ',"index_bytes":%s,"private_bytes":%d', $stats > 1 ? 160 : 'null', 1000 * $stats;
      } elsif ($op eq 'build') {
        my $add = $fault eq 'add-too-long' ? 1e6 : $fault eq 'add-negative' ? -1 : 1e-6;
        my $batches = $fault eq 'batches' ? '0,0,0,0,0,0,0,0,0' : $add < 1 && $add > 0 ? '5e-7,5e-7' : '0';
        $rest = qq(,"train_seconds":0,"add_seconds":$add,"optimize_seconds":0,"batch_seconds":[$batches]);
        $rest = ',"add_seconds":0' if $fault eq 'missing-field';
        $rest =~ s/"add_seconds":[^,]*/"add_seconds":"long"/ if $fault eq 'wrong-type';
      } elsif ($op eq 'search') {
        my $start = time;
        my ($k) = /"k":(\d+)/;
        my $calls = /"mode":"batch"/ ? 2 : 3;
        my ($path) = /"results":"([^"]+)"/;
        result_file($path, $k, 3, $calls);
        my $seconds = time - $start || 1e-6;
        $seconds = 1e6 if $fault eq 'seconds-too-long';
        $rest = qq(,"seconds":$seconds,"distances":60,"visited":null);
      }
      my $answer = qq({"id":$id,"ok":true$rest}\n);
      if ($fault eq 'dribble') { syswrite STDOUT, $_ for split //, $answer } else { print $answer }
    }
    hang() if $fault eq 'deaf';
    """#
}
