// SPDX-License-Identifier: LGPL-2.1-or-later
// Heads of requests as hostile clients write them.
#include <gtest/gtest.h>

#include "src/http/head.h"

using namespace butaca::http;

namespace {

// The status with which the head is refused; 0 when it is taken; -1 while it is incomplete.
int verdict(std::string_view bytes, std::size_t limit_bytes = 32768)
{
    std::size_t scanned = 0;
    const auto end = find_head_end(bytes, scanned, limit_bytes);
    if (!end)
        return end.error().status;
    if (!*end)
        return -1;
    const auto head = parse_head(bytes.substr(0, **end));
    return head ? 0 : head.error().status;
}

int with_fields(const std::string &fields, const std::string &line = "GET / HTTP/1.1")
{
    return verdict(line + "\r\nHost: h\r\n" + fields + "\r\n");
}

int with_line(const std::string &line) { return verdict(line + "\r\nHost: h\r\n\r\n"); }

} // namespace

TEST(Head, IsTakenApart)
{
    const auto head =
        parse_head("POST /a%20b?c=d HTTP/1.1\r\nhost: h:1\r\nX-A:  b c \t\r\nContent-Length: 12\r\n"
                   "Expect: 100-Continue\r\nConnection: TE, Close\r\n\r\n");
    ASSERT_TRUE(head.has_value());
    EXPECT_EQ(head->method, "POST");
    EXPECT_EQ(head->target.path, "/a b");
    EXPECT_EQ(head->host, "h:1");
    EXPECT_EQ(head->headers.get("x-a"), "b c");
    EXPECT_EQ(head->content_length, 12u);
    EXPECT_TRUE(head->expects_continue);
    EXPECT_FALSE(head->keep_alive);
}

TEST(Head, KnowsWhenTheConnectionStaysOpen)
{
    const auto keeps = [](const char *version, const char *field) {
        return parse_head(std::string("GET / HTTP/") + version + "\r\nHost: h\r\n" + field + "\r\n")
            ->keep_alive;
    };
    EXPECT_TRUE(keeps("1.1", ""));
    EXPECT_FALSE(keeps("1.0", ""));
    EXPECT_TRUE(keeps("1.0", "Connection: Keep-Alive\r\n"));
    EXPECT_FALSE(keeps("1.0", "Connection: keep-alive, close\r\n"));
}

TEST(Head, RefusesAmbiguousLengths)
{
    EXPECT_EQ(with_fields("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400);
    EXPECT_EQ(with_fields("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400);
    EXPECT_EQ(with_fields("Content-Length: 5\r\nContent-Length: 5\r\n"), 400);
    EXPECT_EQ(with_fields("Content-Length: 5\r\ncontent-length: 6\r\n"), 400);
    for (const char *length :
         {"5, 5", "+5", "-5", "0x5", "5 ", " ", "", "5;", "99999999999999999999", "1e3", "5_"}) {
        const bool only_trailing_blank = std::string_view(length) == "5 ";
        EXPECT_EQ(with_fields(std::string("Content-Length: ") + length + "\r\n"),
                  only_trailing_blank ? 0 : 400)
            << length;
    }
    EXPECT_EQ(with_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400);
    EXPECT_EQ(with_fields("Transfer-Encoding: chunked\r\n"), 411);
    EXPECT_EQ(with_fields("Transfer-Encoding: xchunked\r\n"), 501);
    EXPECT_EQ(with_fields("Transfer-Encoding: chunked, identity\r\n"), 501);
    EXPECT_EQ(with_fields("Transfer-Encoding: chunked\r\n", "POST / HTTP/1.0"), 400);
    EXPECT_EQ(with_fields("Transfer-Encoding : chunked\r\n"), 400);
}

TEST(Head, RefusesMalformedFields)
{
    EXPECT_EQ(with_fields("X: a\r\n b\r\n"), 400);
    EXPECT_EQ(with_fields("X: a\r\n\tb\r\n"), 400);
    EXPECT_EQ(verdict("GET / HTTP/1.1\r\n Host: h\r\n\r\n"), 400);
    EXPECT_EQ(with_fields("X : a\r\n"), 400);
    EXPECT_EQ(with_fields(": a\r\n"), 400);
    EXPECT_EQ(with_fields("X\r\n"), 400);
    EXPECT_EQ(with_fields("X(: a\r\n"), 400);
    EXPECT_EQ(with_fields("X: a\nY: b\r\n"), 400);
    EXPECT_EQ(with_fields("X: a\rY: b\r\n"), 400);
    EXPECT_EQ(with_fields(std::string("X: a\0b\r\n", 8)), 400);
    EXPECT_EQ(with_fields("X: a\x01\r\n"), 400);
    EXPECT_EQ(with_fields("X: a\x7f\r\n"), 400);
    EXPECT_EQ(with_fields("X: caf\xc3\xa9\t!\r\n"), 0);
    EXPECT_EQ(with_fields("Expect: the-unexpected\r\n"), 417);
}

TEST(Head, RefusesAMissingRepeatedOrMalformedHost)
{
    EXPECT_EQ(verdict("GET / HTTP/1.1\r\n\r\n"), 400);
    EXPECT_EQ(verdict("GET / HTTP/1.0\r\n\r\n"), 0);
    EXPECT_EQ(with_fields("Host: h\r\n"), 400);
    EXPECT_EQ(with_fields("host: other\r\n", "GET / HTTP/1.0"), 400);
    EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400);
    EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost:\r\n\r\n"), 400);
    EXPECT_EQ(parse_head("GET http://real/ HTTP/1.1\r\nHost: h\r\n\r\n")->host, "real");
}

TEST(Head, RefusesMalformedRequestLines)
{
    for (const char *line :
         {"GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1", "GET\t/ HTTP/1.1",
          "GET /a b HTTP/1.1", "G(T / HTTP/1.1", "GET / HTTP/1", "GET / http/1.1", "GET / HTTP/1.1x",
          "GET * HTTP/1.1", "GET a HTTP/1.1", "HTTP/1.1 200 OK"})
        EXPECT_EQ(with_line(line), 400) << line;
    for (const char *line : {"GET / HTTP/2.0", "GET / HTTP/1.2", "GET / HTTP/0.9"})
        EXPECT_EQ(with_line(line), 505) << line;
    for (const char *line :
         {"TRACE / HTTP/1.1", "CONNECT / HTTP/1.1", "get / HTTP/1.1", "PROPFIND / HTTP/1.1"})
        EXPECT_EQ(with_line(line), 501) << line;
    EXPECT_EQ(with_line("OPTIONS * HTTP/1.1"), 0);
    EXPECT_EQ(verdict("\x16\x03\x01\x02"), 400); // TLS
    EXPECT_EQ(verdict("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
}

TEST(Head, RefusesWhatIsTooLongEvenBeforeItIsWhole)
{
    EXPECT_EQ(with_line("GET /" + std::string(8000, 'a') + " HTTP/1.1"), 0);
    EXPECT_EQ(with_line("GET /" + std::string(9000, 'a') + " HTTP/1.1"), 414);
    EXPECT_EQ(verdict("GET /" + std::string(9000, 'a')), 414);
    EXPECT_EQ(with_fields("X: " + std::string(40000, 'a') + "\r\n"), 431);
    EXPECT_EQ(verdict("GET / HTTP/1.1\r\nX: " + std::string(40000, 'a')), 431);
    std::string many;
    for (int i = 0; i < 200; i++)
        many += "X: a\r\n";
    EXPECT_EQ(with_fields(many), 431);
}

TEST(Head, IsFoundWhateverPiecesItComesIn)
{
    const std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /next";
    std::size_t scanned = 0;
    for (std::size_t size = 0; size < bytes.size(); size++) {
        const auto end = find_head_end(std::string_view(bytes).substr(0, size), scanned, 32768);
        ASSERT_TRUE(end.has_value());
        EXPECT_EQ(end->value_or(0), size < 27 ? 0u : 27u) << size;
        if (*end)
            break;
    }
}
