// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/http/body_stream.h"

#include <utility>

#include "src/base/loop.h"

namespace butaca::http {

void SocketStream::write(Owned<GBytes> bytes)
{
    if (sink_ && bytes)
        sink_->stream_write(std::move(bytes));
}

void SocketStream::finish()
{
    if (StreamSink *sink = sink_) {
        detach();
        sink->stream_finish();
    }
}

void SocketStream::abort()
{
    if (StreamSink *sink = sink_) {
        detach();
        sink->stream_abort();
    }
}

std::size_t SocketStream::queued_bytes() const { return sink_ ? sink_->stream_queued_bytes() : 0; }

void SocketStream::on_gone(std::function<void()> work)
{
    if (gone_)
        post(std::move(work));
    else if (sink_)
        on_gone_ = std::move(work);
}

void SocketStream::on_drained(std::function<void()> work)
{
    if (sink_)
        on_drained_ = std::move(work);
}

void SocketStream::detach()
{
    sink_ = nullptr;
    // The calls may hold this very stream: they are let go when this function is left.
    const auto gone = std::exchange(on_gone_, nullptr);
    const auto drained = std::exchange(on_drained_, nullptr);
}

void SocketStream::client_left()
{
    gone_ = true;
    const auto work = std::exchange(on_gone_, nullptr);
    detach();
    if (work)
        work();
}

void SocketStream::drained()
{
    // A copy, for the call may replace itself or end the stream.
    if (const auto work = on_drained_)
        work();
}

} // namespace butaca::http
