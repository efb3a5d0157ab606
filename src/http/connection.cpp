// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/http/connection.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <sys/epoll.h>
#include <sys/socket.h>

#include "src/http/problem.h"

namespace butaca::http {

namespace {

constexpr std::size_t read_size_bytes = 16 << 10;
constexpr std::uint64_t linger_most_bytes = 1 << 20;

} // namespace

Connection::Connection(std::shared_ptr<Core> core, Fd socket, std::string peer)
    : core_(std::move(core)), socket_(std::move(socket)), peer_(std::move(peer))
{
}

Connection::~Connection()
{
    if (socket_)
        core_->poller.remove(watch_);
}

bool Connection::start()
{
    enter(Phase::idle, core_->settings.header_deadline);
    watch_ = core_->poller.add(socket_.get(), EPOLLIN, [weak = weak_from_this()](std::uint32_t events) {
        if (auto self = weak.lock())
            self->on_events(events);
    });
    return watch_ != 0;
}

void Connection::enter(Phase phase, std::chrono::milliseconds patience)
{
    phase_ = phase;
    deadline_ = Clock::now() + patience;
}

void Connection::update_interest()
{
    if (phase_ == Phase::closed)
        return;
    std::uint32_t events = EPOLLIN;
    if (phase_ == Phase::handling || phase_ == Phase::sending)
        events = half_closed_ ? 0U : static_cast<std::uint32_t>(EPOLLRDHUP);
    if (phase_ == Phase::sending && (answer_whole_ || !outbox_.empty() || wrote_to_stream_))
        events |= EPOLLOUT;
    core_->poller.modify(watch_, events);
}

void Connection::on_events(std::uint32_t events)
{
    if ((events & (EPOLLERR | EPOLLHUP)) != 0 && (events & EPOLLIN) == 0)
        return client_left();
    if ((events & EPOLLRDHUP) != 0) {
        // Half a connection is enough to take an answer that is ready. To one that is still being made it
        // means that the client went away: that is how a closed tab looks.
        if (phase_ != Phase::sending || !answer_whole_)
            return client_left();
        half_closed_ = true;
    }
    if ((events & EPOLLIN) != 0)
        receive();
    if ((events & EPOLLOUT) != 0 && phase_ == Phase::sending)
        flush();
    advance();
    update_interest();
}

void Connection::receive()
{
    std::array<char, read_size_bytes> buffer;
    const ssize_t size = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size <= 0)
        return client_left();
    if (phase_ == Phase::lingering) {
        discarded_bytes_ += static_cast<std::uint64_t>(size);
        if (discarded_bytes_ > linger_most_bytes)
            close(true);
        return;
    }
    reader_.feed({buffer.data(), static_cast<std::size_t>(size)});
}

// Goes on as far as what has been read allows. Answers that fit into the socket do not wait for the loop.
void Connection::advance()
{
    while (phase_ == Phase::idle || phase_ == Phase::head || phase_ == Phase::body) {
        if (phase_ != Phase::body && !read_head())
            return;
        if (phase_ == Phase::body && !read_body())
            return;
        if (phase_ == Phase::sending)
            flush();
    }
}

// True when a whole head was there and has been dealt with.
bool Connection::read_head()
{
    if (!reader_.has_begun())
        return false;
    // The first request's time runs since the connection was accepted.
    if (phase_ == Phase::idle && had_request_)
        enter(Phase::head, core_->settings.header_deadline);
    phase_ = Phase::head;
    auto head = reader_.take_head(core_->settings.header_limit_bytes);
    if (!head)
        refuse(head.error());
    else if (*head)
        begin_request(std::move(**head));
    return phase_ != Phase::head;
}

void Connection::begin_request(RequestHead head)
{
    new_exchange();
    body_bytes_ = head.content_length;
    const bool wants_continue = head.expects_continue && body_bytes_ > reader_.size_bytes();
    open_exchange(*exchange_, *core_, std::move(head));
    if (auto answer = answer_without_handler(*exchange_, *core_, body_bytes_)) {
        // The body stays unread, so nothing after it could be told from it.
        if (body_bytes_ > 0)
            exchange_->form.keep_alive = false;
        return respond(std::move(*answer));
    }
    enter(Phase::body, core_->settings.stall_deadline);
    if (wants_continue) {
        constexpr std::string_view line = "HTTP/1.1 100 Continue\r\n\r\n";
        // Lost when the socket is full, which it cannot be before an answer; the client sends anyway then.
        const auto sent = send(socket_.get(), line.data(), line.size(), MSG_NOSIGNAL);
        core_->counters.bytes_sent += sent > 0 ? static_cast<std::uint64_t>(sent) : 0;
    }
}

bool Connection::read_body()
{
    auto body = reader_.take_body(body_bytes_);
    if (!body)
        return false;
    exchange_->request->body = std::move(*body);
    call_handler();
    return true;
}

void Connection::new_exchange()
{
    had_request_ = true;
    core_->counters.requests++;
    exchange_ = std::make_unique<Exchange>();
    exchange_->request->id = core_->next_request_id();
    exchange_->request->peer = peer_;
}

void Connection::refuse(const Refusal &refusal)
{
    reader_.clear();
    if (!exchange_)
        new_exchange();
    exchange_->form.keep_alive = false;
    exchange_->error = refusal.why;
    respond(problem(refusal.status, refusal.why, exchange_->request->id, exchange_->language()));
}

void Connection::call_handler()
{
    phase_ = Phase::handling;
    // Held here, for a handler may end the server and with it this exchange.
    const auto request = exchange_->request;
    const auto &handler = exchange_->match.route->handler;
    if (const auto *at_once = std::get_if<Handler>(&handler)) {
        auto result = (*at_once)(*request);
        if (phase_ != Phase::handling)
            return;
        if (!result)
            exchange_->note_error(result.error());
        return respond(result ? std::move(*result)
                              : problem(result.error(), request->id, exchange_->language()));
    }
    auto state = std::make_shared<Responder::State>();
    state->request_id = request->id;
    state->accept_language = exchange_->language();
    // A state belongs to one exchange: it is told when the client leaves, and sends nothing from then on.
    state->send = [weak = weak_from_this()](Response response) {
        if (auto self = weak.lock())
            self->respond(std::move(response));
    };
    state->on_error = [weak = weak_from_this()](const Error &error) {
        if (auto self = weak.lock(); self && self->exchange_)
            self->exchange_->note_error(error);
    };
    exchange_->responder = state;
    std::get<AsyncHandler>(handler)(request, Responder(std::move(state)));
}

void Connection::sweep(Clock::time_point now)
{
    if (now < deadline_)
        return;
    const auto self = shared_from_this();
    if (phase_ == Phase::idle || phase_ == Phase::lingering) {
        close(false);
    } else if (phase_ == Phase::head || phase_ == Phase::body) {
        refuse({408, "the request did not arrive in time"});
        update_interest();
    } else if (phase_ == Phase::sending && !outbox_.empty()) {
        cut("stalled");
    }
}

void Connection::retire()
{
    retiring_ = true;
    if (phase_ == Phase::idle)
        close(false);
}

void Connection::cut(std::string_view why)
{
    const auto self = shared_from_this();
    const auto exchange = std::move(exchange_);
    close(phase_ == Phase::sending || phase_ == Phase::handling);
    if (!exchange)
        return;
    log_exchange(*exchange, why);
    if (const auto responder = exchange->responder.lock())
        responder->client_left();
    if (const auto stream = exchange->stream.lock())
        stream->client_left();
}

void Connection::close(bool reset)
{
    if (phase_ == Phase::closed)
        return;
    const auto self = shared_from_this();
    phase_ = Phase::closed;
    core_->poller.remove(watch_);
    if (reset) {
        const struct linger at_once = {1, 0};
        setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    socket_.reset();
    outbox_.clear();
    core_->forget(*this, peer_);
}

} // namespace butaca::http
