public import Foundation
public import SliceGrad
import SliceGradFiles

/// Tensors to be written to a safetensors file.
///
///     var writer = SafetensorsWriter(metadata: ["epoch": "3"])
///     writer.add("weight", Tensor<Float>([[1, 2], [3, 4]]))
///     try writer.write(to: URL(filePath: "weight.safetensors"))
///     let file = try SafetensorsFile(path: "weight.safetensors")
///     print(file.metadata["epoch"]!, file["weight"]!.dtype, file["weight"]!.shape)  // 3 f32 [2, 2]
///
/// The same tensors added in the same order give the same bytes. Nothing is copied: what is added is kept as it is and
/// written from its memory.
public struct SafetensorsWriter: Sendable {
  /// What the file says about itself.
  public var metadata: [String: String]

  /// Whether the file also gets checksums of its blocks, so that a `PartlyReadFile` can read parts of it. They take 8
  /// bytes for each 4 KiB. All tensors have to be of numbers of 8 bits or more.
  public var checksumsBlocks = false

  private struct Content: Sendable {
    let name: String
    let dtype: SafetensorsType
    var shape: [Int]
    let bytes: Bytes

    var byteCount: Int { dtype.byteCount(of: shape)! }
  }

  private enum Bytes: Sendable {
    /// Passed on in pieces.
    case here(@Sendable ((UnsafeRawBufferPointer) throws(CheckpointError) -> Void) throws(CheckpointError) -> Void)
    /// Of which other processes have a part: they come while the file is written.
    case shared(SharedRows)
  }

  /// The next bytes of shared rows, from an offset on: as many as there are at once, perhaps none.
  package typealias LaterPieces = (_ name: String, _ offset: Int) throws(CheckpointError) -> [UInt8]

  private var contents: [Content] = []
  private var names: Set<ExactName> = []

  /// A file without tensors yet.
  public init(metadata: [String: String] = [:]) { self.metadata = metadata }

  /// Adds a tensor: F32 if it is of `Float`, F64 if it is of `Double`. Traps if the name was added before.
  public mutating func add<Scalar: TensorScalar>(_ name: String, _ tensor: Tensor<Scalar>) {
    add(name, dtype: .of(Scalar.self), shape: Array(tensor.shape), pieces: [tensor.elements])
  }

  /// Adds numbers `[n]` as F64. Traps if the name was added before.
  public mutating func add(_ name: String, _ numbers: [Double]) {
    add(name, dtype: .f64, shape: [numbers.count], pieces: [numbers])
  }

  /// Adds integers `[n]` as I32. Traps if the name was added before.
  public mutating func add(_ name: String, _ integers: [Int32]) {
    add(name, dtype: .i32, shape: [integers.count], pieces: [integers])
  }

  /// Adds integers `[n]` as I64. Traps if the name was added before.
  public mutating func add(_ name: String, _ integers: [Int]) {
    add(name, dtype: .i64, shape: [integers.count], pieces: [integers])
  }

  /// Adds a tensor of any type. Its bytes, little-endian, are the bytes of the pieces, one after another.
  ///
  /// Contiguous pieces, such as arrays, `Data`, the elements of tensors and slices of these, are written from where
  /// they are: a table whose blocks of rows lie apart needs no copy.
  ///
  ///     var writer = SafetensorsWriter()
  ///     let blocks = [Tensor<Float>(zeros: [100, 64]), Tensor<Float>(zeros: [50, 64])]
  ///     writer.add("moments", dtype: .f32, shape: [150, 64], pieces: blocks.map(\.elements))
  ///
  /// Traps if the name was added before, and unless the pieces have as many bytes as the shape.
  public mutating func add<Piece: Collection & Sendable>(
    _ name: String, dtype: SafetensorsType, shape: [Int], pieces: [Piece]
  ) where Piece.Element: BitwiseCopyable {
    takeName(name)
    let found = pieces.reduce(0) { $0 + $1.count } * MemoryLayout<Piece.Element>.stride
    guard let byteCount = dtype.byteCount(of: shape), shape.allSatisfy({ $0 >= 0 }), byteCount == found else {
      trap("SafetensorsWriter: \(name) of \(dtype.rawValue), shape \(shape), has pieces of \(found) bytes")
    }
    let bytes = Bytes.here { body throws(CheckpointError) in for piece in pieces { try piece.withBytes(body) } }
    contents.append(Content(name: name, dtype: dtype, shape: shape, bytes: bytes))
  }

  /// Adds the rows of a table. If several processes share them, those that are here.
  package mutating func add<Scalar: TensorScalar>(_ name: String, _ table: EmbeddingTable<Scalar>) {
    if let sharing = table.sharing { add(SharedRows(name, table.value, sharing)) } else { add(name, table.value) }
  }

  /// Adds rows that several processes share. Traps if the name was added before.
  package mutating func add(_ rows: SharedRows) {
    takeName(rows.name)
    contents.append(Content(name: rows.name, dtype: rows.dtype, shape: rows.ownShape, bytes: .shared(rows)))
  }

  /// The rows that several processes share, in the order in which they were added.
  package var sharedRows: [SharedRows] {
    contents.compactMap { if case .shared(let rows) = $0.bytes { rows } else { nil } }
  }

  private mutating func takeName(_ name: String) {
    require(name != SafetensorsHeader.metadataKey, "SafetensorsWriter: no tensor can be named \(name)")
    require(names.insert(ExactName(name)).inserted, "SafetensorsWriter: two tensors are named \(name)")
  }

  /// Writes the file, with a checksum in its metadata. It takes the place of an older one only when it is complete and
  /// on the disk. If the program or the computer stops before that, the older one is as it was.
  ///
  /// Throws if the file can't be written, and if names and metadata are longer than the format allows, 100 MB. An older
  /// file is then as it was.
  public func write(to url: URL) throws(CheckpointError) {
    try withAllRows([]).write(to: url, Self.noPieces)
  }

  /// The same with shared rows, which need never be here as a whole: a piece at a time is.
  ///
  /// - Parameters:
  ///   - counts: how many rows each of `sharedRows` has, of all processes together.
  ///   - later: called for one tensor after another, as long as bytes of it are missing, in the order of the file; and
  ///     this for each pass: the checksum of all stands before them, and so do those of blocks, if they are wanted.
  ///     What it throws ends the writing.
  package func write(to url: URL, rowCounts counts: [Int], _ later: LaterPieces) throws(CheckpointError) {
    try withAllRows(counts).write(to: url, later)
  }

  /// With the shapes of the whole tensors that shared rows belong to. Traps unless so many are shared.
  private func withAllRows(_ counts: [Int]) -> SafetensorsWriter {
    var (writer, counts) = (self, counts[...])
    for (number, content) in contents.enumerated() {
      guard case .shared(let rows) = content.bytes else { continue }
      guard let count = counts.popFirst() else {
        let shape = [rows.sharing.rowCount] + rows.ownShape.dropFirst()
        trap("the rows of the table \(shape) are on several ranks; save with `Communicator.save` or `gathered`")
      }
      writer.contents[number].shape[0] = count
    }
    let shared = sharedRows.count
    require(
      counts.isEmpty, "SafetensorsWriter: row counts for \(shared + counts.count) tensors, but \(shared) are shared")
    return writer
  }

  private func write(to url: URL, _ later: LaterPieces) throws(CheckpointError) {
    let path = try url.filePath()
    let complete = try complete(later)
    let header = try complete.header(path, later)
    try AtomicFile.write(to: path) { file throws(CheckpointError) in
      func append(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) { try file.append(bytes) }
      try CollectionOfOne(UInt64(header.count).littleEndian).withBytes(append)
      try header.withBytes(append)
      for content in complete.ordered { try Self.forEachPiece(of: content, later, append) }
    }
  }

  private static func noPieces(_ name: String, _ offset: Int) -> [UInt8] {
    trap("SafetensorsWriter: nobody has the bytes of \(name)")
  }

  private static func forEachPiece(
    of content: Content, _ later: LaterPieces, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    if case .here(let forEachPiece) = content.bytes { return try forEachPiece(body) }
    var offset = 0
    while offset < content.byteCount {
      let piece = try later(content.name, offset)
      offset += piece.count
      require(
        offset <= content.byteCount,
        "SafetensorsWriter: \(content.name) has pieces of \(offset) bytes, expected \(content.byteCount)")
      try piece.withBytes(body)
    }
  }

  /// The number of bytes of the file that `write` would write. Throws if names and metadata are longer than the format
  /// allows.
  ///
  /// - Complexity: O(bytes), because the length of the header depends on the checksum in it.
  public func byteCount() throws(CheckpointError) -> Int {
    let complete = try withAllRows([]).complete(Self.noPieces)
    return 8 + (try complete.header("a file", Self.noPieces)).count + complete.contents.reduce(0) { $0 + $1.byteCount }
  }

  /// Throws if no file can be written there and read again, as far as that can be known before: to be asked before a
  /// long training. Nothing is changed. A device or a pipe is refused, although `write` writes to it.
  public static func check(_ url: URL) throws(CheckpointError) {
    try AtomicFile<CheckpointError>.check(try url.filePath(), isRead: true)
  }

  /// The contents in the order of the file: the widest numbers come first, so that all are aligned.
  private var ordered: [Content] {
    contents.enumerated().sorted {
      ($1.element.dtype.bitCount, $0.offset) < ($0.element.dtype.bitCount, $1.offset)
    }.map(\.element)
  }

  /// With the checksums of the blocks, if they are wanted.
  private func complete(_ later: LaterPieces) throws(CheckpointError) -> SafetensorsWriter {
    guard checksumsBlocks else { return self }
    require(contents.allSatisfy { $0.dtype.bitCount >= 8 }, "SafetensorsWriter: checksums of numbers below 8 bits")
    let count = BlockChecksums.byteCount(ofData: contents.reduce(0) { $0 + $1.byteCount })
    func adding(_ numbers: [UInt64]) -> SafetensorsWriter {
      var writer = self
      writer.add(BlockChecksums.name, dtype: .u8, shape: [count], pieces: [numbers.map(\.littleEndian)])
      return writer
    }
    var blocks = BlockChecksums(of: metadata, adding(Array(repeating: 0, count: count / 8)).entries)
    for content in ordered { try Self.forEachPiece(of: content, later) { blocks.add($0) } }
    blocks.end()
    return adding(blocks.values)
  }

  /// What the header says of the tensors, in the order of the file.
  private var entries: [SafetensorsEntry] {
    var end = 0
    return ordered.map { content in
      let range = end..<end + content.byteCount
      end = range.upperBound
      return SafetensorsEntry(name: content.name, dtype: content.dtype, shape: content.shape, byteRange: range)
    }
  }

  /// The JSON of the header, followed by spaces so that the data begins at a multiple of 8.
  private func header(_ path: String, _ later: LaterPieces) throws(CheckpointError) -> [UInt8] {
    let (ordered, entries) = (ordered, entries)
    var checksum = Checksum(of: metadata, entries)
    for content in ordered { try Self.forEachPiece(of: content, later) { checksum.add($0) } }
    var metadata = metadata
    metadata[Checksum.key] = checksum.text

    let members = entries.map { entry in
      let (name, shape, range) = (json(entry.name), json(entry.shape), entry.byteRange)
      return #"\#(name):{"dtype":"\#(entry.dtype.rawValue)","shape":\#(shape),"#
        + #""data_offsets":[\#(range.lowerBound),\#(range.upperBound)]}"#
    }
    let all = ["\(json(SafetensorsHeader.metadataKey)):\(json(metadata))"] + members
    var header = Array("{\(all.joined(separator: ","))}".utf8)
    header += Array(repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
    guard header.count <= SafetensorsHeader.longest else {
      throw CheckpointError(
        path: path, found: "a header of \(header.count) bytes to write",
        expected: "names and metadata of at most \(SafetensorsHeader.longest) bytes")
    }
    return header
  }
}
