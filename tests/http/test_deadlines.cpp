// SPDX-License-Identifier: LGPL-2.1-or-later
// Slow and many: deadlines and limits. Deadlines are short here and nothing is timed: a test waits for what
// must happen.
#include <gtest/gtest.h>

#include "tests/http/raw_client.h"

using namespace butaca;
using namespace butaca::http;
using std::chrono::milliseconds;

namespace {

const Handler hello = [](const Request &) -> Result<Response> {
    return Response::text(200, "text/plain", "hello");
};
constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

} // namespace

TEST(Deadlines, EndARequestWhoseHeadDoesNotArrive)
{
    ServerSettings settings;
    settings.header_deadline = milliseconds(50);
    const auto server = serve({get("/", hello)}, settings);
    const std::string answer = converse(*server, "GET / HTTP/1.1\r\nHost: h\r\nX-Slow: ");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 "));
    EXPECT_TRUE(contains(answer, "/problems/request-timeout"));
    EXPECT_EQ(converse(*server, ""), "");
}

TEST(Deadlines, HoldForEachFurtherRequest)
{
    ServerSettings settings;
    settings.header_deadline = milliseconds(50);
    const auto server = serve({get("/", hello)}, settings);
    const std::string answer = converse(*server, std::string(request) + "GET");
    EXPECT_TRUE(contains(answer, "helloHTTP/1.1 408 "));
}

TEST(Deadlines, EndABodyThatDoesNotArrive)
{
    ServerSettings settings;
    settings.stall_deadline = milliseconds(50);
    const auto server = serve({{"POST", "/", hello, 1000}}, settings);
    EXPECT_TRUE(converse(*server, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nslow")
                    .starts_with("HTTP/1.1 408 "));
    EXPECT_EQ(server->counters().requests, 1u);
}

TEST(Deadlines, CloseAConnectionThatIsIdle)
{
    ServerSettings settings;
    settings.idle_deadline = milliseconds(50);
    const auto server = serve({get("/", hello)}, settings);
    const std::string answer = converse(*server, request);
    EXPECT_TRUE(answer.ends_with("hello"));
}

TEST(Deadlines, CutAClientThatTakesNoByte)
{
    ServerSettings settings;
    settings.stall_deadline = milliseconds(50);
    bool gone = false;
    const std::string block(16 << 20, 'x');
    const auto server = serve(
        {get("/ready",
             [&](const Request &) -> Result<Response> { return Response::text(200, "text/plain", block); }),
         get("/stream",
             [&](const Request &) -> Result<Response> {
                 Response response;
                 response.stream = [&](const std::shared_ptr<BodyStream> &stream) {
                     stream->on_gone([&, keep = stream] { gone = true; });
                     stream->write(adopt(g_bytes_new_static(block.data(), block.size())));
                 };
                 return response;
             })},
        settings);
    const std::uint16_t port = server->port();
    for (const char *path : {"/ready", "/stream"}) {
        const RawClient client(port, 4096);
        client.send("GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n");
        run_until([&] { return server->counters().open_connections == 1; });
        run_until([&] { return server->counters().open_connections == 0; });
    }
    EXPECT_TRUE(gone);
}

TEST(Limits, RefuseConnectionsBeyondThoseOfOneAddress)
{
    ServerSettings settings;
    settings.connections_per_address_most = 2;
    const auto server = serve({get("/", hello)}, settings);
    const std::uint16_t port = server->port();
    beside([&] {
        RawClient first(port);
        RawClient second(port);
        first.send(request);
        second.send(request);
        EXPECT_TRUE(contains(first.read_until("hello"), "200"));
        EXPECT_TRUE(contains(second.read_until("hello"), "200"));
        RawClient third(port);
        const std::string answer = third.read_to_end();
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 "));
        EXPECT_TRUE(contains(answer, "Content-Length: " + std::to_string(body_of(answer).size()) + "\r\n"));
    });
    EXPECT_EQ(server->counters().connections_refused, 1u);
    run_until([&] { return server->counters().open_connections == 0; });
    EXPECT_TRUE(contains(converse(*server, "GET / HTTP/1.0\r\n\r\n"), "hello"));
}

TEST(Limits, RefuseConnectionsBeyondTheTotal)
{
    ServerSettings settings;
    settings.connections_most = 1;
    const auto server = serve({get("/", hello)}, settings);
    const std::uint16_t port = server->port();
    beside([&] {
        RawClient first(port);
        first.send(request);
        first.read_until("hello");
        EXPECT_TRUE(RawClient(port).read_to_end().starts_with("HTTP/1.1 503 "));
    });
}
