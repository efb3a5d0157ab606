// SPDX-License-Identifier: LGPL-2.1-or-later
// The BodyStream that a connection gives to a handler. It may outlive its connection and is deaf from then
// on.
#pragma once

#include "src/http/message.h"

namespace butaca::http {

// What a stream needs of its connection.
class StreamSink {
public:
    virtual ~StreamSink() = default;
    virtual void stream_write(Owned<GBytes> bytes) = 0;
    virtual void stream_finish() = 0;
    virtual void stream_abort() = 0;
    virtual std::size_t stream_queued_bytes() const = 0;
};

class SocketStream final : public BodyStream {
public:
    explicit SocketStream(StreamSink &sink) : sink_(&sink) {}
    // A stream that is dropped before its end counts as aborted: nobody could end it any more.
    ~SocketStream() override { SocketStream::abort(); }
    SocketStream(const SocketStream &) = delete;
    SocketStream &operator=(const SocketStream &) = delete;

    void write(Owned<GBytes> bytes) override;
    void finish() override;
    void abort() override;
    std::size_t queued_bytes() const override;
    void on_gone(std::function<void()> work) override;
    void on_drained(std::function<void()> work) override;

    // For the connection, which calls exactly one of the first two when it lets go of the stream.
    void detach();
    void client_left();
    void drained();

private:
    StreamSink *sink_; // null once the body has ended or the client is gone
    bool gone_ = false;
    std::function<void()> on_gone_;
    std::function<void()> on_drained_;
};

} // namespace butaca::http
