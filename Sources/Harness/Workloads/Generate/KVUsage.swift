package import Generation

/// What became of the KV memory over a pass. Shares are means over its steps: the same in every pass, whatever the machine.
package struct KVUsage: Sendable, Equatable {
  /// The budget.
  package var blocks: Int
  /// Tokens of a block.
  package var blockSize: Int
  package var bytesPerBlock: Int
  package var totals: SchedulerTotals
  package var blocksShared: Int
  package var timeline = KVTimeline()

  package init(
    blocks: Int, blockSize: Int, bytesPerBlock: Int, totals: SchedulerTotals = SchedulerTotals(), blocksShared: Int = 0
  ) {
    self.blocks = blocks
    self.blockSize = blockSize
    self.bytesPerBlock = bytesPerBlock
    self.totals = totals
    self.blocksShared = blocksShared
  }

  /// Unfinished sequences at once.
  package var meanBatch: Double { share(totals.runningSequences, of: totals.steps) }
  /// Blocks used, of the budget.
  package var utilization: Double { share(totals.blocksUsed, of: blocks * totals.steps) }
  /// Of the places in used blocks, those that hold no token that anybody needs.
  package var waste: Double { totals.utilization.map { 1 - $0 } ?? 0 }
  /// The part of `waste` that never came to hold one.
  package var internalWaste: Double { min(waste, share(totals.slotsNeverUsed, of: totals.slotsReserved)) }
  /// The part of `waste` that tokens filled later.
  package var reservedWaste: Double { waste - internalWaste }
  /// Of the budget, what is free and enough for the first who waits, and of no use to it because it is in pieces.
  package var externalWaste: Double { share(totals.slotsFragmented, of: blocks * blockSize * totals.steps) }
  /// Blocks with more than one owner, of those used.
  package var sharedFraction: Double { share(blocksShared, of: totals.blocksUsed) }
  /// Blocks that sharing spares, of those that would be used without it.
  package var savedBySharing: Double { totals.savedFraction ?? 0 }

  private func share(_ part: Int, of whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }
}
