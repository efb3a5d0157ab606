// SPDX-License-Identifier: LGPL-2.1-or-later
// Bodies that are made while they are sent, and answers that come later.
#include <gtest/gtest.h>

#include "src/base/loop.h"
#include "src/http/body_stream.h"
#include "tests/http/raw_client.h"

using namespace butaca;
using namespace butaca::http;

namespace {

Owned<GBytes> bytes(std::string_view text) { return adopt(g_bytes_new(text.data(), text.size())); }

// A route whose stream is handed to the test.
Route streaming(std::shared_ptr<BodyStream> &stream, std::string length = {})
{
    return get("/", [&stream, length](const Request &) -> Result<Response> {
        Response response;
        if (!length.empty())
            response.headers.set("Content-Length", length);
        response.stream = [&stream](std::shared_ptr<BodyStream> opened) { stream = std::move(opened); };
        return response;
    });
}

constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

} // namespace

TEST(BodyStream, ArrivesWhileItIsMade)
{
    std::shared_ptr<BodyStream> stream;
    const auto server = serve({streaming(stream)});
    const std::uint16_t port = server->port();
    beside([&] {
        RawClient client(port);
        client.send(request);
        EXPECT_TRUE(contains(client.read_until("\r\n\r\n"), "Transfer-Encoding: chunked\r\n"));
        post([&] { stream->write(bytes("first")); });
        EXPECT_EQ(client.read_until("first\r\n"), "5\r\nfirst\r\n");
        post([&] {
            stream->write(bytes(""));
            stream->write(bytes("second"));
            stream->finish();
            stream->write(bytes("ignored"));
        });
        EXPECT_EQ(client.read_to_end(), "6\r\nsecond\r\n0\r\n\r\n");
        EXPECT_FALSE(client.was_reset());
    });
}

TEST(BodyStream, EndsWithTheConnectionInHttp10)
{
    std::shared_ptr<BodyStream> stream;
    const auto server = serve({get("/", [](const Request &) -> Result<Response> {
        Response response;
        response.stream = [](const std::shared_ptr<BodyStream> &opened) {
            opened->write(bytes("all"));
            opened->finish();
        };
        return response;
    })});
    const std::string answer = converse(*server, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_TRUE(contains(answer, "Connection: close\r\n"));
    EXPECT_EQ(body_of(answer), "all");
}

TEST(BodyStream, BreaksTheConnectionWhenAbortedOrForgotten)
{
    std::shared_ptr<BodyStream> stream;
    const auto server = serve({streaming(stream)});
    const std::uint16_t port = server->port();
    for (const bool forgotten : {false, true}) {
        beside([&] {
            RawClient client(port);
            client.send(request);
            client.read_until("\r\n\r\n");
            post([&] { stream->write(bytes("part")); });
            client.read_until("part\r\n");
            post([&] { forgotten ? stream.reset() : stream->abort(); });
            EXPECT_EQ(client.read_to_end(), "");
            EXPECT_TRUE(client.was_reset());
        });
    }
}

TEST(BodyStream, KeepsToTheLengthItsHandlerPromised)
{
    std::shared_ptr<BodyStream> stream;
    const auto server = serve({streaming(stream, "6")});
    const std::uint16_t port = server->port();
    const auto with = [&](const std::function<void()> &write) {
        std::pair<std::string, bool> seen;
        beside([&] {
            RawClient client(port);
            client.send(request);
            EXPECT_TRUE(contains(client.read_until("\r\n\r\n"), "Content-Length: 6\r\n"));
            post(write);
            seen.first = client.read_to_end();
            seen.second = client.was_reset();
        });
        return seen;
    };
    EXPECT_EQ(with([&] {
                  stream->write(bytes("abc"));
                  stream->write(bytes("def"));
                  stream->finish();
              }),
              std::make_pair(std::string("abcdef"), false));
    EXPECT_TRUE(with([&] {
                    stream->write(bytes("abc"));
                    stream->finish();
                }).second);
    EXPECT_TRUE(with([&] { stream->write(bytes("abcdefg")); }).second);
}

TEST(BodyStream, TellsWhenTheClientWentAway)
{
    std::shared_ptr<BodyStream> stream;
    const auto server = serve({streaming(stream)});
    const std::uint16_t port = server->port();
    beside([&] {
        RawClient client(port);
        client.send(request);
        client.read_until("\r\n\r\n");
    });
    int gone = 0;
    stream->on_gone([&] { gone++; });
    run_until([&] { return gone > 0; });
    EXPECT_EQ(gone, 1);
    stream->write(bytes("nobody hears"));
    stream->finish();
    EXPECT_EQ(stream->queued_bytes(), 0u);
    run_until([&] { return server->counters().open_connections == 0; });
    // Asked too late, it still tells.
    bool told = false;
    stream->on_gone([&] { told = true; });
    run_until([&] { return told; });
}

TEST(BodyStream, TellsWhenItsQueueHasDrained)
{
    std::shared_ptr<BodyStream> stream;
    const auto server = serve({streaming(stream)});
    const std::uint16_t port = server->port();
    std::size_t received_bytes = 0;
    const std::string block(1 << 20, 'x');
    beside([&] {
        RawClient client(port);
        client.send(request);
        client.read_until("\r\n\r\n");
        post([&] {
            int *rounds = new int(0);
            stream->on_drained([&, rounds] {
                EXPECT_EQ(stream->queued_bytes(), 0u);
                if (++*rounds < 8)
                    return stream->write(bytes(block));
                delete rounds;
                stream->finish();
            });
            stream->write(bytes(block));
            EXPECT_GE(stream->queued_bytes(), block.size());
        });
        received_bytes = client.read_to_end().size();
    });
    EXPECT_EQ(received_bytes, 8 * (block.size() + std::string_view("100000\r\n\r\n").size()) + 5);
}

TEST(Responder, AnswersLater)
{
    std::shared_ptr<Responder> responder;
    const auto server = serve({get_later("/", [&](const std::shared_ptr<const Request> &, Responder given) {
        responder = std::make_shared<Responder>(std::move(given));
    })});
    const std::uint16_t port = server->port();
    std::string answer;
    beside([&] {
        RawClient client(port);
        client.send(
            "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        std::atomic<bool> asked = false;
        while (!asked)
            post([&] { asked = asked || responder; }), std::this_thread::yield();
        post([&] {
            const auto first = std::move(responder);
            first->respond(Response::text(200, "text/plain", "one"));
            first->respond(Response::text(200, "text/plain", "one again"));
        });
        answer = client.read_until("one");
        std::atomic<bool> asked_again = false;
        while (!asked_again)
            post([&] { asked_again = asked_again || responder; }), std::this_thread::yield();
        post([&] { responder->respond(Error{ErrorCode::conflict, "too late", "inner", 0}); });
        answer += client.read_to_end();
    });
    EXPECT_TRUE(contains(answer, "HTTP/1.1 409 Conflict"));
    EXPECT_TRUE(contains(answer, "too late"));
    EXPECT_FALSE(contains(answer, "inner"));
    EXPECT_FALSE(contains(answer, "one again"));
}

TEST(Responder, DroppedWithoutAnAnswerBecomesA500)
{
    const auto server =
        serve({get_later("/", [](const std::shared_ptr<const Request> &, const Responder &) {})});
    const std::string answer = converse(*server, request);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 "));
    EXPECT_TRUE(contains(answer, "/problems/internal"));
}

TEST(Responder, TellsWhenTheClientWentAway)
{
    std::unique_ptr<Responder> responder;
    bool gone = false;
    const auto server = serve({get_later("/", [&](const std::shared_ptr<const Request> &, Responder given) {
        responder = std::make_unique<Responder>(std::move(given));
        responder->on_gone([&] { gone = true; });
    })});
    const std::uint16_t port = server->port();
    beside([&] { RawClient(port).send(request); });
    run_until([&] { return gone; });
    responder->respond(Response::empty(204));
    EXPECT_EQ(server->counters().open_connections, 0u);
}
