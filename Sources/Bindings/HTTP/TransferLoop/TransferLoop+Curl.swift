internal import CCurl
internal import Glibc

/// What passes between the loop and libcurl.
extension TransferLoop {
  /// Lets libcurl tell which sockets it waits for, and until when.
  func connect() {
    let context = Unmanaged.passUnretained(self).toOpaque()
    ragmeter_curl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, context)
    ragmeter_curl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, context)
    ragmeter_curl_multi_set_socket_callback(multi) { _, socket, what, context, isKnown in
      guard let context else { return -1 }
      let loop = Unmanaged<TransferLoop>.fromOpaque(context).takeUnretainedValue()
      guard what != CURL_POLL_REMOVE else {
        loop.waiting.forget(socket)
        return 0
      }
      loop.waiting.watch(
        socket, reads: what & CURL_POLL_IN != 0, writes: what & CURL_POLL_OUT != 0, isNew: isKnown == nil)
      if isKnown == nil { curl_multi_assign(loop.multi, socket, context) }
      return 0
    }
    ragmeter_curl_multi_set_timer_callback(multi) { _, milliseconds, context in
      guard let context else { return -1 }
      let loop = Unmanaged<TransferLoop>.fromOpaque(context).takeUnretainedValue()
      loop.curlDue = milliseconds < 0 ? nil : loop.now + UInt64(milliseconds) * 1_000_000
      return 0
    }
  }

  /// Lets libcurl do what a socket is ready for, or (`CURL_SOCKET_BAD`) what is due.
  func act(_ socket: curl_socket_t, _ mask: Int32) {
    enter(socket, mask)
    settle()
  }

  private func enter(_ socket: curl_socket_t, _ mask: Int32) {
    var count: Int32 = 0
    isInside = true
    curl_multi_socket_action(multi, socket, mask, &count)
    isInside = false
  }

  /// Tells of transfers that have ended, and begins and ends what was asked for meanwhile, until nothing is left to do.
  func settle() {
    while true {
      for transfer in cancelling { release(transfer) }
      cancelling.removeAll(keepingCapacity: true)
      var left: Int32 = 0
      if let message = curl_multi_info_read(multi, &left) {
        if message.pointee.msg == CURLMSG_DONE, let raw = message.pointee.easy_handle {
          finish(raw, message.pointee.data.result)
        }
        continue
      }
      guard !starting.isEmpty else { return }
      let batch = starting
      starting.removeAll(keepingCapacity: true)
      for transfer in batch where transfer.state == .waiting { begin(transfer) }
    }
  }

  private func begin(_ transfer: Transfer) {
    let handle: CurlHandle
    do { handle = try spare.popLast() ?? CurlHandle(reusedFor: transfer.request.url) } catch {
      return fail(transfer, TransferFailure(.other, "\(error)"))
    }
    handle.clear()
    handle.set(CURLOPT_URL, transfer.request.url)
    handle.setHeader(transfer.request.headers)
    handle.setBody(transfer.request.body)
    handle.set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(transfer.request.connectTimeout * 1_000)))
    handle.take = { [unowned handle, unowned transfer] bytes in
      if transfer.head.status == 0 { transfer.head = handle.head }
      transfer.receiver?.received(bytes, of: transfer)
      return transfer.state == .running
    }
    transfer.handle = handle
    transfer.state = .running
    active[handle.raw] = transfer
    running += 1
    transfer.began = now
    let code = curl_multi_add_handle(multi, handle.raw)
    guard code == CURLM_OK else {
      let receiver = transfer.receiver
      release(transfer)
      transfer.state = .ended
      transfer.receiver = nil
      receiver?.ended(transfer, failure: TransferFailure(.other, String(cString: curl_multi_strerror(code))))
      return
    }
    // On a connection that is open already this sends the request.
    enter(CURL_SOCKET_BAD, 0)
  }

  private func fail(_ transfer: Transfer, _ failure: TransferFailure) {
    let receiver = transfer.receiver
    transfer.state = .ended
    transfer.receiver = nil
    receiver?.ended(transfer, failure: failure)
  }

  private func finish(_ raw: UnsafeMutableRawPointer, _ code: CURLcode) {
    guard let transfer = active[raw], let handle = transfer.handle else { return }
    transfer.head = handle.head
    let failure = code == CURLE_OK ? nil : TransferFailure(code, handle)
    let receiver = transfer.receiver
    let wasCancelled = transfer.state == .ended
    release(transfer)
    transfer.state = .ended
    transfer.receiver = nil
    if !wasCancelled { receiver?.ended(transfer, failure: failure) }
  }

  /// Takes a transfer's handle back from libcurl.
  func release(_ transfer: Transfer) {
    guard let handle = transfer.handle else { return }
    transfer.handle = nil
    active[handle.raw] = nil
    running -= 1
    curl_multi_remove_handle(multi, handle.raw)
    handle.clear()
    spare.append(handle)
  }
}
