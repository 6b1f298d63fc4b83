import Kernels

extension GraphBuilder {
  /// Candidates for a node's list, nearest first, in scratch memory: distances and node numbers.
  struct Candidates {
    let keys: UnsafeMutablePointer<UInt64>
    let count: Int

    subscript(index: Int) -> Candidate { Candidate(key: keys[index]) }
  }

  /// The pool of a beam without the node itself and removed rows, as true distances.
  func candidates(
    _ pool: CandidatePool, of node: Int32, in view: LevelView, constant: Float,
    scratch: UnsafeMutablePointer<SearchScratch>
  ) -> Candidates {
    var count = 0
    for i in 0..<pool.count {
      let candidate = pool[i]
      if candidate.row == node || isRemoved(view.row(ofNode: candidate.row)) { continue }
      pool.keys[count] = Candidate(distance: candidate.distance + constant, row: candidate.row).key
      count += 1
    }
    return Candidates(keys: pool.keys, count: count)
  }

  func isRemoved(_ row: Int32) -> Bool {
    if let removed { removed[Int(row) >> 6] & 1 << UInt64(row & 63) != 0 } else { false }
  }

  /// Malkov and Yashunin's algorithm 4 (without its extensions), with DiskANN's alpha: a candidate is kept if it is nearer
  /// to the node than alpha times its distance to every one kept before.
  ///
  /// Candidates are looked at 32 at a time: those that earlier choices leave are scored against each choice in one call.
  /// - Returns: how many were kept; the indices of the kept ones are the first entries of `scratch.resultKeys`.
  func select(
    _ candidates: Candidates, in view: LevelView, limit: Int, alpha: Float,
    scratch: UnsafeMutablePointer<SearchScratch>
  ) -> Int {
    let kept = scratch.pointee.resultKeys
    let rows = scratch.pointee.rows
    let scores = scratch.pointee.scores
    var keptCount = 0
    var first = 0
    // Stays on the stack; 32 candidates that no choice has ruled out yet.
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 32) { alive in
      withUnsafeTemporaryAllocation(of: Space.Scorer.self, capacity: limit) { scorers in
        while first < candidates.count && keptCount < limit {
          var aliveCount = min(32, candidates.count - first)
          for i in 0..<aliveCount { alive[i] = Int32(first + i) }
          func ruleOut(by scorer: Space.Scorer, from start: Int) {
            if start == aliveCount { return }
            for i in start..<aliveCount { rows[i - start] = view.row(ofNode: candidates[Int(alive[i])].row) }
            scorer.score(rows, aliveCount - start, into: scores)
            var left = start
            for i in start..<aliveCount {
              let between = (scores[i - start] + scorer.constant + shift) * alpha
              alive[left] = alive[i]
              left += between < candidates[Int(alive[i])].distance + shift ? 0 : 1
            }
            aliveCount = left
          }
          for i in 0..<keptCount where aliveCount > 0 { ruleOut(by: scorers[i], from: 0) }
          var next = 0
          while next < aliveCount && keptCount < limit {
            let choice = Int(alive[next])
            next += 1
            kept[keptCount] = UInt64(choice)
            keptCount += 1
            if keptCount == limit { break }
            let scorer = space.scorer(
              row: view.row(ofNode: candidates[choice].row),
              slot: scratch.pointee.slot(Self.firstSelectedSlot + keptCount - 1))
            scorers.initializeElement(at: keptCount - 1, to: scorer)
            ruleOut(by: scorer, from: next)
          }
          first += 32
        }
      }
    }
    return keptCount
  }

  /// DiskANN's choice for the second pass: a round with alpha 1 over all candidates, which keeps the long links that join
  /// clusters, then a round with `alpha` for the places left, and the nearest of the others up to `least`.
  /// - Returns: how many were kept; the indices of the kept ones are the first entries of `scratch.resultKeys`.
  func selectInTwoRounds(
    _ candidates: Candidates, in view: LevelView, least: Int, limit: Int, alpha: Float,
    scratch: UnsafeMutablePointer<SearchScratch>
  ) -> Int {
    let kept = scratch.pointee.resultKeys
    let rows = scratch.pointee.rows
    let scores = scratch.pointee.scores
    var keptCount = 0
    withUnsafeTemporaryAllocation(of: Float.self, capacity: candidates.count) { ruledOutBelow in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: candidates.count) { alive in
        // The alpha from which on a candidate passes, so far; infinite once it is kept.
        ruledOutBelow.initialize(repeating: 0)
        for round in [1, alpha] {
          for choice in 0..<candidates.count where keptCount < limit && ruledOutBelow[choice] <= round {
            kept[keptCount] = UInt64(choice)
            keptCount += 1
            ruledOutBelow[choice] = .infinity
            var count = 0
            for i in choice + 1..<max(choice + 1, candidates.count) where ruledOutBelow[i] <= alpha {
              alive[count] = Int32(i)
              rows[count] = view.row(ofNode: candidates[i].row)
              count += 1
            }
            if count == 0 || keptCount == limit { continue }
            let scorer = space.scorer(
              row: view.row(ofNode: candidates[choice].row), slot: scratch.pointee.slot(Self.neighborSlot))
            scorer.score(rows, count, into: scores)
            for i in 0..<count {
              let other = Int(alive[i])
              let between = scores[i] + scorer.constant + shift
              let distance = candidates[other].distance + shift
              // Equal vectors lie at distance 0 from each other and rule each other out at any alpha.
              let needed = between > 0 ? distance / between : (distance > 0 ? Float.greatestFiniteMagnitude : 1)
              ruledOutBelow[other] = max(ruledOutBelow[other], needed)
            }
          }
        }
        for choice in 0..<candidates.count where keptCount < least && ruledOutBelow[choice] < .infinity {
          kept[keptCount] = UInt64(choice)
          keptCount += 1
        }
      }
    }
    return keptCount
  }

  /// Adds up to `count` candidates, from index `first` on, to those a selection kept; returns how many are kept now.
  func keep(
    _ count: Int, of candidates: Candidates, from first: Int, after kept: Int,
    scratch: UnsafeMutablePointer<SearchScratch>
  ) -> Int {
    let choices = scratch.pointee.resultKeys
    var total = kept
    for i in max(0, first)..<candidates.count where total < kept + count {
      if (0..<kept).contains(where: { choices[$0] == UInt64(i) }) { continue }
      choices[total] = UInt64(i)
      total += 1
    }
    return total
  }

  /// Writes the candidates that a selection kept into a list.
  func write(
    _ candidates: Candidates, _ kept: Int, scratch: UnsafeMutablePointer<SearchScratch>,
    to list: UnsafeMutablePointer<Int32>, width: Int
  ) {
    let choices = scratch.pointee.resultKeys
    for i in 0..<kept { list[i] = candidates[Int(choices[i])].row }
    if kept < width { list[kept] = -1 }
  }

  /// Adds `node` to the lists of its neighbours, choosing anew where a list is full.
  func linkBack(
    node: Int32, in view: LevelView, alpha: Float, scratch: UnsafeMutablePointer<SearchScratch>
  ) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: view.width) { neighbors in
      let count = view.copyList(ofNode: node, into: neighbors.baseAddress.unsafelyUnwrapped, locks: locks)
      for i in 0..<count {
        let neighbor = neighbors[i]
        if let locks {
          locks.withLock(level: view.level, node: neighbor) {
            append(node, to: neighbor, in: view, alpha: alpha, scratch: scratch)
          }
        } else {
          append(node, to: neighbor, in: view, alpha: alpha, scratch: scratch)
        }
      }
    }
  }

  private func append(
    _ node: Int32, to neighbor: Int32, in view: LevelView, alpha: Float,
    scratch: UnsafeMutablePointer<SearchScratch>
  ) {
    let list = view.list(ofNode: neighbor)
    var degree = 0
    while degree < view.width && list[degree] >= 0 {
      if list[degree] == node { return }
      degree += 1
    }
    if degree < view.width {
      list[degree] = node
      if degree + 1 < view.width { list[degree + 1] = -1 }
      return
    }
    let rows = scratch.pointee.rows
    let scores = scratch.pointee.scores
    var count = 0
    for i in 0..<degree where !isRemoved(view.row(ofNode: list[i])) {
      rows[count] = view.row(ofNode: list[i])
      scratch.pointee.resultKeys[count] = UInt64(UInt32(bitPattern: list[i]))
      count += 1
    }
    rows[count] = view.row(ofNode: node)
    scratch.pointee.resultKeys[count] = UInt64(UInt32(bitPattern: node))
    count += 1
    let scorer = space.scorer(
      row: view.row(ofNode: neighbor), slot: scratch.pointee.slot(Self.neighborSlot))
    scorer.score(rows, count, into: scores)
    var pool = CandidatePool(keys: scratch.pointee.keys, capacity: count)
    for i in 0..<count {
      let other = Int32(truncatingIfNeeded: scratch.pointee.resultKeys[i])
      pool.insert(Candidate(distance: scores[i] + scorer.constant, row: other))
    }
    let candidates = Candidates(keys: pool.keys, count: pool.count)
    let kept = select(candidates, in: view, limit: view.width, alpha: alpha, scratch: scratch)
    write(candidates, kept, scratch: scratch, to: list, width: view.width)
  }

  /// Offers `node` to the lists of its neighbours in the second pass, where lists are nearly full and rarely need choosing
  /// anew: a full list takes `node` in only for what it makes superfluous. The farthest rows stay: they join clusters.
  func offer(
    node: Int32, _ scorer: Space.Scorer, in view: LevelView, alpha: Float,
    scratch: UnsafeMutablePointer<SearchScratch>
  ) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: view.width) { neighbors in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: view.width) { distances in
        let list = neighbors.baseAddress.unsafelyUnwrapped
        let count = view.copyList(ofNode: node, into: list, locks: locks)
        scorer.score(list, count, into: distances.baseAddress.unsafelyUnwrapped)
        for i in 0..<count {
          let distance = distances[i] + scorer.constant + shift
          if let locks {
            locks.withLock(level: view.level, node: list[i]) {
              exchange(node, scorer, at: distance, for: list[i], in: view, alpha: alpha, scratch: scratch)
            }
          } else {
            exchange(node, scorer, at: distance, for: list[i], in: view, alpha: alpha, scratch: scratch)
          }
        }
      }
    }
  }

  private func exchange(
    _ node: Int32, _ nodeScorer: Space.Scorer, at distance: Float, for neighbor: Int32, in view: LevelView,
    alpha: Float, scratch: UnsafeMutablePointer<SearchScratch>
  ) {
    let list = view.list(ofNode: neighbor)
    let width = view.width
    var degree = 0
    while degree < width && list[degree] >= 0 {
      if list[degree] == node { return }
      degree += 1
    }
    if degree < width {
      list[degree] = node
      if degree + 1 < width { list[degree + 1] = -1 }
      return
    }
    let scorer = space.scorer(row: neighbor, slot: scratch.pointee.slot(Self.neighborSlot))
    let own = scratch.pointee.scores
    let other = own + width
    scorer.score(list, width, into: own)
    nodeScorer.score(list, width, into: other)
    for i in 0..<width {
      own[i] += scorer.constant + shift
      other[i] = (other[i] + nodeScorer.constant + shift) * alpha
      if own[i] <= distance && other[i] < distance { return }
    }
    var left = 0
    for i in 0..<width where own[i] <= distance || other[i] >= own[i] {
      list[left] = list[i]
      left += 1
    }
    if left < width {
      list[left] = node
      if left + 1 < width { list[left + 1] = -1 }
    }
  }
}
