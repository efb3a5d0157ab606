// SPDX-License-Identifier: LGPL-2.1-or-later
// What the server does on the wire, byte for byte.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include "src/http/connection.h"
#include "src/http/range.h"
#include "tests/http/raw_client.h"

using namespace butaca;
using namespace butaca::http;

namespace {

const Handler hello = [](const Request &) -> Result<Response> {
    return Response::text(200, "text/plain", "hello");
};

Route echo(std::size_t body_limit_bytes)
{
    Handler handler = [](const Request &request) -> Result<Response> {
        return Response::text(200, "text/plain", "[" + request.body + "]");
    };
    return {"POST", "/echo", std::move(handler), body_limit_bytes};
}

std::string status_line(std::string_view answer)
{
    return std::string(answer.substr(0, answer.find("\r\n")));
}

} // namespace

TEST(Connection, AnswersPipelinedRequestsInTheirOrder)
{
    const auto server = serve({get("/a/{n}", [](const Request &request) -> Result<Response> {
        return Response::text(200, "text/plain", "<" + request.params.at("n") + ">");
    })});
    std::string requests;
    std::string expected;
    for (int i = 0; i < 200; i++) {
        const std::string n = std::to_string(i);
        requests +=
            "GET /a/" + n + " HTTP/1.1\r\nHost: h\r\n" + (i == 199 ? "Connection: close\r\n" : "") + "\r\n";
        expected += "<" + n + ">";
    }
    const std::string answer = converse(*server, requests);
    std::string bodies;
    for (std::size_t at = 0; (at = answer.find('<', at)) != std::string::npos; at++)
        bodies += answer.substr(at, answer.find('>', at) - at + 1);
    EXPECT_EQ(bodies, expected);
    EXPECT_EQ(server->counters().requests, 200u);
    EXPECT_EQ(server->counters().connections, 1u);
}

TEST(Connection, NeverServesARequestThatIsSmuggledInABody)
{
    bool reached = false;
    const auto server = serve({echo(1000), get("/admin", [&](const Request &) -> Result<Response> {
                                   reached = true;
                                   return Response::empty(204);
                               })});
    const std::string smuggled = "GET /admin HTTP/1.1\r\nHost: h\r\n\r\n";
    const std::string answer = converse(
        *server,
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
            smuggled);
    EXPECT_EQ(status_line(answer), "HTTP/1.1 400 Bad Request");
    EXPECT_TRUE(contains(answer, "Connection: close\r\n"));
    EXPECT_TRUE(contains(answer, "application/problem+json"));
    // A body that is refused unread is not taken for a request either.
    EXPECT_EQ(status_line(converse(*server, "POST /none HTTP/1.1\r\nHost: h\r\nContent-Length: " +
                                                std::to_string(smuggled.size()) + "\r\n\r\n" + smuggled)),
              "HTTP/1.1 404 Not Found");
    EXPECT_FALSE(reached);
}

TEST(Connection, ReadsABodyOfExactlyItsLength)
{
    const auto server = serve({echo(1000)});
    const std::string answer = converse(
        *server, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde"
                 "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\nfg");
    EXPECT_TRUE(contains(answer, "\r\n\r\n[abcde]HTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(answer.ends_with("\r\n\r\n[fg]"));
}

TEST(Connection, RefusesABodyBeyondTheRoutesLimitUnread)
{
    const auto server = serve({echo(4), get("/", hello)});
    EXPECT_EQ(status_line(converse(*server,
                                   "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 999999999999\r\n\r\n")),
              "HTTP/1.1 413 Request Entity Too Large");
    EXPECT_EQ(status_line(converse(*server, "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na")),
              "HTTP/1.1 413 Request Entity Too Large");
}

TEST(Connection, InvitesABodyThatIsAwaited)
{
    const auto server = serve({echo(1000)});
    const std::uint16_t port = server->port();
    std::string answer;
    beside([&] {
        RawClient client(port);
        client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: "
                    "100-continue\r\nConnection: close\r\n\r\n");
        EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
        client.send("abc");
        answer = client.read_to_end();
    });
    EXPECT_TRUE(answer.ends_with("\r\n\r\n[abc]"));
    EXPECT_EQ(status_line(converse(
                  *server,
                  "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3000\r\nExpect: 100-continue\r\n\r\n")),
              "HTTP/1.1 413 Request Entity Too Large");
}

TEST(Connection, AnswersHeadWithTheHeadOfGetAlone)
{
    const auto server = serve({get("/", hello)});
    const std::string answer = converse(*server, "HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(status_line(answer), "HTTP/1.1 200 OK");
    EXPECT_TRUE(contains(answer, "Content-Length: 5\r\n"));
    EXPECT_EQ(body_of(answer), "");
}

TEST(Connection, SendsPartsOfFiles)
{
    const auto server = serve({get("/", [](const Request &request) -> Result<Response> {
        const int fd = memfd_create("film", MFD_CLOEXEC);
        EXPECT_EQ(write(fd, "0123456789", 10), 10);
        return serve_file(request, fd, 10, "\"e\"", "video/mp4");
    })});
    const auto body = [&](const std::string &range) {
        return body_of(converse(*server, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nRange: " + range +
                                             "\r\n\r\n"));
    };
    EXPECT_EQ(body("bytes=2-4"), "234");
    EXPECT_EQ(body("bytes=-3"), "789");
    EXPECT_EQ(body("bytes=0-999"), "0123456789");
    EXPECT_TRUE(contains(body("bytes=5-2"), "/problems/range-not-satisfiable"));
}

TEST(Connection, BreaksWhenAFileIsShorterThanPromised)
{
    const auto server = serve({get("/", [](const Request &) -> Result<Response> {
        Response response;
        response.file = FileRange{memfd_create("film", MFD_CLOEXEC), 0, 1000};
        return response;
    })});
    const std::uint16_t port = server->port();
    beside([&] {
        RawClient client(port);
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        const std::string answer = client.read_to_end();
        EXPECT_TRUE(client.was_reset());
        EXPECT_EQ(body_of(answer), "");
    });
}

TEST(Connection, SpeaksHttp10)
{
    const auto server = serve({get("/", hello)});
    const std::string once = converse(*server, "GET / HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(contains(once, "Connection: close\r\n"));
    EXPECT_EQ(body_of(once), "hello");
    const std::string twice =
        converse(*server, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(contains(twice, "Connection: keep-alive\r\n"));
    EXPECT_TRUE(contains(twice, "helloHTTP/1.1 200 OK"));
}

TEST(Connection, IgnoresEmptyLinesBeforeARequest)
{
    const auto server = serve({get("/", hello)});
    EXPECT_EQ(body_of(converse(*server, "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")),
              "hello");
}

TEST(Connection, StillAnswersAClientThatWillSendNoMore)
{
    const auto server = serve({get("/", hello)});
    const std::uint16_t port = server->port();
    std::string answer;
    beside([&] {
        RawClient client(port);
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        client.end_sending();
        answer = client.read_to_end();
    });
    EXPECT_EQ(body_of(answer), "hello");
}

TEST(Connection, LeavesOutHeadersThatWouldSplitTheResponse)
{
    const auto server = serve({get("/", [](const Request &) -> Result<Response> {
        auto response = Response::text(200, "text/plain", "hello");
        response.headers.set("X-Bad", "a\r\nSet-Cookie: b");
        response.headers.set("Content-Length", "1");
        response.headers.set("X-Good", "c");
        return response;
    })});
    const std::string answer = converse(*server, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_FALSE(contains(answer, "X-Bad"));
    EXPECT_FALSE(contains(answer, "Set-Cookie"));
    EXPECT_TRUE(contains(answer, "X-Good: c\r\n"));
    EXPECT_TRUE(contains(answer, "Content-Length: 5\r\n"));
}

TEST(Connection, GivesEveryRefusalAProblemDocument)
{
    const auto server = serve({get("/", hello)});
    const std::pair<const char *, int> cases[] = {
        {"GET /../x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET /%2e%2e/x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET / HTTP/1.1\nHost: h\n\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 501},
        {"GET / HTTP/3.0\r\nHost: h\r\n\r\n", 505},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411},
        {"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 405},
        {"GET /none HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 404},
    };
    for (const auto &[request, status] : cases) {
        const std::string answer = converse(*server, request);
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + std::to_string(status) + " ")) << request << answer;
        EXPECT_TRUE(contains(answer, "Content-Type: application/problem+json\r\n")) << request;
        EXPECT_TRUE(contains(body_of(answer), "\"status\":" + std::to_string(status))) << request;
        EXPECT_TRUE(contains(body_of(answer), "\"instance\":\"")) << request;
    }
    EXPECT_TRUE(contains(converse(*server, cases[7].first), "Allow: GET, HEAD, OPTIONS\r\n"));
}
