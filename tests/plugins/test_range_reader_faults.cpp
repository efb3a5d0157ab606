// SPDX-License-Identifier: LGPL-2.1-or-later
// Reading from servers that fail in every way we could think of: exact bytes all the same, or a clear
// refusal.
#include <atomic>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "tests/plugins/reader_fixture.h"

using namespace butaca;
using namespace butaca::source;
using namespace butaca::test;

namespace {

// Reads all through one faulty answer after the second; every byte must be right and something must have
// failed.
void survives(Step step)
{
    FaultyOrigin origin(noise(600'000));
    origin.script({{}, step, {}, step, step});
    auto reader = reader_of(origin);
    EXPECT_TRUE(same(read_all(*reader), origin.bytes()));
    EXPECT_GE(reader->stats().retries, 3u);
}

// What reading says when every answer is like this.
Error error_of(Step step, ReaderOptions options = hasty())
{
    FaultyOrigin origin(noise(200'000));
    origin.always(step);
    auto reader = reader_of(origin, options);
    std::uint8_t byte = 0;
    auto got = reader->read(100'000, std::span(&byte, 1));
    EXPECT_FALSE(got);
    EXPECT_EQ(origin.requests().size(), reader->stats().requests);
    Error error = got ? Error{} : got.error();
    EXPECT_EQ((error.message + error.detail).find("t1cket"), std::string::npos);
    EXPECT_EQ(error.message.find(origin.digest()), std::string::npos);
    return error;
}

std::size_t requests_until_refusal(unsigned status)
{
    FaultyOrigin origin(noise(1000));
    origin.always({.fault = Fault::status, .status = status});
    auto reader = reader_of(origin);
    read_at(*reader, 0, 1);
    return origin.requests().size();
}

} // namespace

TEST(RangeReaderFaults, SurvivesAServerThatTakesTheRequestAndSaysNothing)
{
    survives({.fault = Fault::silent});
}
TEST(RangeReaderFaults, SurvivesAServerThatStopsInTheMiddle)
{
    survives({.fault = Fault::stall, .after_bytes = 30'001});
}
TEST(RangeReaderFaults, SurvivesAServerThatTrickles)
{
    survives({.fault = Fault::trickle, .after_bytes = 20'001});
}
TEST(RangeReaderFaults, SurvivesAResetInTheMiddle)
{
    survives({.fault = Fault::reset, .after_bytes = 40'001});
}
TEST(RangeReaderFaults, SurvivesAResetBeforeTheFirstByte) { survives({.fault = Fault::reset}); }
TEST(RangeReaderFaults, SurvivesAShortBody) { survives({.fault = Fault::short_body, .after_bytes = 50'001}); }
TEST(RangeReaderFaults, SurvivesABurstOf503) { survives({.fault = Fault::status, .status = 503}); }

TEST(RangeReaderFaults, GoesOnAtTheExactByte)
{
    FaultyOrigin origin(noise(60'000));
    origin.script({{.fault = Fault::short_body, .after_bytes = 50'001}});
    auto reader = reader_of(origin);
    EXPECT_TRUE(same(read_all(*reader), origin.bytes()));
    ASSERT_EQ(origin.requests().size(), 2u);
    EXPECT_EQ(origin.requests()[1].first, 50'001u);
    EXPECT_EQ(reader->stats().bytes_received, 60'000u);
}

TEST(RangeReaderFaults, FinishesEvenWhenEveryAnswerIsCut)
{
    FaultyOrigin origin(noise(1'000'000));
    origin.always({.fault = Fault::reset, .after_bytes = 20'000});
    EXPECT_TRUE(same(read_all(*reader_of(origin)), origin.bytes()));
}

TEST(RangeReaderFaults, GivesUpOnAServerThatOnlyEverTrickles)
{
    ReaderOptions options = hasty();
    options.attempts = 3;
    EXPECT_EQ(error_of({.fault = Fault::trickle}, options).code, ErrorCode::timeout);
}

TEST(RangeReaderFaults, RefusesBodiesWithoutALength)
{
    EXPECT_EQ(error_of({.fault = Fault::chunked}).code, ErrorCode::unsupported);
}

TEST(RangeReaderFaults, RefusesAnOriginThatIgnoresRanges)
{
    Error error = error_of({.fault = Fault::ignores_range});
    EXPECT_EQ(error.code, ErrorCode::unsupported);
    EXPECT_NE(error.detail.find("ignores Range"), std::string::npos);
}

TEST(RangeReaderFaults, RefusesAnotherRangeThanAskedFor)
{
    EXPECT_EQ(error_of({.fault = Fault::wrong_range}).code, ErrorCode::unsupported);
}

TEST(RangeReaderFaults, RefusesLengthsThatContradict)
{
    EXPECT_EQ(error_of({.fault = Fault::wrong_length}).code, ErrorCode::unsupported);
}

TEST(RangeReaderFaults, RefusesAnswersWithoutAStrongEtag)
{
    EXPECT_EQ(error_of({.fault = Fault::no_etag}).code, ErrorCode::unsupported);
    EXPECT_EQ(error_of({.fault = Fault::weak_etag}).code, ErrorCode::unsupported);
}

TEST(RangeReaderFaults, TurnsFromAnOriginThatBreaksTheRulesToAReplica)
{
    FaultyOrigin wrong(noise(100'000));
    FaultyOrigin right(wrong.bytes());
    wrong.always({.fault = Fault::wrong_range});
    EXPECT_TRUE(same(read_all(*reader_of(wrong, hasty(), {right.host()})), right.bytes()));
}

TEST(RangeReaderFaults, FailsAtOnceWhereTryingAgainIsPointless)
{
    EXPECT_EQ(error_of({.fault = Fault::status, .status = 401}).code, ErrorCode::unauthenticated);
    EXPECT_EQ(error_of({.fault = Fault::status, .status = 403}).code, ErrorCode::forbidden);
    EXPECT_EQ(error_of({.fault = Fault::status, .status = 404}).code, ErrorCode::not_found);
    EXPECT_EQ(error_of({.fault = Fault::status, .status = 410}).code, ErrorCode::not_found);
    EXPECT_EQ(error_of({.fault = Fault::status, .status = 302}).code, ErrorCode::unprocessable);
    for (unsigned status : {401u, 403u, 404u, 410u, 412u, 302u, 400u})
        EXPECT_EQ(requests_until_refusal(status), 1u) << status;
    EXPECT_EQ(requests_until_refusal(503), 6u);
}

TEST(RangeReaderFaults, SaysWhenToComeBack)
{
    ReaderOptions options = hasty();
    options.attempts = 1;
    Error error = error_of({.fault = Fault::status, .status = 503, .retry_after_s = 7}, options);
    EXPECT_EQ(error.code, ErrorCode::unavailable);
    EXPECT_EQ(error.retry_after_s, 7u);
}

TEST(RangeReaderFaults, RefusesAnOriginalThatWasReplaced)
{
    Error error = error_of({.fault = Fault::other_etag});
    EXPECT_EQ(error.code, ErrorCode::conflict);
    EXPECT_EQ(error.message, "the original changed while it was being read");
    EXPECT_EQ(error_of({.fault = Fault::status, .status = 412}).code, ErrorCode::conflict);
}

TEST(RangeReaderFaults, RefusesAnOriginalThatIsReplacedBetweenReads)
{
    FaultyOrigin origin(noise(500'000));
    RangeReader reader({{origin.host()}, "/plain/path", ""}, "", hasty());
    EXPECT_TRUE(same(read_at(reader, 0, 100), origin.bytes().substr(0, 100)));
    origin.always({.fault = Fault::other_etag});
    EXPECT_EQ(read_at(reader, 300'000, 100), "<conflict>");
    origin.always({});
    EXPECT_EQ(read_at(reader, 300'000, 100), "<conflict>");
}

TEST(RangeReaderFaults, RefusesAnOriginalWhoseLengthChanges)
{
    FaultyOrigin origin(noise(500'000));
    origin.script({{}, {.fault = Fault::other_size}});
    auto reader = reader_of(origin);
    read_at(*reader, 0, 100);
    EXPECT_EQ(read_at(*reader, 300'000, 100), "<conflict>");
}

TEST(RangeReaderFaults, MovesToAReplicaAndStaysThere)
{
    FaultyOrigin replica(noise(400'000));
    RangeReader reader({{refusing_host(), replica.host()}, replica.path(), replica.digest()}, "", hasty());
    EXPECT_TRUE(same(read_all(reader), replica.bytes()));
    EXPECT_EQ(reader.stats().failovers, 1u);
}

TEST(RangeReaderFaults, ComesBackToTheFirstWhenTheReplicaFailsToo)
{
    FaultyOrigin one(noise(400'000));
    FaultyOrigin two(one.bytes());
    one.script({{.fault = Fault::reset, .after_bytes = 20'000}});
    two.script({{.fault = Fault::reset, .after_bytes = 20'000}});
    auto reader = reader_of(one, hasty(), {two.host()});
    EXPECT_TRUE(same(read_all(*reader), one.bytes()));
    EXPECT_EQ(reader->stats().failovers, 2u);
}

TEST(RangeReaderFaults, SaysThatNobodyAnswers)
{
    RangeReader reader({{refusing_host()}, "/x", ""}, "", hasty());
    std::uint8_t byte = 0;
    auto got = reader.read(0, std::span(&byte, 1));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, ErrorCode::unavailable);
    EXPECT_EQ(reader.stats().requests, 6u);
}

TEST(RangeReaderFaults, IsInterruptedWhileItWaitsForAnAnswer)
{
    for (Fault fault : {Fault::silent, Fault::stall}) {
        FaultyOrigin origin(noise(100'000));
        origin.always({.fault = fault, .after_bytes = 100});
        ReaderOptions options = hasty();
        options.read_timeout_ms = 3600 * 1000; // only the interruption can end it within the test's time
        auto reader = reader_of(origin, options);
        std::string got;
        std::thread reading([&] { got = read_at(*reader, 0, 10); });
        origin.wait_for_requests(1);
        reader->interrupt();
        reading.join();
        EXPECT_EQ(got, "<cancelled>");
        EXPECT_EQ(read_at(*reader, 0, 10), "<cancelled>");
        origin.always({});
        reader->resume();
        EXPECT_TRUE(same(read_at(*reader, 0, 10), origin.bytes().substr(0, 10)));
    }
}

TEST(RangeReaderFaults, IsInterruptedWhileItBacksOff)
{
    FaultyOrigin origin(noise(1000));
    origin.always({.fault = Fault::status, .status = 503, .retry_after_s = 9});
    ReaderOptions options = hasty();
    options.attempts = 1000; // with a wait of 9 s each
    auto reader = reader_of(origin, options);
    std::string got;
    std::thread reading([&] { got = read_at(*reader, 0, 10); });
    origin.wait_for_requests(1);
    reader->interrupt();
    reading.join();
    EXPECT_EQ(got, "<cancelled>");
    EXPECT_EQ(origin.requests().size(), 1u);
}

TEST(RangeReaderFaults, SurvivesInterruptionsAtAnyMoment)
{
    FaultyOrigin origin(noise(2'000'000));
    ReaderOptions options = hasty();
    options.block_size_bytes = 4096;
    options.cache_size_bytes = 4096;
    auto reader = reader_of(origin, options);
    std::atomic<bool> done = false;
    std::thread interrupting([&] {
        for (unsigned i = 0; !done; ++i) { // the waits are no synchronisation, they only spread the moments
            std::this_thread::sleep_for(std::chrono::microseconds(i * 37 % 900));
            reader->interrupt();
            reader->resume();
        }
    });
    unsigned whole = 0;
    unsigned interrupted = 0;
    for (std::size_t i = 0; whole < 300 || interrupted < 300; ++i) {
        std::size_t offset = i * 7919 % 1'900'000;
        std::string got = read_at(*reader, offset, 5000);
        bool was_interrupted = got == "<cancelled>";
        ++(was_interrupted ? interrupted : whole);
        EXPECT_TRUE(was_interrupted || same(got, origin.bytes().substr(offset, 5000)));
    }
    done = true;
    interrupting.join();
}
