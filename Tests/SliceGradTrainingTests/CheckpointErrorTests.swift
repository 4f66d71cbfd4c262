import SliceGradTraining
import Testing

@Suite struct CheckpointErrorTests {
  @Test func descriptionIsOneLine() {
    let file = CheckpointError(path: "a b.safetensors", found: "this", expected: "that")
    #expect(file.description == "a b.safetensors: found this, expected that")
    let tensor = CheckpointError(path: "a.safetensors", tensor: "output.bias", found: "this", expected: "that")
    #expect("\(tensor as any Error)" == "a.safetensors: tensor “output.bias”: found this, expected that")
    #expect(file != tensor)
  }
}
