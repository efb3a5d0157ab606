// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/http/client.h"
#include "tests/http/raw_client.h"

using namespace butaca;
using namespace butaca::http;

namespace {

std::string url(const Server &server, std::string_view path)
{
    return "http://127.0.0.1:" + std::to_string(server.port()) + std::string(path);
}

Result<Reply> fetch(Client &client, Call call)
{
    std::optional<Result<Reply>> result;
    const auto pending =
        client.send(std::move(call), [&](Result<Reply> reply) { result = std::move(reply); });
    run_until([&] { return result.has_value(); });
    return std::move(*result);
}

// Accepts connections (the kernel does) and never says a word.
class SilentListener {
public:
    SilentListener() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address_;
        EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr *>(&address_), size), 0);
        EXPECT_EQ(listen(fd_, 8), 0);
        getsockname(fd_, reinterpret_cast<sockaddr *>(&address_), &size);
    }
    ~SilentListener() { close(fd_); }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(ntohs(address_.sin_port)) + "/"; }

private:
    int fd_;
    sockaddr_in address_{};
};

} // namespace

TEST(Client, SendsAndReceives)
{
    const Handler handler = [](const Request &request) -> Result<Response> {
        EXPECT_EQ(request.headers.get("X-A"), "b");
        EXPECT_FALSE(request.headers.get("Accept-Encoding"));
        auto response = Response::text(201, "text/plain", request.method + request.body);
        response.headers.set("ETag", "\"e\"");
        return response;
    };
    const auto server = serve({{"POST", "/", handler, 100}});
    Client client;
    Call call;
    call.method = "POST";
    call.url = url(*server, "/");
    call.headers.set("X-A", "b");
    call.body = "body";
    const auto reply = fetch(client, std::move(call));
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->status, 201);
    EXPECT_EQ(reply->headers.get("etag"), "\"e\"");
    EXPECT_EQ(reply->body, "POSTbody");
}

TEST(Client, KeepsItsConnection)
{
    const auto server = serve({get(
        "/", [](const Request &) -> Result<Response> { return Response::text(200, "text/plain", "x"); })});
    Client client;
    for (int i = 0; i < 5; i++) {
        Call call;
        call.url = url(*server, "/");
        EXPECT_EQ(fetch(client, std::move(call))->body, "x");
    }
    EXPECT_EQ(server->counters().connections, 1u);
}

TEST(Client, ReadsChunkedBodiesAndSeesWhenTheyBreak)
{
    const auto route = [](std::string path, bool whole) {
        return get(std::move(path), [whole](const Request &) -> Result<Response> {
            Response response;
            response.stream = [whole](const std::shared_ptr<BodyStream> &stream) {
                stream->write(adopt(g_bytes_new_static("abc", 3)));
                whole ? stream->finish() : stream->abort();
            };
            return response;
        });
    };
    const auto server = serve({route("/whole", true), route("/broken", false)});
    Client client;
    Call call;
    call.url = url(*server, "/whole");
    EXPECT_EQ(fetch(client, call)->body, "abc");
    call.url = url(*server, "/broken");
    const auto broken = fetch(client, call);
    ASSERT_FALSE(broken.has_value());
    EXPECT_EQ(broken.error().code, ErrorCode::unavailable);
}

TEST(Client, FollowsNoRedirect)
{
    const auto server = serve({get("/", [](const Request &) -> Result<Response> {
        auto response = Response::empty(302);
        response.headers.set("Location", "/elsewhere");
        return response;
    })});
    Client client;
    Call call;
    call.url = url(*server, "/");
    EXPECT_EQ(fetch(client, std::move(call))->status, 302);
}

TEST(Client, RefusesABodyBeyondItsLimit)
{
    const auto server = serve({get("/known",
                                   [](const Request &) -> Result<Response> {
                                       return Response::text(200, "text/plain", std::string(101, 'x'));
                                   }),
                               get("/chunked", [](const Request &) -> Result<Response> {
                                   Response response;
                                   response.stream = [](const std::shared_ptr<BodyStream> &stream) {
                                       stream->on_gone([stream] {});
                                       stream->write(adopt(g_bytes_new_take(g_strnfill(101, 'x'), 101)));
                                   };
                                   return response;
                               })});
    Client client;
    for (const char *path : {"/known", "/chunked"}) {
        Call call;
        call.url = url(*server, path);
        call.body_limit_bytes = 100;
        const auto reply = fetch(client, call);
        ASSERT_FALSE(reply.has_value());
        EXPECT_EQ(reply.error().code, ErrorCode::too_large);
    }
    Call call;
    call.url = url(*server, "/known");
    call.body_limit_bytes = 101;
    EXPECT_TRUE(fetch(client, call).has_value());
}

TEST(Client, SaysWhyThereIsNoReply)
{
    Client client;
    std::string refused;
    {
        const auto server = serve({});
        refused = url(*server, "/");
    }
    Call call;
    call.url = refused;
    EXPECT_EQ(fetch(client, call).error().code, ErrorCode::unavailable);
    const SilentListener silent;
    call.url = silent.url();
    call.timeout = std::chrono::milliseconds(20);
    EXPECT_EQ(fetch(client, call).error().code, ErrorCode::timeout);
    call.url = "not a url";
    EXPECT_EQ(fetch(client, call).error().code, ErrorCode::invalid_argument);
}

TEST(Client, ForgetsACallThatIsGivenUp)
{
    bool asked = false;
    bool gone = false;
    const auto server =
        serve({get_later("/", [&](const std::shared_ptr<const Request> &, const Responder &responder) {
            asked = true;
            responder.on_gone([&gone, responder] { gone = true; });
        })});
    Client client;
    Call call;
    call.url = url(*server, "/");
    auto pending =
        client.send(std::move(call), [](const Result<Reply> &) { ADD_FAILURE() << "the call was given up"; });
    run_until([&] { return asked; });
    pending.reset();
    run_until([&] { return gone; });
}
