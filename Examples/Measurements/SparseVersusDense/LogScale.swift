import Foundation

/// Places positive numbers on an axis by their logarithms, from one power of 10 to another.
struct LogScale {
  /// The exponents at the ends.
  let decades: ClosedRange<Int>
  /// The coordinates of the ends; the first may be the larger one.
  let start: Double
  let end: Double

  /// The shortest axis between powers of 10 on which all numbers are, one decade at least.
  init(containing numbers: some Sequence<Double>, from start: Double, to end: Double) {
    let logarithms = numbers.map { log10($0) }
    // A number that is a power of 10 but for rounding begins no decade.
    let lowest = Int(((logarithms.min() ?? 0) + 1e-9).rounded(.down))
    let highest = Int(((logarithms.max() ?? 0) - 1e-9).rounded(.up))
    decades = lowest...max(highest, lowest + 1)
    (self.start, self.end) = (start, end)
  }

  func callAsFunction(_ number: Double) -> Double {
    start + (end - start) * (log10(number) - Double(decades.lowerBound)) / Double(decades.count - 1)
  }

  /// The powers of 10 on the axis.
  var ticks: [Double] { decades.map { pow(10, Double($0)) } }
}
