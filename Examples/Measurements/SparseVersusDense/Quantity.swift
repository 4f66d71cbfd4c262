import ExampleParts
import Foundation

/// Numbers with three digits and a unit.
enum Quantity {
  static func time(_ microseconds: Double) -> String {
    scaled(microseconds, by: 1000, units: ["µs", "ms", "s"])
  }

  static func bytes(_ count: Int) -> String { scaled(Double(count), by: 1000, units: ["B", "kB", "MB", "GB", "TB"]) }

  static func share(_ share: Double) -> String { plain(100 * share) + " %" }

  /// With three digits at most, and no zeros that say nothing.
  static func plain(_ number: Double) -> String {
    number == number.rounded() ? number.formatted(digits: 0) : String(format: "%.3g", number)
  }

  /// 14.2 times; 1,420 times.
  static func factor(_ factor: Double) -> String {
    factor < 1000 ? significant(factor) : Int(Double(String(format: "%.2e", factor))!).grouped
  }

  private static func scaled(_ number: Double, by factor: Double, units: [String]) -> String {
    var (number, units) = (number, units[...])
    // 999.6 is 1.00 of the next unit.
    while number >= factor - 0.5, units.count > 1 {
      number /= factor
      units.removeFirst()
    }
    let isWhole = units.first == "B"
    return (isWhole ? number.formatted(digits: 0) : significant(number)) + " " + (units.first ?? "")
  }

  /// With three digits, or as many as stand before the point; whole numbers, as ticks are, have none after it.
  private static func significant(_ number: Double) -> String {
    let isWhole = abs(number - number.rounded()) < 1e-9
    return number.formatted(digits: isWhole || number >= 99.95 ? 0 : number >= 9.995 ? 1 : 2)
  }
}

extension Int {
  /// 10,000,000
  var grouped: String {
    var text = ""
    for (place, digit) in String(magnitude).reversed().enumerated() {
      if place > 0, place % 3 == 0 { text = "," + text }
      text = String(digit) + text
    }
    return (self < 0 ? "-" : "") + text
  }
}
