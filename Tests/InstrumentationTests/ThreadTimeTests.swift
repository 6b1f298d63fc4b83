import Foundation
import Instrumentation
import Testing

@Suite struct ThreadTimeTests {
  @Test func aThreadThatWorksHasTime() {
    let before = ThreadTime.seconds()
    var sum = 0.0
    while ThreadTime.seconds() - before < 0.002 { sum += sin(sum) + 1 }
    #expect(sum > 0 && ThreadTime.seconds() > before)
  }
}
