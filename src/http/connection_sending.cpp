// SPDX-License-Identifier: LGPL-2.1-or-later
// The sending half of a connection: from the answer to its last byte, and what becomes of the connection
// then.
#include <sys/socket.h>

#include "src/http/compression.h"
#include "src/http/connection.h"

namespace butaca::http {

namespace {

// What one client may be sent before the others have their turn.
constexpr std::uint64_t send_turn_bytes = 1 << 20;
constexpr std::chrono::milliseconds linger_deadline{2000};

} // namespace

void Connection::respond(Response response)
{
    // The descriptor is ours from here, whether it is sent or not.
    Fd file(response.file ? response.file->fd : -1);
    if (core_->draining)
        exchange_->form.keep_alive = false;
    compress(response, *exchange_->request);
    framing_ = framing_of(response, exchange_->form);
    exchange_->status = response.status;
    enter(Phase::sending, core_->settings.stall_deadline);
    answer_whole_ = true;
    outbox_.push(compose_head(response, framing_, exchange_->form, core_->settings, exchange_->request->id));
    if (framing_.has_body && response.stream)
        start_stream(response);
    else if (framing_.has_body && response.file)
        outbox_.push_file(file.release(), response.file->offset, response.file->size_bytes);
    else if (framing_.has_body)
        outbox_.push(std::move(response.bytes));
    update_interest();
}

void Connection::start_stream(const Response &response)
{
    answer_whole_ = false;
    coding_ = StreamCoding(framing_);
    auto stream = std::make_shared<SocketStream>(static_cast<StreamSink &>(*this));
    exchange_->stream = stream;
    response.stream(std::move(stream));
}

void Connection::stream_write(Owned<GBytes> bytes)
{
    if (outbox_.empty())
        deadline_ = Clock::now() + core_->settings.stall_deadline;
    if (!coding_.write(outbox_, std::move(bytes)))
        return cut("length");
    wrote_to_stream_ = true;
    update_interest();
}

void Connection::stream_finish()
{
    if (!coding_.finish(outbox_))
        return cut("length");
    answer_whole_ = true;
    update_interest();
}

void Connection::flush()
{
    std::uint64_t sent_bytes = 0;
    const auto outcome = outbox_.flush(socket_.get(), send_turn_bytes, sent_bytes);
    core_->counters.bytes_sent += sent_bytes;
    exchange_->sent_bytes += sent_bytes;
    if (sent_bytes > 0)
        deadline_ = Clock::now() + core_->settings.stall_deadline;
    if (outcome == Outbox::Outcome::failed)
        return client_left();
    if (outcome == Outbox::Outcome::blocked)
        return;
    if (answer_whole_)
        return finish_exchange();
    wrote_to_stream_ = false;
    if (const auto stream = exchange_->stream.lock())
        stream->drained();
}

void Connection::finish_exchange()
{
    log_exchange(*exchange_, {});
    const bool keep_alive = framing_.keep_alive && !half_closed_ && !retiring_;
    exchange_.reset();
    answer_whole_ = false;
    wrote_to_stream_ = false;
    if (keep_alive)
        enter(Phase::idle, core_->settings.idle_deadline);
    else
        linger();
}

// Closing at once while the client still sends would reset the connection and could destroy the answer on its
// way (RFC 9112, 9.6).
void Connection::linger()
{
    if (half_closed_)
        return close(false);
    shutdown(socket_.get(), SHUT_WR);
    reader_.clear();
    enter(Phase::lingering, linger_deadline);
}

} // namespace butaca::http
