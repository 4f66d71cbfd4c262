import Testing

struct QuickStartTests {
  @Test("one step changes the rows of its words, and the program says so")
  func runs() throws {
    let result = try Program(name: "QuickStart").run()
    #expect(result.status == 0)
    #expect(result.lines.contains("all other rows are bit-identical"))
    #expect(result.lines.last == "gradients agree with finite differences along 3 directions")
    let before = try #require(result.lines.first { $0.contains("before: ") })
    let after = try #require(result.lines.first { $0.contains("after: ") })
    #expect(before.prefix(7) == after.prefix(7))
    #expect(before.split(separator: "[")[1] != after.split(separator: "[")[1])
  }

  @Test("the environment's number of threads is checked, also where the work is too small to be shared")
  func threads() throws {
    func run(with number: String) throws -> Program.Result {
      try Program(name: "QuickStart").run([], environment: ["SLICEGRAD_THREADS": number])
    }
    #expect(try run(with: "2").status == 0)
    for (wrong, shown) in [("x", "x"), ("0", "0"), ("257", "257"), ("", ""), ("\u{1B}[2J\n", "?[2J?")] {
      let result = try run(with: wrong)
      #expect(result.status == 1 && result.output.isEmpty)
      #expect(result.errors == "SLICEGRAD_THREADS is “\(shown)”, expected a number in 1...256\n")
    }
  }

  #if arch(x86_64)
    @Test("the environment chooses a lower instruction set, or the program says what there is")
    func instructionSet() throws {
      func run(under set: String) throws -> Program.Result {
        try Program(name: "QuickStart").run([], environment: ["SLICEGRAD_INSTRUCTION_SET": set])
      }
      #expect(try run(under: "sse2").status == 0)
      for wrong in ["avx1024", "SSE2", ""] {
        let result = try run(under: wrong)
        #expect(result.status == 1 && result.output.isEmpty)
        #expect(result.errors.hasPrefix("SLICEGRAD_INSTRUCTION_SET is “\(wrong)”, expected sse2"))
        #expect(result.errors.hasSuffix(" on this processor\n"))
      }
      #expect(try run(under: "\u{1B}[2J\n").errors.hasPrefix("SLICEGRAD_INSTRUCTION_SET is “?[2J?”, expected sse2"))
    }
  #endif
}
