import SliceGrad

@testable import SliceGradTraining

/// However the bytes are parted, their checksum is the same; with one bit changed it is another one.
@Sendable func fuzzChecksum(_ bytes: [UInt8]) {
  var fuzzer = FuzzerBytes(bytes)
  let (first, second, bit) = (fuzzer.byte(), fuzzer.byte(), fuzzer.byte())
  let data = Array(fuzzer.remaining())
  func checksum(_ parts: [some Collection<UInt8>]) -> String {
    var checksum = Checksum(of: ["a": "b"], [])
    for part in parts { Array(part).withUnsafeBytes { checksum.add($0) } }
    return checksum.text
  }
  let whole = checksum([data])
  let parts = [data.prefix(first), data.dropFirst(first).prefix(second), data.dropFirst(first + second)]
  require(checksum(parts) == whole, "another checksum of the same bytes")
  if !data.isEmpty {
    var damaged = data
    damaged[(first << 8 | second) % data.count] ^= 1 << (bit % 8)
    require(checksum([damaged]) != whole, "the same checksum of other bytes")
  }
}
