// SPDX-License-Identifier: LGPL-2.1-or-later
// Ranges and conditions (RFC 9110, 13 and 14), with the shapes that have broken other servers.
#include <fcntl.h>
#include <gtest/gtest.h>

#include "src/http/range.h"

using namespace butaca;
using namespace butaca::http;
using Kind = Selection::Kind;

namespace {

Headers with(std::initializer_list<std::pair<const char *, std::string>> fields)
{
    Headers headers;
    for (const auto &[name, value] : fields)
        headers.add(name, value);
    return headers;
}

// "whole", "416" or "first-last".
std::string chosen(const std::string &range, std::uint64_t size_bytes)
{
    const Selection selection = select(with({{"Range", range}}), size_bytes, "\"e\"");
    if (selection.kind == Kind::whole)
        return "whole";
    if (selection.kind == Kind::unsatisfiable)
        return "416";
    return std::to_string(selection.part.first) + "-" + std::to_string(selection.part.last);
}

Request request(std::string method, std::string range)
{
    Request made;
    made.method = std::move(method);
    made.headers.set("Range", std::move(range));
    return made;
}

} // namespace

TEST(Range, SelectsWhatOneRangeAsksFor)
{
    EXPECT_EQ(chosen("bytes=0-0", 100), "0-0");
    EXPECT_EQ(chosen("bytes=0-99", 100), "0-99");
    EXPECT_EQ(chosen("bytes=10-", 100), "10-99");
    EXPECT_EQ(chosen("bytes=99-", 100), "99-99");
    EXPECT_EQ(chosen("bytes=-1", 100), "99-99");
    EXPECT_EQ(chosen("BYTES=-1", 100), "99-99");
    EXPECT_EQ(chosen("bytes=90-1000", 100), "90-99");
}

TEST(Range, SurvivesTheShapesThatBrokeOthers)
{
    EXPECT_EQ(chosen("bytes=-101", 100), "0-99");
    EXPECT_EQ(chosen("bytes=-100", 100), "0-99");
    EXPECT_EQ(chosen("bytes=5-2", 100), "416");
    EXPECT_EQ(chosen("bytes=100-", 100), "416");
    EXPECT_EQ(chosen("bytes=-0", 100), "416");
    EXPECT_EQ(chosen("bytes=0-0", 0), "416");
    EXPECT_EQ(chosen("bytes=0-", 0), "416");
    EXPECT_EQ(chosen("bytes=-5", 0), "416");
    EXPECT_EQ(chosen("bytes=18446744073709551615-", 100), "416");
    EXPECT_EQ(chosen("bytes=18446744073709551616-", 100), "416");
    EXPECT_EQ(chosen("bytes=0-18446744073709551615", 100), "0-99");
    EXPECT_EQ(chosen("bytes=0-99999999999999999999999999999999", 100), "0-99");
    EXPECT_EQ(chosen("bytes=-99999999999999999999999999999999", 100), "0-99");
    EXPECT_EQ(chosen("bytes=" + std::string(30000, '9') + "-", 100), "416");
    EXPECT_EQ(chosen("bytes=0-18446744073709551615", 18446744073709551615ULL), "0-18446744073709551614");
}

TEST(Range, IgnoresWhatIsMalformedOrManyAtOnce)
{
    std::string many = "bytes=0-0";
    for (int i = 1; i < 1000; i++)
        many += "," + std::to_string(i) + "-" + std::to_string(i + 5);
    EXPECT_EQ(chosen(many, 100), "whole");
    for (const char *range :
         {"", "bytes", "bytes=", "bytes=-", "bytes=--1", "bytes=1", "bytes=a-b", "bytes=1-b", "bytes= 1-2",
          "bytes=1 -2", "bytes=+1-2", "bytes=0x1-2", "items=0-1", "bytes=0-1,5-6", "bytes=0-1,", "bytes 0-1",
          "bytes=1-2-3", "bytes==1-2"})
        EXPECT_EQ(chosen(range, 100), "whole") << range;
    EXPECT_EQ(select(with({{"Range", "bytes=0-1"}, {"range", "bytes=2-3"}}), 100, "\"e\"").kind, Kind::whole);
}

TEST(Range, HoldsOnlyForTheRepresentationThatIfRangeNames)
{
    const auto kind = [](const std::string &if_range, std::string_view etag) {
        return select(with({{"Range", "bytes=0-1"}, {"If-Range", if_range}}), 100, etag).kind;
    };
    EXPECT_EQ(kind("\"e\"", "\"e\""), Kind::part);
    EXPECT_EQ(kind("\"f\"", "\"e\""), Kind::whole);
    EXPECT_EQ(kind("W/\"e\"", "\"e\""), Kind::whole);
    EXPECT_EQ(kind("W/\"e\"", "W/\"e\""), Kind::whole);
    EXPECT_EQ(kind("Tue, 24 Nov 2026 00:00:00 GMT", "\"e\""), Kind::whole);
    EXPECT_EQ(kind("", ""), Kind::whole);
}

TEST(Conditions, AreEvaluatedInTheOrderOfTheStandard)
{
    const auto kind = [](std::initializer_list<std::pair<const char *, std::string>> fields) {
        return select(with(fields), 100, "\"e\"").kind;
    };
    EXPECT_EQ(kind({{"If-None-Match", "\"e\""}}), Kind::not_modified);
    EXPECT_EQ(kind({{"If-None-Match", "W/\"e\""}}), Kind::not_modified);
    EXPECT_EQ(kind({{"If-None-Match", "\"a,b\", \"e\""}}), Kind::not_modified);
    EXPECT_EQ(kind({{"If-None-Match", "*"}}), Kind::not_modified);
    EXPECT_EQ(kind({{"If-None-Match", "\"f\""}}), Kind::whole);
    EXPECT_EQ(kind({{"If-None-Match", "\"f\""}, {"If-None-Match", "\"e\""}}), Kind::not_modified);
    EXPECT_EQ(kind({{"If-None-Match", "\"e"}}), Kind::whole);
    EXPECT_EQ(kind({{"If-None-Match", "e"}}), Kind::whole);
    EXPECT_EQ(kind({{"If-Match", "\"e\""}}), Kind::whole);
    EXPECT_EQ(kind({{"If-Match", "*"}}), Kind::whole);
    EXPECT_EQ(kind({{"If-Match", "W/\"e\""}}), Kind::precondition_failed);
    EXPECT_EQ(kind({{"If-Match", "\"f\""}}), Kind::precondition_failed);
    EXPECT_EQ(kind({{"If-Match", "\"f\""}, {"If-None-Match", "\"e\""}}), Kind::precondition_failed);
    EXPECT_EQ(kind({{"If-None-Match", "\"e\""}, {"Range", "bytes=5-2"}}), Kind::not_modified);
}

TEST(ServeBytes, AnswersAnImpossibleRangeWithTheSize)
{
    const auto response = serve_bytes(request("GET", "bytes=5-2"), share_bytes(std::string("0123456789")),
                                      "\"e\"", "text/plain");
    EXPECT_EQ(response.status, 416);
    EXPECT_EQ(response.headers.get("Content-Range"), "bytes */10");
    EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
}

TEST(ServeBytes, CutsThePartWithoutCopyingIt)
{
    const auto whole = share_bytes(std::string("0123456789"));
    const auto response = serve_bytes(request("GET", "bytes=2-4"), whole, "\"e\"", "text/plain");
    EXPECT_EQ(response.status, 206);
    EXPECT_EQ(response.headers.get("Content-Range"), "bytes 2-4/10");
    EXPECT_EQ(g_bytes_get_size(response.bytes.get()), 3u);
    EXPECT_EQ(g_bytes_get_data(response.bytes.get(), nullptr),
              static_cast<const char *>(g_bytes_get_data(whole.get(), nullptr)) + 2);
}

TEST(ServeBytes, IgnoresRangesOfAHeadRequest)
{
    for (const char *range : {"bytes=2-4", "bytes=5-2"})
        EXPECT_EQ(
            serve_bytes(request("HEAD", range), share_bytes(std::string("0123456789")), "\"e\"", "text/plain")
                .status,
            200);
}

TEST(ServeFile, ClosesTheDescriptorWhenNoBodyIsSent)
{
    const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const auto response = serve_file(request("GET", "bytes=5-2"), fd, 10, "\"e\"", "text/plain");
    EXPECT_EQ(response.status, 416);
    EXPECT_FALSE(response.file.has_value());
    EXPECT_EQ(fcntl(fd, F_GETFD), -1);
}
