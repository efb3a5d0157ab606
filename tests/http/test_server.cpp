// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/http/server.h"
#include "tests/http/raw_client.h"

using namespace butaca;
using namespace butaca::http;

namespace {

const Handler hello = [](const Request &) -> Result<Response> {
    return Response::text(200, "text/plain", "hello");
};
constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

} // namespace

TEST(Server, SaysWhichAddressIsTaken)
{
    const auto first = serve({get("/", hello)});
    ServerSettings settings;
    settings.port = first->port();
    const auto second = Server::start(settings, {});
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, ErrorCode::unavailable);
    EXPECT_TRUE(contains(second.error().message, "127.0.0.1 port " + std::to_string(first->port())));
    settings.address = "nowhere";
    EXPECT_EQ(Server::start(settings, {}).error().code, ErrorCode::invalid_argument);
}

TEST(Server, ListensOnIpv6)
{
    ServerSettings settings;
    settings.address = "::1";
    const auto server = Server::start(settings, {get("/", hello)});
    if (!server)
        GTEST_SKIP() << "no IPv6 here";
    EXPECT_NE((*server)->port(), 0);
}

TEST(Server, GivesTheHandlerARequestInPlainValues)
{
    Request seen;
    const auto server = serve({get("/a/{name}", [&](const Request &given) -> Result<Response> {
        seen = given;
        return Response::empty(204);
    })});
    const std::string answer = converse(
        *server,
        "GET /a/x%20y?q=1 HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 204 No Content\r\n"));
    EXPECT_FALSE(contains(answer, "Content-Length"));
    EXPECT_EQ(seen.method, "GET");
    EXPECT_EQ(seen.path, "/a/x y");
    EXPECT_EQ(seen.params.at("name"), "x y");
    EXPECT_EQ(seen.query.at("q"), "1");
    EXPECT_EQ(seen.host, "example.org");
    EXPECT_EQ(seen.peer, "127.0.0.1");
    EXPECT_TRUE(contains(answer, "X-Request-Id: " + seen.id + "\r\n"));
    converse(*server, "GET /a/b HTTP/1.0\r\n\r\n");
    EXPECT_EQ(seen.host, "127.0.0.1:" + std::to_string(server->port()));
}

TEST(Server, TurnsAnErrorIntoAProblem)
{
    const auto server = serve({get("/", [](const Request &) -> Result<Response> {
        return fail(ErrorCode::forbidden, "not for you", "ticket of another item");
    })});
    const std::string answer =
        converse(*server, "GET / HTTP/1.1\r\nHost: h\r\nAccept-Language: es\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 403 Forbidden\r\n"));
    EXPECT_TRUE(contains(answer, "No está permitido"));
    EXPECT_TRUE(contains(answer, "not for you"));
    EXPECT_FALSE(contains(answer, "another item"));
}

TEST(Server, PutsTheDefaultHeadersOnEveryResponse)
{
    ServerSettings settings;
    settings.default_headers.set("X-Content-Type-Options", "nosniff");
    settings.default_headers.set("Content-Type", "text/x-default");
    const auto server = serve({get("/", hello)}, settings);
    const std::string answer = converse(*server, request);
    EXPECT_TRUE(contains(answer, "X-Content-Type-Options: nosniff\r\n"));
    EXPECT_TRUE(contains(answer, "Content-Type: text/plain\r\n"));
    EXPECT_FALSE(contains(answer, "text/x-default"));
    EXPECT_TRUE(contains(converse(*server, "rubbish\r\n\r\n"), "X-Content-Type-Options: nosniff\r\n"));
}

TEST(Server, LetsPlayersOfOtherSitesInWhenAsked)
{
    ServerSettings settings;
    settings.cross_origin = true;
    const auto server = serve({get("/", hello)}, settings);
    const std::string preflight = converse(
        *server,
        "OPTIONS / HTTP/1.1\r\nHost: h\r\nOrigin: https://other\r\nAccess-Control-Request-Method: GET\r\n"
        "Access-Control-Request-Headers: range\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(preflight.starts_with("HTTP/1.1 204 "));
    EXPECT_TRUE(contains(preflight, "Access-Control-Allow-Origin: *\r\n"));
    EXPECT_TRUE(contains(preflight, "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n"));
    EXPECT_TRUE(contains(preflight, "Range"));
    const std::string answer = converse(*server, request);
    EXPECT_TRUE(contains(answer, "Access-Control-Expose-Headers: Accept-Ranges, Content-Range, ETag"));
    EXPECT_TRUE(converse(*server, "OPTIONS /none HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 404 "));
    EXPECT_TRUE(converse(*server, "OPTIONS * HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 204 "));
    const auto closed = serve({get("/", hello)});
    EXPECT_FALSE(contains(converse(*closed, request), "Access-Control"));
}

TEST(Server, DrainsWhatIsUnderWayAndThenEnds)
{
    std::unique_ptr<Responder> responder;
    const auto server = serve(
        {get("/", hello), get_later("/later", [&](const std::shared_ptr<const Request> &, Responder given) {
             responder = std::make_unique<Responder>(std::move(given));
         })});
    const std::uint16_t port = server->port();
    const RawClient idle(port);
    idle.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    RawClient busy(port);
    busy.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
    run_until([&] { return responder && server->counters().requests == 2; });
    bool done = false;
    server->drain(std::chrono::milliseconds(60000), [&] { done = true; });
    EXPECT_FALSE(done);
    responder->respond(Response::text(200, "text/plain", "late"));
    std::string answer;
    beside([&] {
        answer = busy.read_to_end();
        busy.end_sending();
    });
    EXPECT_TRUE(contains(answer, "Connection: close\r\n"));
    EXPECT_TRUE(answer.ends_with("late"));
    run_until([&] { return done; });
    EXPECT_EQ(server->counters().open_connections, 0u);
}

TEST(Server, CutsWhatDoesNotEndWithinTheGrace)
{
    bool gone = false;
    const auto server =
        serve({get_later("/", [&](const std::shared_ptr<const Request> &, const Responder &given) {
            given.on_gone([&gone, given] { gone = true; });
        })});
    const RawClient client(server->port());
    client.send(request);
    run_until([&] { return server->counters().requests == 1; });
    bool done = false;
    server->drain(std::chrono::milliseconds(10), [&] { done = true; });
    run_until([&] { return done; });
    EXPECT_TRUE(gone);
}

TEST(Server, MayBeEndedByItsOwnHandler)
{
    std::unique_ptr<Server> server;
    server = serve({get("/", [&](const Request &) -> Result<Response> {
        server.reset();
        return Response::empty(204);
    })});
    const std::uint16_t port = server->port();
    beside([&] {
        RawClient client(port);
        client.send(request);
        EXPECT_EQ(client.read_to_end(), "");
    });
    EXPECT_EQ(server, nullptr);
}

TEST(Server, TellsThoseItLeavesWhenItEnds)
{
    std::unique_ptr<Responder> responder;
    bool gone = false;
    auto server = serve({get_later("/", [&](const std::shared_ptr<const Request> &, Responder given) {
        responder = std::make_unique<Responder>(std::move(given));
        responder->on_gone([&] { gone = true; });
    })});
    const RawClient client(server->port());
    client.send(request);
    run_until([&] { return responder != nullptr; });
    server.reset();
    EXPECT_TRUE(gone);
    responder->respond(Response::empty(204));
}
