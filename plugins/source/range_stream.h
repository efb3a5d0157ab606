// SPDX-License-Identifier: LGPL-2.1-or-later
// One HTTP connection to an origin and the one answer that is being read from it. It blocks the calling
// thread, up to a deadline or an interruption. Calls may come from different threads, but never two at once.
//
// libsoup's own timeouts count in seconds and its synchronous calls need a second thread to end sooner. So
// the asynchronous calls run here on a private main context, which only turns while one of these functions
// waits: milliseconds, immediate interruption, and no thread of our own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <libsoup/soup.h>

#include "plugins/source/range_answer.h"
#include "src/base/gobject.h"
#include "src/base/result.h"

namespace butaca::source {

class RangeStream {
public:
    RangeStream();
    ~RangeStream();
    RangeStream(const RangeStream &) = delete;
    RangeStream &operator=(const RangeStream &) = delete;

    // Sends a request and judges the answer (see judge_answer for the errors; also unavailable, timeout,
    // cancelled). An answer that is still open is dropped first. The connection is kept for the next request
    // whenever the body before was read to its end.
    Result<RangeAnswer> open(const RangeRequest &request, unsigned timeout_ms, GCancellable *interrupt);

    // Reads some of the body, at least one byte, waiting for them up to `deadline_us` of
    // g_get_monotonic_time(). Errors: unavailable (the connection broke or the body is shorter than
    // promised), timeout, cancelled. Call only while is_open().
    Result<std::size_t> read(std::span<std::uint8_t> into, std::int64_t deadline_us, GCancellable *interrupt);

    // Bytes of the open answer that were not read yet, and where in the original they start.
    bool is_open() const { return remaining_bytes_ > 0; }
    std::uint64_t remaining_bytes() const { return remaining_bytes_; }
    std::uint64_t position() const { return position_; }

    // Gives up on the open answer, and with it on its connection: HTTP/1.1 has no other way to stop a body.
    void drop();

    // Waits; cancelled when interrupted.
    Status wait(unsigned wait_ms, GCancellable *interrupt);

private:
    Result<Owned<GInputStream>> send(SoupMessage *message, unsigned timeout_ms, GCancellable *interrupt);
    Status wait_readable(std::int64_t deadline_us, GCancellable *interrupt);
    void finish();

    Owned<GMainContext> context_;
    Owned<SoupSession> session_;
    Owned<GInputStream> body_;
    std::uint64_t position_ = 0;
    std::uint64_t remaining_bytes_ = 0;
};

} // namespace butaca::source
