import Foundation
import Testing

/// An example program as it was built for these tests, run as a user runs it.
struct Program {
  let name: String
  /// As how many processes it is run, by `mpirun` if they are several.
  var ranks = 1

  /// `mpirun`, if there is one.
  static let launcher: URL? = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .map { URL(filePath: String($0)).appending(path: "mpirun") }
    .first { FileManager.default.isExecutableFile(atPath: $0.path) }

  /// Lets Open MPI start more processes than there are cores, and by root, as containers do.
  private static let launcherEnvironment = [
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
  ]

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

  private func process(_ arguments: [String]) throws -> Process {
    let executable: URL = try #require(
      Self.productDirectories.map { $0.appending(path: name) }
        .first { FileManager.default.isExecutableFile(atPath: $0.path) },
      "\(name) is not beside the tests")
    let process = Process()
    process.executableURL = ranks > 1 ? try #require(Self.launcher) : executable
    process.arguments = (ranks > 1 ? ["-np", "\(ranks)", executable.path] : []) + arguments
    return process
  }

  func run(_ arguments: String...) throws -> Result { try run(arguments) }

  /// Starts it, and sends it a signal as soon as it has written this text to standard error.
  ///
  /// - Parameters:
  ///   - isIgnored: whether it is started with the signal ignored, as `nohup` does.
  ///   - waitsToPrint: whether there is no room for what it prints until the signal is sent.
  func interrupt(
    afterWriting text: String, by number: Int32 = SIGINT, isIgnored: Bool = false, waitsToPrint: Bool = false,
    _ arguments: [String]
  ) throws -> Result {
    let (process, output, errors) = (try process(arguments), Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    let filled = waitsToPrint ? output.fill() : 0
    let before = signal(number, isIgnored ? SIG_IGN : SIG_DFL)  // is inherited
    defer { signal(number, before) }
    try process.run()
    var written = ""
    while !written.contains(text) {
      let some = errors.fileHandleForReading.availableData
      try #require(!some.isEmpty, "\(name) ended after \(written)")
      written += String(decoding: some, as: UTF8.self)
    }
    kill(process.processIdentifier, number)
    _ = try output.fileHandleForReading.read(upToCount: filled)
    let texts = [errors, output].map { String(decoding: $0.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) }
    process.waitUntilExit()
    #expect(process.terminationReason == .exit, "\(name) \(arguments) ended by the signal")
    return Result(status: process.terminationStatus, output: texts[1], errors: written + texts[0])
  }

  /// Whether each of some lines is answered by one before the next is given to it.
  func answersAtOnce(_ lines: [String], _ arguments: [String]) throws -> Bool {
    let (process, input, output) = (try process(arguments), Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    var answers = 0
    for line in lines {
      try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
      let answer = output.fileHandleForReading.availableData  // waits
      answers += answer.last == UInt8(ascii: "\n") ? 1 : 0
    }
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    return answers == lines.count && process.terminationStatus == 0
  }

  /// Runs it with a device as standard output that has no room for anything. Returns its status and standard error.
  func runWithoutRoom(_ arguments: [String]) throws -> (status: Int32, errors: String) {
    let (process, errors) = (try process(arguments), Pipe())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: "/dev/full"))
    process.standardError = errors
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit, "\(name) \(arguments) crashed")
    return (process.terminationStatus, text)
  }

  /// Runs it with standard error on a terminal of so many columns. Returns its status and what it wrote there.
  func runOnTerminal(columns: UInt16, _ arguments: [String]) throws -> (status: Int32, written: String) {
    var (controller, terminal): (Int32, Int32) = (-1, -1)
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    let status = openpty(&controller, &terminal, nil, nil, &size)
    try #require(status == 0)
    for end in [controller, terminal] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(controller) }
    let process = try process(arguments)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle(fileDescriptor: terminal, closeOnDealloc: false)
    try process.run()
    close(terminal)
    var (written, bytes) = ([UInt8](), Array(repeating: UInt8(0), count: 4096))
    while case let count = read(controller, &bytes, bytes.count), count > 0 { written += bytes[..<count] }
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: written, as: UTF8.self))
  }

  /// Runs it to its end, with these variables in its environment besides those of the tests, and with this input, which
  /// must fit into a pipe.
  func run(_ arguments: [String], environment: [String: String] = [:], input: String? = nil) throws -> Result {
    let (output, errors) = (Pipe(), Pipe())
    let process = try process(arguments)
    process.environment = ProcessInfo.processInfo.environment
      .merging(ranks > 1 ? Self.launcherEnvironment : [:]) { _, new in new }
      .merging(environment) { _, new in new }
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

extension Pipe {
  /// Writes spaces until there is no room for more. Returns their number.
  fileprivate func fill() -> Int {
    let descriptor = fileHandleForWriting.fileDescriptor
    let flags = fcntl(descriptor, F_GETFL)
    _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
    var count = 0
    while write(descriptor, " ", 1) == 1 { count += 1 }
    _ = fcntl(descriptor, F_SETFL, flags)
    return count
  }
}
