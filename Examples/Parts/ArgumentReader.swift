import SliceGradFiles

/// What is wrong with the command line.
package struct UsageError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}

/// Takes a command line apart: `--option value`, `--option=value` and `--flag`.
package struct ArgumentReader {
  private var remaining: ArraySlice<String>
  /// The option that was read last.
  private var option = ""
  /// What follows it after an equals sign.
  private var attachedValue: String?
  /// What shows the usage.
  private let help: String

  package init(_ arguments: some Sequence<String>, help: String = "--help") {
    self.help = help
    remaining = Array(arguments)[...]
  }

  /// The name of the next option, `nil` at the end.
  package mutating func nextOption() throws(UsageError) -> String? {
    guard let argument = remaining.popFirst() else { return nil }
    guard argument.hasPrefix("-") else {
      throw UsageError("unexpected argument \(argument.quoted); \(help) shows the usage")
    }
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    option = parts[0].visible(atMost: 60)
    attachedValue = parts.count == 2 ? parts[1] : nil
    return option
  }

  /// What to say of an option that isn't in a help text. Another one that is nearly the same is named.
  package func unknownOption(in text: String) -> UsageError {
    let known = text.split { !$0.isLetter && !$0.isNumber && $0 != "-" }.filter { $0.hasPrefix("--") }
    let near = known.first { $0.drop { $0 == "-" }.isNearly(option.drop { $0 == "-" }) }
    return UsageError("unknown option \(option); " + (near.map { "did you mean \($0)? " } ?? "") + "\(help) lists them")
  }

  /// The value of an option. One that begins with two dashes has to be attached: `--classify=--help`.
  package mutating func value(_ expected: String) throws(UsageError) -> String {
    if let attachedValue { return attachedValue }
    guard let value = remaining.first, !value.hasPrefix("--") else {
      throw UsageError("\(option) needs a value, expected \(expected)")
    }
    remaining.removeFirst()
    return value
  }

  /// True, for an option that takes no value.
  package func flag() throws(UsageError) -> Bool {
    if let attachedValue { throw UsageError("\(option) takes no value, found \(attachedValue.quoted)") }
    return true
  }

  package mutating func number<Number: FixedWidthInteger>(in range: ClosedRange<Number>) throws(UsageError) -> Number {
    try converted("a whole number in \(range)") { Number($0).flatMap { range.contains($0) ? $0 : nil } }
  }

  /// Whole numbers with commas between them, one at least.
  package mutating func numbers(in range: ClosedRange<Int>) throws(UsageError) -> [Int] {
    try converted("whole numbers in \(range), with commas between them") { value in
      let numbers = value.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
      return numbers.allSatisfy { $0.map(range.contains) ?? false } ? numbers.map { $0! } : nil
    }
  }

  package mutating func number(in range: ClosedRange<Double>) throws(UsageError) -> Double {
    let (least, most) = (range.lowerBound.short, range.upperBound.short)
    return try converted("a number in \(least)...\(most)") { Double($0).flatMap { range.contains($0) ? $0 : nil } }
  }

  package mutating func positiveNumber() throws(UsageError) -> Double {
    try converted("a number above 0") { Double($0).flatMap { $0 > 0 && $0.isFinite ? $0 : nil } }
  }

  /// The number of parts of a batch.
  package mutating func powerOfTwo() throws(UsageError) -> Int {
    try converted("a power of 2 up to 1024") { text in
      Int(text).flatMap { (1...1024).contains($0) && $0.nonzeroBitCount == 1 ? $0 : nil }
    }
  }

  /// The bits of a quantized number.
  package mutating func bits() throws(UsageError) -> Int {
    try converted("8 or 4") { ["8": 8, "4": 4][$0] }
  }

  /// The size of a file.
  package mutating func byteCount() throws(UsageError) -> ByteCount {
    try converted("a number of bytes, such as 1000000, 900KB or 1MiB") { ByteCount($0) }
  }

  package mutating func choice<Choice: RawRepresentable<String> & CaseIterable>() throws(UsageError) -> Choice {
    let names = Choice.allCases.map(\.rawValue)
    return try converted("one of \(names.joined(separator: ", "))", Choice.init(rawValue:))
  }

  /// A range written `MIN-MAX`, or one number for both; `nil` for 0.
  package mutating func lengths(in range: ClosedRange<Int>) throws(UsageError) -> ClosedRange<Int>? {
    try converted("MIN-MAX in \(range), or 0 for none") { value -> ClosedRange<Int>?? in
      if value == "0" { return .some(nil) }
      let bounds = value.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
      guard 1...2 ~= bounds.count, bounds.allSatisfy(range.contains), bounds[0] <= bounds.last! else { return nil }
      return bounds[0]...bounds.last!
    }
  }

  private mutating func converted<Value>(
    _ expected: String, _ convert: (String) -> Value?
  ) throws(UsageError) -> Value {
    let value = try value(expected)
    guard let converted = convert(value) else {
      throw UsageError("\(option): found \(value.quoted), expected \(expected)")
    }
    return converted
  }
}

extension Double {
  /// As people write it in a bound: 1, and not 1.0.
  fileprivate var short: String { Int(exactly: self).map { "\($0)" } ?? "\(self)" }
}

extension Substring {
  /// Whether two words, of three letters or more, differ in one letter or in the order of two neighbouring ones.
  fileprivate func isNearly(_ other: Substring) -> Bool {
    guard Swift.min(count, other.count) >= 3 else { return false }
    var (a, b) = (self, other)
    while let first = a.first, first == b.first { (a, b) = (a.dropFirst(), b.dropFirst()) }
    while let last = a.last, last == b.last { (a, b) = (a.dropLast(), b.dropLast()) }
    return Swift.max(a.count, b.count) < 2 || a.count == 2 && b.count == 2 && a.elementsEqual(b.reversed())
  }
}
