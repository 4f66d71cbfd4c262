import Foundation
import SliceGrad

@testable import SliceGradTraining

/// The fuzzer's bytes as a file, and as the header of one with as many data as it wants.
@Sendable func fuzzHeader(_ bytes: [UInt8]) {
  check(bytes)
  if let count = EditedFile.byteCount(of: bytes) {
    check(EditedFile.bytes(header: bytes, data: (0..<count).map { UInt8(truncatingIfNeeded: 37 * $0) }))
  }
}

/// A file with a tensor of each type that is read, edited by the fuzzer.
@Sendable func fuzzSafetensors(_ bytes: [UInt8]) {
  var fuzzer = FuzzerBytes(bytes)
  check(EditedFile.bytes(of: sample, editedBy: &fuzzer))
}

/// A file that is accepted says the truth about its tensors, and what is read of it is the same after it was written.
private func check(_ bytes: [UInt8]) {
  let opened = accepted { () throws(CheckpointError) in try SafetensorsFile(bytes: Data(bytes), path: "file") }
  guard let file = opened else { return }
  _ = isAccepted { () throws(CheckpointError) in try file.checkIsUndamaged() }
  var end = 8 + bytes.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
  for entry in file.entries {
    let start = end
    end += entry.byteRange.count
    require(entry.byteRange.count == entry.dtype.byteCount(of: entry.shape), "\(entry) has another length")
    let found = accepted { () throws(CheckpointError) in try file.bytes(of: entry.name) }
    require(found.map { $0.elementsEqual(bytes[start..<end]) } ?? false, "\(entry) has other bytes")
    checkNumbers(of: entry, in: file, Array(bytes[start..<end]))
  }
  require(end == bytes.count, "\(bytes.count) bytes of which \(end) are the tensors'")
  checkCopy(of: file)
}

private func checkNumbers(of entry: SafetensorsEntry, in file: SafetensorsFile, _ bytes: [UInt8]) {
  func pattern(_ number: Int, _ count: Int) -> UInt64 {
    bytes[number * count..<(number + 1) * count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
  let doubles = accepted { () throws(CheckpointError) in try file.tensor(entry.name, as: Double.self) }
  let floats = accepted { () throws(CheckpointError) in try file.tensor(entry.name, as: Float.self) }
  let integers = accepted { () throws(CheckpointError) in try file.integers(entry.name, as: Int.self) }
  require(doubles.map { Array($0.shape) == entry.shape } ?? true, "\(entry) has another shape")
  for (i, number) in (integers ?? []).enumerated() {
    let bits = pattern(i, entry.dtype == .i32 ? 4 : 8)
    require(number == (entry.dtype == .i32 ? Int(Int32(bitPattern: UInt32(bits))) : Int(bitPattern: UInt(bits))), "I")
  }
  for (i, number) in floats.numbers.enumerated() where entry.dtype == .f32 {
    require(number.bitPattern == UInt32(pattern(i, 4)), "F32")
  }
  for (i, number) in doubles.numbers.enumerated() {
    switch entry.dtype {
    case .f64: require(number.bitPattern == pattern(i, 8), "F64")
    case .f32: require(number.isNaN || number == Double(Float(bitPattern: UInt32(pattern(i, 4)))), "F32 as Double")
    case .bf16: require(number.isNaN || number == Double(Float(bitPattern: UInt32(pattern(i, 2)) << 16)), "BF16")
    default: require(entry.dtype == .f16, "\(entry.dtype) as Double")
    }
  }
}

extension Tensor<Float>? {
  fileprivate var numbers: [Float] { map { Array($0.elements) } ?? [] }
}

extension Tensor<Double>? {
  fileprivate var numbers: [Double] { map { Array($0.elements) } ?? [] }
}

/// Written again, it is a file with a checksum and the same tensors and metadata.
private func checkCopy(of file: SafetensorsFile) {
  var writer = SafetensorsWriter(metadata: file.metadata)
  for entry in file.entries {
    guard let bytes = try? file.bytes(of: entry.name) else { trap("\(entry) has no bytes") }
    writer.add(entry.name, dtype: entry.dtype, shape: entry.shape, pieces: [bytes])
  }
  let url = URL(filePath: path("copy"))
  let copied = accepted { () throws(CheckpointError) in
    try writer.write(to: url)
    let copy = try SafetensorsFile(url)
    try copy.checkIsUndamaged(needsChecksum: true)
    return copy
  }
  guard let copy = copied else { trap("a copy can't be read") }
  require(copy.metadata == file.metadata && copy.entries.count == file.entries.count, "\(copy) is not \(file)")
  for entry in file.entries {
    guard let copied = copy[entry.name] else { trap("a copy without \(entry)") }
    require(copied.dtype == entry.dtype && copied.shape == entry.shape, "\(copied) is not \(entry)")
    require((try? copy.bytes(of: entry.name)) == (try? file.bytes(of: entry.name)), "\(entry) has other bytes")
  }
}

private let sample: [UInt8] = {
  var writer = SafetensorsWriter(metadata: ["a": "b"])
  writer.add("float", Tensor<Float>([[0, -1.5], [.infinity, 3e-40]]))
  writer.add("double", [0.1, -.infinity])
  writer.add("int", [1, -1])
  writer.add("int32", [Int32.max, -2])
  for type in [SafetensorsType.f16, .bf16] {
    writer.add(type.rawValue, dtype: type, shape: [3, 1], pieces: [[1, 0x7C00, -7] as [Int16]])
  }
  writer.add("bytes", dtype: .u8, shape: [3], pieces: [[1, 2, 3] as [UInt8]])
  writer.add("empty", dtype: .f4, shape: [0, 2], pieces: [[] as [UInt8]])
  let url = URL(filePath: path("sample"))
  guard (try? writer.write(to: url)) != nil else { trap("no sample at \(url.path)") }
  return contents(url.path)
}()
