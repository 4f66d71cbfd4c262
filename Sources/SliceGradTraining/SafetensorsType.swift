package import SliceGrad

/// The types of numbers that a safetensors file can hold, by their names in its header.
public enum SafetensorsType: String, Sendable, CaseIterable {
  case f4 = "F4"
  case f6e2m3 = "F6_E2M3"
  case f6e3m2 = "F6_E3M2"
  case bool = "BOOL"
  case u8 = "U8"
  case i8 = "I8"
  case f8e5m2 = "F8_E5M2"
  case f8e4m3 = "F8_E4M3"
  case f8e8m0 = "F8_E8M0"
  case f8e4m3fnuz = "F8_E4M3FNUZ"
  case f8e5m2fnuz = "F8_E5M2FNUZ"
  case i16 = "I16"
  case u16 = "U16"
  case f16 = "F16"
  case bf16 = "BF16"
  case i32 = "I32"
  case u32 = "U32"
  case f32 = "F32"
  case c64 = "C64"
  case f64 = "F64"
  case i64 = "I64"
  case u64 = "U64"

  /// The type of a tensor's numbers: F32 for `Float`, F64 for `Double`.
  package static func of<Scalar: TensorScalar>(_ scalar: Scalar.Type) -> SafetensorsType {
    scalar == Float.self ? .f32 : .f64
  }

  /// The number of bits of one number, 4 to 64: the first number in the name, or 8 for BOOL.
  public var bitCount: Int {
    let nine = UInt8(ascii: "9")  // Letters come after it.
    return Int(Substring(rawValue.utf8.drop { $0 > nine }.prefix { $0 <= nine })) ?? 8
  }

  /// The number of bytes of a tensor of this shape; nil if it is too large to be counted or isn't whole.
  func byteCount(of shape: [Int]) -> Int? {
    // From left to right, so that a dimension of 0 hides no overflow before it: the reference implementation's rule.
    var bits = 1
    for factor in shape + [bitCount] {
      let (product, overflow) = bits.multipliedReportingOverflow(by: factor)
      guard !overflow else { return nil }
      bits = product
    }
    return bits % 8 == 0 ? bits / 8 : nil
  }
}
