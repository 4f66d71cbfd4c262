// What libFuzzer calls, and the properties that more than one target checks.

import Foundation
import SliceGrad

/// Reads bytes of any kind. Traps if what has to hold doesn't.
typealias Target = @Sendable (_ bytes: [UInt8]) -> Void

/// Each by the name that `run` takes, which is also the name of its seeds' folder.
let targets: [String: Target] = [
  "checkpoint": fuzzCheckpoint,
  "checksum": fuzzChecksum,
  "classifier": fuzzClassifier,
  "decimal": fuzzDecimalNumber,
  "fasttext": fuzzFastText,
  "features": fuzzFeatures,
  "header": fuzzHeader,
  "json": fuzzJSON,
  "labeled-texts": fuzzLabeledTexts,
  "lines": fuzzLines,
  "model": fuzzModel,
  "options": fuzzOptions,
  "path": fuzzPath,
  "quotation": fuzzQuotation,
  "ragged-indices": fuzzRaggedIndices,
  "safetensors": fuzzSafetensors,
  "small-classifier": fuzzSmallClassifier,
  "vocabularies": fuzzVocabularies,
  "word-vectors": fuzzWordVectors,
]

/// The target that FUZZ_TARGET names.
private let target: Target = {
  let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
  guard let target = targets[name] else { trap("FUZZ_TARGET is \(name), not one of \(targets.keys.sorted())") }
  return target
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  target(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}

// MARK: What has to hold

/// The result of the body; nil if it throws an error of this type, which has to be one clear line.
func accepted<Result, Failure: Error>(_ body: () throws(Failure) -> Result) -> Result? {
  do {
    return try body()
  } catch {
    requireClearLine("\(error)")
    return nil
  }
}

/// Whether the body ends without an error of this type, which has to be one clear line.
func isAccepted<Failure: Error>(_ body: () throws(Failure) -> Void) -> Bool {
  let result: Void? = accepted(body)
  return result != nil
}

/// Traps unless a text is one line, of no more than what a message quotes at most, that shows as it is.
func requireClearLine(_ text: String) {
  let scalars = text.unicodeScalars
  require(!scalars.isEmpty && scalars.count < 30_000, "a message of \(scalars.count) scalars: \(text)")
  for scalar in scalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
      trap("a message with U+\(String(scalar.value, radix: 16)): \(text)")
    default: break
    }
  }
}

/// Whether two texts have the same bytes. Swift's `==` takes other ones for equal as well.
func areSame(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }

// MARK: Files

/// The path of this process's file of a name, which isn't there yet.
func path(_ name: String) -> String { directory + "/" + name }

/// Writes the file of a name, and returns its path.
func file(_ name: String, _ bytes: some Sequence<UInt8>) -> String {
  let path = path(name)
  guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else { trap("no file at \(path)") }
  return path
}

/// The bytes of a file.
func contents(_ path: String) -> [UInt8] {
  guard let contents = FileManager.default.contents(atPath: path) else { trap("nothing to read at \(path)") }
  return Array(contents)
}

/// `run` gives each process one of its own, and removes it afterwards.
private let directory: String = {
  guard let directory = ProcessInfo.processInfo.environment["FUZZ_DIRECTORY"] else { trap("FUZZ_DIRECTORY is not set") }
  return directory
}()
