/// When requests of an open loop arrive, whatever the server does.
public enum ArrivalProcess: Sendable, Hashable {
  /// Every 1 / rate seconds.
  case constant(rate: Double)
  case poisson(rate: Double)
  /// Gamma distributed gaps of mean 1 / rate; a burstiness of 1 is Poisson's, less is burstier: the shape parameter, as
  /// `vllm bench serve --burstiness` has it.
  case gamma(rate: Double, burstiness: Double)
  /// A Poisson process whose rate goes from one to the other over `seconds`, and stays there.
  case ramp(from: Double, to: Double, seconds: Double)
  /// Seconds from the beginning, rising, as a trace has them.
  case recorded([Double])
}
