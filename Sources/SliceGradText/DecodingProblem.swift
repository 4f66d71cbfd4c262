extension Decoder {
  /// The error of a value that is well-formed but cannot be.
  func corrupted(_ problem: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: codingPath, debugDescription: problem))
  }
}
