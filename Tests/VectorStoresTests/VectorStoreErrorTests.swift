import Testing
import VectorStores

@Suite struct VectorStoreErrorTests {
  @Test func everyRefusalIsOneSentenceThatSaysWhatToDo() {
    #expect(
      VectorStoreError.noSuchCollection("a", known: ["b", "c"]).description
        == "no collection is called 'a'; there are b, c")
    #expect(
      VectorStoreError.duplicateKey(.string("x"), row: 3).description
        == "row 3 of the batch has the key 'x', which is already taken; nothing of the batch was stored; upsert replaces rows"
    )
  }
}
