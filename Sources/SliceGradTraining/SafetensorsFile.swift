public import Foundation
public import SliceGrad
import SliceGradFiles

/// A file of named tensors in the safetensors format (<https://github.com/huggingface/safetensors>), as PyTorch, JAX
/// and others exchange them.
///
///     let file = try SafetensorsFile(path: "names.safetensors")
///     let weight: Tensor<Float> = try file.tensor("output.weight", shape: [40, 64])
///     print(weight == model.output.weight.value)  // true
///
/// Opening it checks the whole header. The numbers are read when they are asked for; until then, the file must not be
/// changed in place. Replacing it, as saving does, is safe.
public struct SafetensorsFile: Sendable {
  /// Where the file is.
  public let path: String

  /// What the file says about itself, by keys, without the checksum; empty if it says nothing.
  public let metadata: [String: String]

  /// The tensors' entries, in the order of their data.
  public let entries: [SafetensorsEntry]

  private let entriesByName: [ExactName: SafetensorsEntry]

  /// The checksum that the file says it has.
  private let statedChecksum: String?

  /// The bytes after the header.
  private let data: Data

  /// Opens a file. Throws if it can't be read or if its header isn't right in every respect.
  ///
  /// - Complexity: O(bytes of the header). The tensors are not read.
  public init(path: String) throws(CheckpointError) {
    try self.init(bytes: Data(mapping: path, throwing: CheckpointError.self), path: path)
  }

  /// Opens a file. Throws if it can't be read or if its header isn't right in every respect.
  public init(_ url: URL) throws(CheckpointError) { try self.init(path: url.filePath()) }

  /// The file of this path and these bytes. Throws if its header isn't right in every respect.
  init(bytes: Data, path: String) throws(CheckpointError) {
    func error(_ found: String, _ expected: String) -> CheckpointError {
      CheckpointError(path: path, found: found, expected: expected)
    }
    guard bytes.count >= 8 else { throw error("\(bytes.count) bytes", "a safetensors file, of 8 bytes or more") }
    let length = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    guard length <= SafetensorsHeader.longest else {
      throw error(
        "another kind of file: its header would have \(length) bytes",
        "a safetensors file, whose header has at most \(SafetensorsHeader.longest)")
    }
    guard length <= bytes.count - 8 else {
      throw error("\(bytes.count - 8) bytes after the header's length", "\(length) or more")
    }
    data = bytes[(8 + Int(length))...]
    let header = try SafetensorsHeader(bytes[8..<8 + Int(length)], dataByteCount: data.count, path: path)
    self.path = path
    var metadata = header.metadata
    statedChecksum = metadata.removeValue(forKey: Checksum.key)
    self.metadata = metadata
    entries = header.entries
    entriesByName = Dictionary(uniqueKeysWithValues: entries.map { (ExactName($0.name), $0) })
  }

  /// What the file says about a tensor; nil if there is none of this name.
  public subscript(name: String) -> SafetensorsEntry? { entriesByName[ExactName(name)] }

  /// A tensor of F32, F16, BF16 or, into `Double` only, F64: the same numbers, never rounded.
  ///
  /// Throws if there is none of this name, if its shape isn't the one given, and if its numbers are of another type.
  public func tensor<Scalar: TensorScalar>(
    _ name: String, shape: Shape? = nil, as type: Scalar.Type = Scalar.self
  ) throws(CheckpointError) -> Tensor<Scalar> {
    read(try entry(name, shape: shape, as: type), as: type)
  }

  /// The numbers of a tensor of I32 or, into integers of 64 bits only, I64.
  ///
  /// Throws if there is none of this name, if its shape isn't the one given, and if its numbers are of another type.
  public func integers<Integer: FixedWidthInteger & SignedInteger>(
    _ name: String, shape: [Int]? = nil, as type: Integer.Type = Integer.self
  ) throws(CheckpointError) -> [Integer] {
    let entry = try entry(name, shape: shape, of: [.i32, .i64].filter { $0.bitCount <= Integer.bitWidth })
    return entry.dtype == .i32
      ? numbers(of: bytes(of: entry)) { (integer: Int32) in Integer(integer) }
      : numbers(of: bytes(of: entry)) { (integer: Int64) in Integer(integer) }
  }

  /// The bytes of a tensor of any type, little-endian. They are a part of the mapped file, with indices that don't
  /// begin at 0.
  ///
  /// Throws if there is none of this name.
  public func bytes(of name: String) throws(CheckpointError) -> Data {
    bytes(of: try entry(name, shape: nil, of: SafetensorsType.allCases))
  }

  /// Throws if the file has a checksum, as files that SliceGrad writes have, and its contents have another one.
  ///
  /// - Parameter needsChecksum: whether a file without one is refused.
  ///
  /// - Complexity: O(bytes of the file).
  public func checkIsUndamaged(needsChecksum: Bool = false) throws(CheckpointError) {
    guard needsChecksum || statedChecksum != nil else { return }
    var checksum = Checksum(of: metadata, entries)
    data.withUnsafeBytes { checksum.add($0) }
    guard statedChecksum != checksum.text else { return }
    throw CheckpointError(
      path: path, found: "\(statedChecksum.map { "checksum \($0.quoted)" } ?? "no checksum") in the metadata",
      expected: "\(checksum.text), that of the contents: the file is damaged, or was changed by another program")
  }
}

extension SafetensorsFile {
  /// The entry of a tensor that `read` can read. Throws if there is none.
  func entry<Scalar: TensorScalar>(
    _ name: String, shape: Shape?, as: Scalar.Type
  ) throws(CheckpointError) -> SafetensorsEntry {
    let types: [SafetensorsType] = Scalar.self == Float.self ? [.f32, .f16, .bf16] : [.f64, .f32, .f16, .bf16]
    let entry = try entry(name, shape: shape.map(Array.init), of: types)
    guard entry.shape.count <= Shape.maximumRank, entry.shape.allSatisfy({ $0 <= Int32.max }) else {
      throw CheckpointError(
        path: path, tensor: name, found: "shape \(entry.shape.brief)",
        expected: "at most \(Shape.maximumRank) dimensions, each at most \(Int32.max)")
    }
    return entry
  }

  /// The numbers of an entry that `entry(_:shape:as:)` returned.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func read<Scalar: TensorScalar>(_ entry: SafetensorsEntry, as: Scalar.Type) -> Tensor<Scalar> {
    tensor(of: bytes(of: entry), entry.dtype, Shape(entry.shape))
  }

  /// The tensor whose numbers are stored in some bytes.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func tensor<Scalar: TensorScalar>(of bytes: Data, _ dtype: SafetensorsType, _ shape: Shape) -> Tensor<Scalar> {
    switch dtype {
    case .f16: return Tensor(shape: shape, elements: numbers(of: bytes) { Scalar(Float(halfBits: $0)) })
    case .bf16: return Tensor(shape: shape, elements: numbers(of: bytes) { Scalar(Float(brainBits: $0)) })
    case .f32 where Scalar.self != Float.self:
      return Tensor(shape: shape, elements: numbers(of: bytes) { (number: Float) in Scalar(number) })
    default:
      return Tensor(shape: shape) { out in
        bytes.withUnsafeBytes {
          UnsafeMutableRawPointer(out).copyMemory(from: $0.baseAddress!, byteCount: $0.count)
        }
      }
    }
  }

  /// Numbers, each converted from what is stored. The stored numbers needn't be aligned.
  @inline(__always)
  private func numbers<Stored: BitwiseCopyable, Number>(
    of bytes: Data, _ convert: (Stored) -> Number
  ) -> [Number] {
    bytes.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: MemoryLayout<Stored>.size).map {
        convert(bytes.loadUnaligned(fromByteOffset: $0, as: Stored.self))
      }
    }
  }

  func entry(
    _ name: String, shape: [Int]?, of types: [SafetensorsType]
  ) throws(CheckpointError) -> SafetensorsEntry {
    func error(_ found: String, _ expected: String) -> CheckpointError {
      CheckpointError(path: path, tensor: name, found: found, expected: expected)
    }
    guard let entry = self[name] else {
      throw error("none of this name", "one of \(entries.map(\.name).quoted)")
    }
    guard shape == nil || shape == entry.shape else { throw error("shape \(entry.shape.brief)", shape!.brief) }
    guard types.contains(entry.dtype) else {
      throw error(entry.dtype.rawValue, types.map(\.rawValue).joined(separator: " or ") + ", as nothing is rounded")
    }
    return entry
  }

  /// The bytes of an entry.
  func bytes(of entry: SafetensorsEntry) -> Data { bytes(entry.byteRange) }

  /// Some bytes, counted from the end of the header.
  func bytes(_ range: Range<Int>) -> Data {
    data[data.startIndex + range.lowerBound..<data.startIndex + range.upperBound]
  }
}

extension URL {
  /// The path of a file, relative if it was given so. Throws if this is an address of something else.
  func filePath() throws(CheckpointError) -> String {
    guard isFileURL else { throw CheckpointError(path: absoluteString, found: "no path", expected: "that of a file") }
    return URL(filePath: relativePath).path == path ? relativePath : path  // It may be relative to another folder.
  }
}
