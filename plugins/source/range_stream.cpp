// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/source/range_stream.h"

#include <algorithm>

namespace butaca::source {
namespace {

// While it lives, what libsoup and GIO start in this thread reports to our context.
class ContextScope {
public:
    explicit ContextScope(GMainContext *context) : context_(context)
    {
        g_main_context_push_thread_default(context_);
    }
    ~ContextScope() { g_main_context_pop_thread_default(context_); }
    ContextScope(const ContextScope &) = delete;
    ContextScope &operator=(const ContextScope &) = delete;

private:
    GMainContext *context_;
};

gboolean raise_flag(gpointer flag) noexcept
{
    *static_cast<bool *>(flag) = true;
    return G_SOURCE_REMOVE;
}

gboolean raise_flag_on_cancel(GCancellable *, gpointer flag) noexcept { return raise_flag(flag); }
gboolean raise_flag_on_stream(GObject *, gpointer flag) noexcept { return raise_flag(flag); }

// A source on our context that is gone when the object is.
class Watch {
public:
    Watch(GMainContext *context, GSource *full, GSourceFunc call, gpointer data) : source_(adopt(full))
    {
        g_source_set_callback(source_.get(), call, data, nullptr);
        g_source_attach(source_.get(), context);
    }
    ~Watch() { g_source_destroy(source_.get()); }
    Watch(const Watch &) = delete;
    Watch &operator=(const Watch &) = delete;

private:
    Owned<GSource> source_;
};

// Ends a wait: at a moment in time or when interrupted.
class Alarm {
public:
    Alarm(GMainContext *context, std::int64_t wait_ms, GCancellable *interrupt)
        : late_watch_(
              context,
              g_timeout_source_new(static_cast<guint>(std::clamp<std::int64_t>(wait_ms, 0, G_MAXINT))),
              raise_flag, &late_),
          stop_watch_(context, g_cancellable_source_new(interrupt),
                      reinterpret_cast<GSourceFunc>(reinterpret_cast<void (*)()>(raise_flag_on_cancel)),
                      &interrupted_)
    {
    }
    bool rang() const { return late_ || interrupted_; }
    Error error() const
    {
        return interrupted_ ? Error{ErrorCode::cancelled, "reading the original was interrupted", "", 0}
                            : Error{ErrorCode::timeout, "the server of the original does not answer in time",
                                    "timed out", 0};
    }

private:
    bool late_ = false;
    bool interrupted_ = false;
    Watch late_watch_;
    Watch stop_watch_;
};

void keep_result(GObject *, GAsyncResult *result, gpointer data) noexcept
{
    *static_cast<Owned<GAsyncResult> *>(data) = share(result);
}

Error broken(const GError *error)
{
    return {ErrorCode::unavailable, "the connection to the server of the original failed",
            error ? error->message : "the connection ended early", 0};
}

std::int64_t ms_until(std::int64_t deadline_us)
{
    return (deadline_us - g_get_monotonic_time() + 999) / 1000;
}

} // namespace

RangeStream::RangeStream() : context_(adopt(g_main_context_new()))
{
    ContextScope scope(context_.get());
    // Originals live in our own network: no proxy from the environment may see the ticket. Redirects are off
    // per message; a 401 is final, so nothing may answer it; and ranges of compressed bytes would mean
    // nothing.
    session_ = adopt(soup_session_new_with_options("proxy-resolver", nullptr, "timeout", 0u, "idle-timeout",
                                                   60u, "user-agent", "butaca-source", nullptr));
    soup_session_remove_feature_by_type(session_.get(), SOUP_TYPE_AUTH_MANAGER);
    soup_session_remove_feature_by_type(session_.get(), SOUP_TYPE_CONTENT_DECODER);
}

RangeStream::~RangeStream()
{
    drop();
    ContextScope scope(context_.get());
    soup_session_abort(session_.get());
    while (g_main_context_iteration(context_.get(), FALSE)) {
    }
    session_.reset();
}

Result<RangeAnswer> RangeStream::open(const RangeRequest &request, unsigned timeout_ms,
                                      GCancellable *interrupt)
{
    drop();
    ContextScope scope(context_.get());
    Owned<SoupMessage> message = make_message(request);
    if (!message)
        return fail(ErrorCode::invalid_argument, "the address of the original is not valid");
    auto body = send(message.get(), timeout_ms, interrupt);
    if (!body)
        return fail(std::move(body.error()));
    body_ = std::move(*body);
    auto answer = judge_answer(message.get(), request);
    if (!answer || answer->size_bytes == 0) {
        drop();
        return answer;
    }
    position_ = answer->first;
    remaining_bytes_ = answer->size_bytes;
    return answer;
}

Result<Owned<GInputStream>> RangeStream::send(SoupMessage *message, unsigned timeout_ms,
                                              GCancellable *interrupt)
{
    if (g_cancellable_is_cancelled(interrupt))
        return fail(ErrorCode::cancelled, "reading the original was interrupted");
    Owned<GCancellable> stop = adopt(g_cancellable_new());
    Owned<GAsyncResult> result;
    soup_session_send_async(session_.get(), message, G_PRIORITY_DEFAULT, stop.get(), keep_result, &result);
    Alarm alarm(context_.get(), timeout_ms, interrupt);
    while (!result) {
        g_main_context_iteration(context_.get(), TRUE);
        // Once the headers are there the result is on its way. Cancelling now would make finish() fail and
        // leave a stream in the result whose message is gone: libsoup 3.2 crashes when it is released.
        if (alarm.rang() && soup_message_get_status(message) < SOUP_STATUS_OK)
            g_cancellable_cancel(stop.get());
    }
    Owned<GError> error;
    Owned<GInputStream> body = adopt(soup_session_send_finish(session_.get(), result.get(), Out(error)));
    if (body)
        return body;
    return fail(alarm.rang() ? alarm.error() : broken(error.get()));
}

Result<std::size_t> RangeStream::read(std::span<std::uint8_t> into, std::int64_t deadline_us,
                                      GCancellable *interrupt)
{
    ContextScope scope(context_.get());
    std::size_t wanted = std::min<std::uint64_t>(into.size(), remaining_bytes_);
    for (;;) {
        if (g_cancellable_is_cancelled(interrupt))
            return fail(ErrorCode::cancelled, "reading the original was interrupted");
        Owned<GError> error;
        gssize got = g_pollable_input_stream_read_nonblocking(G_POLLABLE_INPUT_STREAM(body_.get()),
                                                              into.data(), wanted, nullptr, Out(error));
        if (got > 0) {
            position_ += static_cast<std::uint64_t>(got);
            remaining_bytes_ -= static_cast<std::uint64_t>(got);
            if (remaining_bytes_ == 0)
                finish();
            return static_cast<std::size_t>(got);
        }
        if (got == 0 || !g_error_matches(error.get(), G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
            return fail(broken(error.get()));
        if (auto readable = wait_readable(deadline_us, interrupt); !readable)
            return fail(std::move(readable.error()));
    }
}

Status RangeStream::wait_readable(std::int64_t deadline_us, GCancellable *interrupt)
{
    bool readable = false;
    Watch watch(context_.get(),
                g_pollable_input_stream_create_source(G_POLLABLE_INPUT_STREAM(body_.get()), nullptr),
                reinterpret_cast<GSourceFunc>(reinterpret_cast<void (*)()>(raise_flag_on_stream)), &readable);
    Alarm alarm(context_.get(), ms_until(deadline_us), interrupt);
    while (!readable && !alarm.rang())
        g_main_context_iteration(context_.get(), TRUE);
    if (!readable)
        return fail(alarm.error());
    return {};
}

// After the last byte: lets libsoup see the end of the body, so that it keeps the connection.
void RangeStream::finish()
{
    std::uint8_t surplus = 0;
    gssize got = g_pollable_input_stream_read_nonblocking(G_POLLABLE_INPUT_STREAM(body_.get()), &surplus, 1,
                                                          nullptr, nullptr);
    if (got != 0) {
        drop();
        return;
    }
    g_input_stream_close(body_.get(), nullptr, nullptr);
    body_.reset();
    while (g_main_context_iteration(context_.get(), FALSE)) {
    }
}

void RangeStream::drop()
{
    remaining_bytes_ = 0;
    if (!body_)
        return;
    ContextScope scope(context_.get());
    // Closing waits for the rest of the body unless it is told not to.
    Owned<GCancellable> now = adopt(g_cancellable_new());
    g_cancellable_cancel(now.get());
    g_input_stream_close(body_.get(), now.get(), nullptr);
    soup_session_abort(session_.get());
    body_.reset();
    while (g_main_context_iteration(context_.get(), FALSE)) {
    }
}

Status RangeStream::wait(unsigned wait_ms, GCancellable *interrupt)
{
    ContextScope scope(context_.get());
    Alarm alarm(context_.get(), wait_ms, interrupt);
    while (!alarm.rang())
        g_main_context_iteration(context_.get(), TRUE);
    if (g_cancellable_is_cancelled(interrupt))
        return fail(ErrorCode::cancelled, "reading the original was interrupted");
    return {};
}

} // namespace butaca::source
