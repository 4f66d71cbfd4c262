extension Decoder {
  /// The error for a value that is well formed but out of its range.
  func corrupted(_ problem: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: codingPath, debugDescription: problem))
  }
}
