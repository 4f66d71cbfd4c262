import ExampleParts
import Testing

struct ByteCountTests {
  @Test("a number of bytes, with a unit or without")
  func reads() {
    for (text, bytes) in [
      ("1", 1), ("1000000", 1_000_000), ("900KB", 900_000), ("900 kB", 900_000), ("1MiB", 1_048_576), ("2GiB", 2 << 30),
      ("3kib", 3072), ("4MB", 4_000_000), ("5B", 5),
    ] {
      #expect(ByteCount(text)?.bytes == bytes)
    }
    for text in ["", "0", "MiB", "-1", "1.5MiB", "1 TiB", "1MiBs", "99999999999999999999", "9999999999GiB", "١MB"] {
      #expect(ByteCount(text) == nil, "\(text)")
    }
  }
}
