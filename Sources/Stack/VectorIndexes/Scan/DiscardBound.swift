import Kernels

/// What a row is measured from, and how far that is from the quantiser's mean.
struct RowReference {
  var vector: UnsafePointer<Float>
  /// |reference − mean|, rounded up.
  var gap: Double
  /// |reference|, rounded up.
  var norm: Double
}

/// Lower bounds of the float32 distances that the kernels compute, from codes alone: rows whose bound is above the k-th
/// distance cannot be among the k nearest, and need not be read.
///
/// In exact arithmetic `ScalarQuantizer` gives distance ≥ score − f·(|q−r|·|e| + |e_q|·|s·c|). Three things come between
/// that and a comparison of floats; u = 2⁻²⁴, d the dimension.
///
/// 1. The kernels round. For l2 every term is non-negative, each carries at most three roundings and the sum at most d, so
///    the computed distance is at least (1 − γ)·D with γ = (d + 8)·u; underflow takes at most d·2⁻¹²⁶. `limit` undoes both
///    on the k-th distance. For ip it is at least −q·x − γ·|q|·|x|.
/// 2. The bound itself is evaluated in floats. With N, E, G, R, M the norms of row, row error, reference − mean, reference
///    and mean, and Q, F those of q − mean and its error, every term of it is a product of two of these; the sum of their
///    absolute values is at most 3·((N+E+G)² + (Q+F+G)²) for l2, and with R and M added to both for ip. At most ten roundings
///    each: 30·u, taken as κ = 32·u. For ip, γ·|q|·|x| ≤ γ·((N+R)² + (Q+M)²)/2 goes the same way: κ = 32·u + γ.
///    The share of the row is subtracted from its bias when it is stored, that of the query from its constant.
/// 3. Numbers too large for float arithmetic get a bound of −∞, and so are always read; what is lost to underflow is less
///    than 2⁻¹⁰⁰, subtracted from every constant.
///
/// NaN counts as "may be nearer" throughout.
struct DiscardBound: Sendable {
  let metric: DistanceMetric
  private let gamma: Double
  private let kappa: Double
  /// |mean|, rounded up; 0 for l2, where it does not occur.
  private let meanNorm: Double

  /// Norms up to which products stay far inside float's range.
  private static var largestNorm: Double { 1e15 }

  init(metric: DistanceMetric, mean: [Float]) {
    self.metric = metric
    gamma = Double(mean.count + 8) * 0x1p-24
    kappa = metric == .l2 ? 32 * 0x1p-24 : 32 * 0x1p-24 + gamma
    meanNorm =
      metric == .l2
      ? 0 : mean.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot() * (1 + 0x1p-40)
  }

  /// The terms to store: the row's own with its share of the slack taken from the bias.
  func stored(_ terms: RowTerms, reference: RowReference) -> RowTerms {
    let size = Double(terms.norm) + Double(terms.error) + reference.gap + outer(reference)
    guard size < Self.largestNorm, terms.bias.isFinite else {
      return RowTerms(scale: 0, bias: 0, error: .infinity, codeNorm: 0, norm: terms.norm)
    }
    var stored = terms
    stored.bias = (terms.bias - Float(kappa * size * size).nextUp).nextDown
    return stored
  }

  /// - Parameters:
  ///   - constant: |q − reference|² or −q·reference, not above the true value.
  ///   - distance: |q − reference|, not below the true value.
  private func query(
    _ code: QueryCode, constant: Double, distance: Double, gap: Double, outer: Double
  ) -> PanelQuery {
    let size = Double(code.norm) + Double(code.error) + gap + outer
    guard size < Self.largestNorm else {
      return PanelQuery(offset: 0, weight: 0, constant: 0, rowErrorWeight: .infinity)
    }
    let factor: Double = metric == .l2 ? 2 : 1
    return PanelQuery(
      offset: code.offset, weight: code.weight,
      constant: Float(constant - kappa * size * size - 0x1p-100).nextDown.nextDown,
      // Not zero, so that a row that promises nothing (error ∞) is kept by every query.
      rowErrorWeight: max(Float(factor * distance).nextUp, 0x1p-100),
      queryErrorWeight: Float(factor * Double(code.error)).nextUp)
  }

  /// A query against rows measured from the mean.
  func query(_ code: QueryCode, meanReference: RowReference) -> PanelQuery {
    query(
      code, constant: Double(code.constant), distance: Double(code.norm), gap: meanReference.gap,
      outer: outer(meanReference))
  }

  /// A query against the rows of a list.
  ///
  /// - Parameter centroidDistance: |q − r|² or −q·r from the kernels' distance to the centroid, wrong by at most γ·|q − r|²
  ///   or (γ + 4·u)·|q|·|r|.
  func query(_ code: QueryCode, centroidDistance: Float, centroid: CentroidTerms) -> PanelQuery {
    let computed = Double(centroidDistance)
    if metric == .l2 {
      return query(
        code, constant: computed * (1 - gamma), distance: ((computed + 0x1p-100) * (1 + 2 * gamma)).squareRoot(),
        gap: centroid.gap, outer: 0)
    }
    // |q| ≤ |q − mean| + |mean|.
    let slack = (gamma + 0x1p-22) * (Double(code.norm) + meanNorm) * centroid.norm
    let squared = code.squaredNorm + centroid.squaredNorm + 2 * (computed + slack)
    return query(
      code, constant: computed - slack, distance: (max(squared, 0) + 0x1p-100).squareRoot() * (1 + 0x1p-20),
      gap: centroid.gap, outer: centroid.norm + meanNorm)
  }

  /// A row with a bound above this cannot have a distance of `worst` or less.
  func limit(_ worst: Float) -> Float {
    switch metric {
    case .l2: Float((Double(worst) + 0x1p-100) * (1 + 2 * gamma)).nextUp
    case .ip: worst
    // 1 + a is rounded by at most 2⁻²³ where cosine distances lie.
    case .cosine: (worst - 1 + 0x1p-22).nextUp
    }
  }

  private func outer(_ reference: RowReference) -> Double { metric == .l2 ? 0 : reference.norm + meanNorm }
}
