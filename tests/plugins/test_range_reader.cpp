// SPDX-License-Identifier: LGPL-2.1-or-later
// Reading from a healthy server: exact bytes, few requests, few connections.
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "tests/plugins/reader_fixture.h"

using namespace butaca;
using namespace butaca::source;
using namespace butaca::test;

TEST(RangeReader, ReadsEverythingInOrder)
{
    FaultyOrigin origin(noise(1'000'003));
    auto reader = reader_of(origin);
    EXPECT_TRUE(same(read_all(*reader), origin.bytes()));
    EXPECT_EQ(reader->known_size(), origin.bytes().size());
    EXPECT_EQ(reader->stats().bytes_received, origin.bytes().size());
    EXPECT_EQ(reader->stats().bytes_read, origin.bytes().size());
}

TEST(RangeReader, ReadsWithOneConnectionAndGrowingRequests)
{
    FaultyOrigin origin(noise(1024 * 1024));
    auto reader = reader_of(origin);
    read_all(*reader);
    EXPECT_EQ(origin.connections(), 1u);
    std::vector<std::uint64_t> sizes;
    for (const SeenRequest &request : origin.requests())
        sizes.push_back((request.last - request.first + 1) / 1024);
    EXPECT_EQ(sizes, (std::vector<std::uint64_t>{64, 64, 128, 256, 256, 256}));
    EXPECT_EQ(reader->stats().dropped, 0u);
}

TEST(RangeReader, AnswersARandomPatternAsAFileWould)
{
    FaultyOrigin origin(noise(3'000'017));
    auto reader = reader_of(origin);
    std::mt19937 random(7);
    for (int i = 0; i < 300; ++i) {
        std::size_t offset = random() % (origin.bytes().size() + 1000);
        std::size_t size = 1 + random() % (i % 10 == 0 ? 900'000 : 5'000);
        std::string expected =
            offset < origin.bytes().size() ? origin.bytes().substr(offset, size) : std::string();
        ASSERT_TRUE(same(read_at(*reader, offset, size), expected)) << offset << " " << size;
    }
}

TEST(RangeReader, KeepsTheConnectionWhenItJumps)
{
    FaultyOrigin origin(noise(4 * 1024 * 1024));
    auto reader = reader_of(origin);
    for (std::uint64_t offset : {0u, 3'000'000u, 1'000'000u, 2'000'000u, 4'000'000u})
        ASSERT_TRUE(same(read_at(*reader, offset, 1000), origin.bytes().substr(offset, 1000)));
    EXPECT_EQ(origin.requests().size(), 5u);
    EXPECT_EQ(origin.connections(), 1u);
}

TEST(RangeReader, ReadsAgainFromMemory)
{
    FaultyOrigin origin(noise(100'000));
    auto reader = reader_of(origin);
    read_all(*reader);
    std::size_t requests = origin.requests().size();
    EXPECT_TRUE(same(read_all(*reader), origin.bytes()));
    EXPECT_EQ(origin.requests().size(), requests);
    EXPECT_GT(reader->stats().cache_hits, 10u);
}

TEST(RangeReader, AsksOnceForALargeRead)
{
    FaultyOrigin origin(noise(2 * 1024 * 1024));
    auto reader = reader_of(origin);
    EXPECT_TRUE(same(read_at(*reader, 5, 1'500'000), origin.bytes().substr(5, 1'500'000)));
    EXPECT_EQ(origin.requests().size(), 1u);
}

TEST(RangeReader, WorksWithTheSmallestCache)
{
    FaultyOrigin origin(noise(500'000));
    ReaderOptions options = hasty();
    options.cache_size_bytes = 0;
    options.read_ahead_bytes = 0;
    EXPECT_TRUE(same(read_all(*reader_of(origin, options)), origin.bytes()));
}

TEST(RangeReader, StopsAtTheEnd)
{
    FaultyOrigin origin(noise(1000));
    auto reader = reader_of(origin);
    EXPECT_EQ(read_at(*reader, 5000, 10), "");
    EXPECT_EQ(read_at(*reader, 1000, 10), "");
    EXPECT_TRUE(same(read_at(*reader, 990, 100), origin.bytes().substr(990)));
    EXPECT_EQ(*reader->size(), 1000u);
}

TEST(RangeReader, TakesAnEmptyOriginal)
{
    FaultyOrigin origin("");
    auto reader = reader_of(origin);
    ASSERT_TRUE(reader->size());
    EXPECT_EQ(*reader->size(), 0u);
    EXPECT_EQ(read_at(*reader, 0, 10), "");
}

TEST(RangeReader, SendsTicketAndIfMatch)
{
    FaultyOrigin origin(noise(1000));
    auto reader = reader_of(origin);
    read_all(*reader);
    const std::string head = origin.requests().front().head;
    EXPECT_NE(head.find("\r\nAuthorization: Bearer t1cket"), std::string::npos) << head;
    EXPECT_NE(head.find("\r\nIf-Match: \"" + origin.digest() + "\""), std::string::npos) << head;
    EXPECT_EQ(head.rfind("GET " + origin.path() + " HTTP/1.1\r\n", 0), 0u) << head;
}

TEST(RangeReader, UsesANewTicketFromTheNextRequestOn)
{
    FaultyOrigin origin(noise(200'000));
    auto reader = reader_of(origin);
    read_at(*reader, 0, 10);
    reader->set_ticket("other");
    read_at(*reader, 150'000, 10);
    EXPECT_NE(origin.requests().back().head.find("Bearer other"), std::string::npos);
}

TEST(RangeReader, MayBeReadFromOneThreadAfterTheOther)
{
    FaultyOrigin origin(noise(1'000'000));
    auto reader = reader_of(origin);
    for (std::size_t offset = 0; offset < 1'000'000; offset += 90'000) {
        std::string got;
        std::thread([&] { got = read_at(*reader, offset, 80'000); }).join();
        ASSERT_TRUE(same(got, origin.bytes().substr(offset, 80'000)));
    }
    EXPECT_EQ(origin.connections(), 1u);
}
