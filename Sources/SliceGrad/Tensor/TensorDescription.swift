extension Tensor: CustomStringConvertible {
  /// The numbers in nested brackets, with up to six significant digits each. Of an axis with more than ten elements,
  /// the first and last three are shown.
  ///
  ///     print(Tensor<Float>(zeros: [1000, 2]))
  ///     // [[0, 0],
  ///     //  [0, 0],
  ///     //  [0, 0],
  ///     //  …
  ///     //  [0, 0],
  ///     //  [0, 0],
  ///     //  [0, 0]]  shape [1000, 2]
  public var description: String {
    let isCut = shape.contains { $0 > Self.longestShownAxis }
    let text = description(axis: 0, offset: 0)
    return isCut || count == 0 ? "\(text)  shape \(shape)" : text
  }

  private static var longestShownAxis: Int { 10 }
  private static var shownAtEitherEnd: Int { 3 }

  private func description(axis: Int, offset: Int) -> String {
    guard axis < rank else { return shortDescription(of: elements[offset]) }
    let stride = shape.elementCount(of: axis + 1..<rank)
    let length = shape[axis]
    let isCut = length > Self.longestShownAxis
    let ends = Self.shownAtEitherEnd
    let shown = isCut ? Array(0..<ends) + Array(length - ends..<length) : Array(0..<length)
    var parts = shown.map { description(axis: axis + 1, offset: offset + $0 * stride) }
    let newline = String(repeating: "\n", count: rank - axis - 1) + String(repeating: " ", count: axis + 1)
    let isInnermost = axis == rank - 1
    if isCut { parts.insert("…", at: ends) }
    for i in parts.indices.dropLast() where parts[i] != "…" || isInnermost { parts[i] += "," }
    return "[" + parts.joined(separator: isInnermost ? " " : newline) + "]"
  }
}

/// A number in at most six significant digits, without a trailing ".0".
private func shortDescription<Scalar: TensorScalar>(of value: Scalar) -> String {
  let number = Double(value)
  guard !number.isNaN else { return "nan" }
  guard number.isFinite, number != 0 else { return number == 0 ? "0" : "\(number)" }
  // An integer of six digits, times a power of ten. Parsing that gives the nearest Double, whose description is as
  // short.
  var digits = number
  var exponent = 0
  while digits.magnitude < 1e5 { (digits, exponent) = (digits * 10, exponent - 1) }
  while digits.magnitude >= 1e6 { (digits, exponent) = (digits / 10, exponent + 1) }
  let text = "\(Double("\(Int(digits.rounded()))e\(exponent)")!)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
