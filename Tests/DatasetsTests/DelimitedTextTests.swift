import Datasets
import TestFixtures
import Testing

@Suite struct DelimitedTextTests {
  private let folder = TemporaryFolder()

  private func read(_ text: String, name: String = "a.csv", idColumn: Int? = nil) throws -> VectorSet {
    try VectorFile(path: folder.file(name, text), idColumn: idColumn).read()
  }

  @Test(
    arguments: [
      ("1,2\n3,4\n", nil), ("1\t2\r\n3\t4\r\n", nil), ("1;2\n\n3;4", nil), ("1 2\n3 4", nil), ("\u{feff}1,2\n3,4", nil),
      ("x,y\n1,2\n3,4\n", nil), ("\"1\",\"2\"\n 3 ,4.0", nil), ("1e0,+2\n.3e1,4\n", nil),
      ("a,1,2\nb,3,4\n", 1), ("1,\"p,\"\"q\",2\n3,r,4\n", 2), ("id,x,y\na,1,2\nb,3,4\n", nil),
      ("name,x,y\na,1,2\nb,3,4\n", 1),
    ] as [(String, Int?)])
  func tablesOfManyKindsAreRead(text: String, idColumn: Int?) throws {
    let set = try read(text, idColumn: idColumn)
    #expect(set.dimension == 2)
    #expect(set.values == [1, 2, 3, 4])
  }

  @Test(
    arguments: [
      ("1,2\n3\n", nil, "line 2: has 1 columns, the lines before it 2"),
      ("1,2\n\n3,x\n", nil, "line 3: column 2 holds 'x', which is no number"),
      ("1,2\n3,nan\n", nil, "line 2: column 2 holds nan"),
      ("1,2\n1e99,2\n", nil, "line 2: column 1 holds inf"),
      ("1,2\n0x10,2\n", nil, "line 2: column 1 holds '0x10', which is no number"),
      ("1,2\n1,\n", nil, "line 2: column 2 holds '', which is no number"),
      ("1,2\n1,\"2\n", nil, "line 2: column 2 has a quote out of place"),
      ("x,y\n", nil, "a header and no vector after it"),
      ("\n \n", nil, "line 1: the file holds no line"),
      ("1\n2\n", 1, "line 1: holds an id and no component"),
      ("1,2\n", 3, "has 2 columns; column 3 cannot hold the id"),
    ] as [(String, Int?, String)])
  func mistakesNameTheLine(text: String, idColumn: Int?, reason: String) {
    let sentence = failure { _ = try read(text, idColumn: idColumn) } ?? "read without complaint"
    #expect(sentence.contains(reason), "\(sentence)")
  }
}
