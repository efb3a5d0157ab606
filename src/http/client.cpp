// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/http/client.h"

#include <optional>
#include <utility>

#include <libsoup/soup.h>

#include "src/base/gobject.h"
#include "src/base/loop.h"

namespace butaca::http {

struct Client::State {
    Owned<SoupSession> session;
};

namespace {

constexpr std::size_t read_size_bytes = 64 << 10;
constexpr int connections_most = 64;
constexpr int connections_per_host_most = 32;
constexpr int idle_timeout_s = 30;

// One call under way. Kept alive by libsoup's pending operation, so that it may outlive the caller's
// interest.
struct CallUnderWay : std::enable_shared_from_this<CallUnderWay> {
    std::shared_ptr<Client::State> client;
    Owned<SoupMessage> message;
    Owned<GInputStream> stream;
    Owned<GCancellable> cancellable = adopt(g_cancellable_new());
    std::size_t body_limit_bytes = 0;
    std::function<void(Result<Reply>)> done; // empty once called or given up
    Reply reply;
    Timer deadline;

    void begin();
    void sent(GAsyncResult *result);
    void read_on();
    void was_read(GAsyncResult *result);
    void end(Result<Reply> result);
    void give_up();
};

using Keep = std::shared_ptr<CallUnderWay>;

// libsoup's errors name hosts and addresses: they go to the detail, which no viewer sees.
Error error_from(const GError *cause)
{
    const std::string detail = cause ? cause->message : "";
    if (g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
        return Error{ErrorCode::timeout, "the other server took too long", detail, 0};
    if (g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return Error{ErrorCode::cancelled, "the call was cancelled", detail, 0};
    return Error{ErrorCode::unavailable, "the other server does not answer", detail, 0};
}

void CallUnderWay::begin()
{
    soup_session_send_async(
        client->session.get(), message.get(), G_PRIORITY_DEFAULT, cancellable.get(),
        [](GObject *, GAsyncResult *result, void *data) {
            const std::unique_ptr<Keep> self(static_cast<Keep *>(data));
            (*self)->sent(result);
        },
        new Keep(shared_from_this()));
}

void CallUnderWay::sent(GAsyncResult *result)
{
    Owned<GError> error;
    stream = adopt(soup_session_send_finish(client->session.get(), result, Out(error)));
    if (!stream)
        return end(fail(error_from(error.get())));
    reply.status = static_cast<int>(soup_message_get_status(message.get()));
    soup_message_headers_foreach(
        soup_message_get_response_headers(message.get()),
        [](const char *name, const char *value, void *data) {
            static_cast<Headers *>(data)->add(name, value);
        },
        &reply.headers);
    auto *headers = soup_message_get_response_headers(message.get());
    const bool has_length = soup_message_headers_get_encoding(headers) == SOUP_ENCODING_CONTENT_LENGTH;
    const bool has_body = soup_message_get_method(message.get()) != SOUP_METHOD_HEAD;
    if (has_length && has_body &&
        static_cast<std::uint64_t>(soup_message_headers_get_content_length(headers)) > body_limit_bytes)
        return end(fail(ErrorCode::too_large, "the other server's answer is too large"));
    read_on();
}

void CallUnderWay::read_on()
{
    if (!done)
        return;
    g_input_stream_read_bytes_async(
        stream.get(), read_size_bytes, G_PRIORITY_DEFAULT, cancellable.get(),
        [](GObject *, GAsyncResult *result, void *data) {
            const std::unique_ptr<Keep> self(static_cast<Keep *>(data));
            (*self)->was_read(result);
        },
        new Keep(shared_from_this()));
}

void CallUnderWay::was_read(GAsyncResult *result)
{
    Owned<GError> error;
    const auto bytes = adopt(g_input_stream_read_bytes_finish(stream.get(), result, Out(error)));
    if (!bytes)
        return end(fail(error_from(error.get())));
    gsize size_bytes = 0;
    const auto *data = static_cast<const char *>(g_bytes_get_data(bytes.get(), &size_bytes));
    if (size_bytes == 0)
        return end(std::move(reply));
    if (reply.body.size() + size_bytes > body_limit_bytes)
        return end(fail(ErrorCode::too_large, "the other server's answer is too large"));
    reply.body.append(data, size_bytes);
    read_on();
}

void CallUnderWay::end(Result<Reply> result)
{
    deadline.stop();
    if (!result)
        g_cancellable_cancel(cancellable.get()); // what is still under way ends with its connection
    if (const auto call = std::exchange(done, nullptr))
        call(std::move(result));
}

void CallUnderWay::give_up()
{
    done = nullptr;
    deadline.stop();
    g_cancellable_cancel(cancellable.get());
}

class PendingCall final : public Client::Pending {
public:
    explicit PendingCall(Keep exchange) : exchange_(std::move(exchange)) {}
    ~PendingCall() override { exchange_->give_up(); }

private:
    Keep exchange_;
};

Owned<SoupMessage> message_of(Call call)
{
    auto message = adopt(soup_message_new(call.method.c_str(), call.url.c_str()));
    if (!message)
        return message;
    // A redirect could lead a ticket elsewhere; the caller sees the 3xx instead.
    soup_message_add_flags(message.get(), SOUP_MESSAGE_NO_REDIRECT);
    auto *headers = soup_message_get_request_headers(message.get());
    for (const auto &[name, value] : call.headers.all())
        soup_message_headers_append(headers, name.c_str(), value.c_str());
    if (!call.body.empty()) {
        const auto bytes = share_bytes(std::move(call.body));
        soup_message_set_request_body_from_bytes(message.get(), nullptr, bytes.get());
    }
    return message;
}

} // namespace

Client::Client() : state_(std::make_shared<State>())
{
    // No proxy: the origins are our own, and a proxy of the environment must not see their tickets.
    state_->session = adopt(soup_session_new_with_options(
        "max-conns", connections_most, "max-conns-per-host", connections_per_host_most, "idle-timeout",
        idle_timeout_s, "timeout", 0, "proxy-resolver", nullptr, "user-agent", "butaca", nullptr));
    // Bytes arrive as they were sent: ranges and digests are of those, and nothing can unfold to gigabytes.
    soup_session_remove_feature_by_type(state_->session.get(), SOUP_TYPE_CONTENT_DECODER);
}

Client::~Client() { soup_session_abort(state_->session.get()); }

std::unique_ptr<Client::Pending> Client::send(Call call, std::function<void(Result<Reply>)> done)
{
    auto exchange = std::make_shared<CallUnderWay>();
    exchange->client = state_;
    exchange->body_limit_bytes = call.body_limit_bytes;
    exchange->done = std::move(done);
    const auto timeout = call.timeout;
    exchange->message = message_of(std::move(call));
    const std::weak_ptr<CallUnderWay> weak = exchange;
    if (exchange->message) {
        exchange->begin();
        exchange->deadline.once(timeout, [weak] {
            if (const auto self = weak.lock())
                self->end(fail(ErrorCode::timeout, "the other server took too long"));
        });
    } else {
        post([weak] {
            if (const auto self = weak.lock())
                self->end(fail(ErrorCode::invalid_argument, "the address of the other server is malformed"));
        });
    }
    return std::make_unique<PendingCall>(std::move(exchange));
}

} // namespace butaca::http
