import Foundation
import Testing

/// An example program as it was built for these tests, run as a user runs it.
struct Program {
  let name: String

  struct Result {
    let status: Int32
    let output: String
    let errors: String
    var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  /// The products lie beside the test bundle: beside its executable on Linux, beside the bundle on macOS.
  private static let productDirectories: [URL] = {
    let bundles = Bundle.allBundles.map(\.bundleURL) + [Bundle.main.bundleURL]
    let executable = Bundle.main.executableURL.map { [$0.deletingLastPathComponent()] } ?? []
    return executable + bundles.flatMap { [$0, $0.deletingLastPathComponent()] }
  }()

  func run(_ arguments: String...) throws -> Result { try run(arguments) }

  /// Runs it to its end, with these variables in its environment besides those of the tests, and with this input, which
  /// must fit into a pipe.
  func run(_ arguments: [String], environment: [String: String] = [:], input: String? = nil) throws -> Result {
    let executable = try #require(
      Self.productDirectories.map { $0.appending(path: name) }
        .first { FileManager.default.isExecutableFile(atPath: $0.path) },
      "\(name) is not beside the tests")
    let (output, errors) = (Pipe(), Pipe())
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    if let input {
      let pipe = Pipe()
      try pipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
      try pipe.fileHandleForWriting.close()
      process.standardInput = pipe
    } else {
      process.standardInput = FileHandle.nullDevice
    }
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // One after the other: neither is ever so long that it fills its pipe.
    let texts = [output, errors].map { String(decoding: $0.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) }
    process.waitUntilExit()
    #expect(process.terminationReason == .exit, "\(name) \(arguments) crashed")
    return Result(status: process.terminationStatus, output: texts[0], errors: texts[1])
  }
}
