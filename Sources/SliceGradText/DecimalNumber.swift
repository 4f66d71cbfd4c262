import SliceGrad

/// A number in decimal notation, such as `-0.0282` or `1e-05`, which becomes the nearest Float or Double.
///
/// It may have a sign, and digits before or after the point. There are no other notations, so none for ∞ or NaN.
struct DecimalNumber {
  private let text: UnsafeBufferPointer<UInt8>
  private var isNegative = false
  /// The number is `significand` · 10^`exponent`, unless it has too many digits for that.
  private var significand: UInt64 = 0
  private var exponent = 0
  private var hasFewDigits = false

  /// The number that the whole of `text` denotes, or `nil` when it is none. The text must outlive it.
  ///
  /// - Complexity: O(length)
  init?(_ text: UnsafeBufferPointer<UInt8>) {
    self.text = text
    var position = 0
    isNegative = Self.skipSign(in: text, at: &position)
    let integerDigits = Self.readDigits(in: text, at: &position, into: &significand)

    var fractionDigits = 0
    if position < text.count && text[position] == UInt8(ascii: ".") {
      position += 1
      fractionDigits = Self.readDigits(in: text, at: &position, into: &significand)
    }
    guard integerDigits + fractionDigits > 0 else { return nil }

    var magnitude: UInt64 = 0
    var exponentDigits = 0
    var isExponentNegative = false
    if position < text.count && text[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      isExponentNegative = Self.skipSign(in: text, at: &position)
      exponentDigits = Self.readDigits(in: text, at: &position, into: &magnitude)
      guard exponentDigits > 0 else { return nil }
    }
    guard position == text.count else { return nil }

    hasFewDigits = integerDigits + fractionDigits <= 19 && exponentDigits <= 4  // no overflow above and below
    if hasFewDigits { exponent = (isExponentNegative ? -Int(magnitude) : Int(magnitude)) - fractionDigits }
  }

  /// The nearest number of this type; the even one of two that are equally near; ±∞ when the number is too large.
  @inline(__always)
  func rounded<Scalar: TensorScalar>(to: Scalar.Type) -> Scalar {
    if let double = roundedToDouble, let scalar = Self.rounded(double, to: Scalar.self) { return scalar }
    return Scalar(String(decoding: text, as: UTF8.self)) ?? .nan  // Swift reads every number of this notation
  }

  /// The nearest Double where both significand and power of ten are exact, so that only one operation rounds
  /// (Clinger, *How to Read Floating Point Numbers Accurately*, 1990); `nil` for the few other numbers.
  @inline(__always)
  private var roundedToDouble: Double? {
    guard hasFewDigits, significand <= 1 << 53, abs(exponent) < Self.powersOfTen.count else { return nil }
    let magnitude = Double(significand)
    let power = Self.powersOfTen[abs(exponent)]
    let rounded = exponent < 0 ? magnitude / power : magnitude * power
    return isNegative ? -rounded : rounded
  }

  /// The Scalar nearest to the number that `double` is the nearest Double of; `nil` where `double` cannot tell.
  ///
  /// The number and `double` are on the same side of the middle between two Scalars, unless `double` is that middle.
  /// `double` is 0 or of a size from 10⁻²² to 2⁵³ · 10²², where Floats have all their bits.
  @inline(__always)
  private static func rounded<Scalar: TensorScalar>(_ double: Double, to: Scalar.Type) -> Scalar? {
    let lostBits = Double.significandBitCount - Scalar.significandBitCount
    let isMiddle = lostBits > 0 && double.bitPattern & (1 << lostBits - 1) == 1 << (lostBits - 1)
    return isMiddle ? nil : Scalar(double)
  }

  /// Skips a sign. Whether it was a minus.
  @inline(__always)
  private static func skipSign(in text: UnsafeBufferPointer<UInt8>, at position: inout Int) -> Bool {
    guard position < text.count else { return false }
    let isNegative = text[position] == UInt8(ascii: "-")
    if isNegative || text[position] == UInt8(ascii: "+") { position += 1 }
    return isNegative
  }

  /// Appends digits to `number`, which overflows silently. How many there were.
  @inline(__always)
  private static func readDigits(
    in text: UnsafeBufferPointer<UInt8>, at position: inout Int, into number: inout UInt64
  ) -> Int {
    let start = position
    while position < text.count {
      let digit = text[position] &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      number = number &* 10 &+ UInt64(digit)
      position += 1
    }
    return position - start
  }

  /// The powers of ten that a Double holds exactly.
  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]
}
