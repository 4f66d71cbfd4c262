extension Collection<UInt8> {
  /// What a process that trapped says on standard error, of which these are the bytes.
  package var trapMessage: String? {
    let lines = String(decoding: self, as: UTF8.self).split(separator: "\n")
    let prefix = "Fatal error: "
    return lines.lazy.compactMap { line in line.firstRange(of: prefix).map { String(line[$0.upperBound...]) } }.first
  }
}
