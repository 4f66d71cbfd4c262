/// A type of numbers that ranks send one another: `Float`, `Double`, `Int32`, `Int64` and, for bytes, `UInt8`. They
/// travel as they are in memory. Don't conform other types.
public protocol MessageElement: BitwiseCopyable, Sendable {}

extension Float: MessageElement {}
extension Double: MessageElement {}
extension Int32: MessageElement {}
extension Int64: MessageElement {}
extension UInt8: MessageElement {}
