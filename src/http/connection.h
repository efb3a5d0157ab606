// SPDX-License-Identifier: LGPL-2.1-or-later
// One client's connection: reads a request, has it answered, writes the answer, and again. One request at a
// time: pipelined ones wait in the socket, which is back-pressure enough.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/loop.h"
#include "src/http/core.h"
#include "src/http/exchange.h"
#include "src/http/outbox.h"
#include "src/http/request_reader.h"
#include "src/http/stream_coding.h"

namespace butaca::http {

// Loop-bound. Owned by its Core until it is closed.
class Connection final : public std::enable_shared_from_this<Connection>, private StreamSink {
public:
    using Clock = std::chrono::steady_clock;

    Connection(std::shared_ptr<Core> core, Fd socket, std::string peer);
    ~Connection() override;

    // Begins to read. False when the socket cannot be watched.
    bool start();
    // Enforces the deadlines; called again and again by the server.
    void sweep(Clock::time_point now);
    // Closes at once when no request is under way, else after its answer.
    void retire();
    // Ends at once, whatever is under way, so that the client sees a broken connection.
    void cut(std::string_view why);

private:
    enum class Phase {
        idle,      // between requests; nothing of the next one is there
        head,      // some of the head is there
        body,      // the body is being read
        handling,  // a handler owes the answer
        sending,   // the answer is on its way
        lingering, // all is sent; what the client still sends is thrown away until it closes
        closed,
    };

    void on_events(std::uint32_t events);
    void receive();
    void advance();
    bool read_head();
    bool read_body();
    void begin_request(RequestHead head);
    void new_exchange();
    void refuse(const Refusal &refusal);
    void call_handler();
    void respond(Response response);
    void start_stream(const Response &response);
    void flush();
    void finish_exchange();
    void linger();
    void client_left() { cut("client"); }
    void close(bool reset);
    void enter(Phase phase, std::chrono::milliseconds patience);
    void update_interest();

    void stream_write(Owned<GBytes> bytes) override;
    void stream_finish() override;
    void stream_abort() override { cut("aborted"); }
    std::size_t stream_queued_bytes() const override { return outbox_.queued_bytes(); }

    std::shared_ptr<Core> core_;
    Fd socket_;
    std::string peer_;
    std::uint64_t watch_ = 0;
    Phase phase_ = Phase::idle;
    bool had_request_ = false;
    bool retiring_ = false;
    bool half_closed_ = false; // the client will send no more, but may still read
    Clock::time_point deadline_{};

    RequestReader reader_;
    std::uint64_t body_bytes_ = 0;
    std::uint64_t discarded_bytes_ = 0;

    std::unique_ptr<Exchange> exchange_; // from the head's end to the answer's
    Framing framing_;
    StreamCoding coding_; // of a streamed body
    Outbox outbox_;
    bool answer_whole_ = false; // nothing will be added to the outbox
    bool wrote_to_stream_ = false;
};

} // namespace butaca::http
