/// The mean of a number over seeds.
struct SeedMean: Encodable {
  let mean: Double
  /// Of the mean: the standard deviation over the seeds, divided by the square root of their number.
  let standardError: Double
  /// Whether the mean differs from 0 by more than the 95 % interval of Student's t.
  let isSignificant: Bool

  /// Without `isSignificant`, which says something of differences only.
  private enum CodingKeys: CodingKey { case mean, standardError }

  /// Traps on fewer than two values.
  init(_ values: [Double]) {
    precondition(values.count > 1, "SeedMean: \(values.count) values, expected 2 or more")
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    standardError = (squares / (count - 1) / count).squareRoot()
    isSignificant = abs(mean) > Self.quantile(freedom: values.count - 1) * standardError
  }

  /// 97.5 % of Student's t with so many degrees of freedom lie below; with more than 10, 1.96 would be too little, and
  /// the number for 10 is a little too much.
  private static func quantile(freedom: Int) -> Double {
    [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228][min(freedom, 10) - 1]
  }
}
