import ModelFiles
import Testing

@Suite struct ModelFileErrorTests {
  @Test func thePlaceStandsBetweenPathAndReason() {
    #expect(ModelFileError(path: "a", place: "byte 8", reason: "is cut").description == "a: byte 8: is cut")
    #expect(ModelFileError(path: "a", reason: "is empty").description == "a: is empty")
  }
}
