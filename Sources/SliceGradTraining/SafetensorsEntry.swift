/// What a safetensors file says about one of its tensors.
public struct SafetensorsEntry: Sendable, Hashable {
  /// The tensor's name, such as "output.weight".
  public let name: String

  /// The type of its numbers.
  public let dtype: SafetensorsType

  /// The dimensions, outermost first, of any number and size.
  public let shape: [Int]

  /// The place of the numbers, in bytes from the end of the header.
  public let byteRange: Range<Int>
}

extension [Int] {
  /// A shape as messages show it: `[2, 3]`, and of a very long one the first dimensions.
  var brief: String { count <= 16 ? "\(self)" : "[\(prefix(16).map(String.init).joined(separator: ", ")), …]" }
}
