// SPDX-License-Identifier: LGPL-2.1-or-later
// When a read is tried again, and after which wait.
#include <gtest/gtest.h>

#include "plugins/source/retry.h"

using namespace butaca;
using namespace butaca::source;

namespace {

Error error(ErrorCode code, unsigned retry_after_s = 0) { return {code, "", "", retry_after_s}; }
const Error down = error(ErrorCode::unavailable);

} // namespace

TEST(Retry, GivesUpAfterItsAttempts)
{
    Retry retry(3, 10, 1);
    EXPECT_TRUE(retry.failed(down));
    EXPECT_TRUE(retry.failed(error(ErrorCode::timeout)));
    EXPECT_FALSE(retry.failed(down));
}

TEST(Retry, DoublesItsWaitWithJitterUpToALimit)
{
    Retry retry(100, 100, 1);
    for (unsigned expected : {100u, 200u, 400u, 800u, 1600u, 3200u, 5000u, 5000u}) {
        unsigned wait_ms = *retry.failed(down);
        EXPECT_GE(wait_ms, expected / 2);
        EXPECT_LE(wait_ms, expected);
    }
}

TEST(Retry, TriesTheOtherReplicasBeforeItWaits)
{
    Retry retry(100, 100, 3);
    EXPECT_EQ(retry.failed(down), 0u);
    EXPECT_EQ(retry.failed(down), 0u);
    EXPECT_GE(*retry.failed(down), 50u);
    EXPECT_EQ(retry.failed(down), 0u);
}

TEST(Retry, RespectsRetryAfterWithinLimits)
{
    Retry retry(100, 1, 1);
    EXPECT_EQ(retry.failed(error(ErrorCode::unavailable, 2)), 2000u);
    EXPECT_EQ(retry.failed(error(ErrorCode::unavailable, 3600)), 10000u);
}

TEST(Retry, NeverRepeatsWhatCannotChange)
{
    for (ErrorCode code : {ErrorCode::unauthenticated, ErrorCode::forbidden, ErrorCode::not_found,
                           ErrorCode::conflict, ErrorCode::cancelled, ErrorCode::unprocessable})
        EXPECT_FALSE(Retry(100, 1, 3).failed(error(code))) << to_string(code);
}

TEST(Retry, AsksEachReplicaOnceWhenTheyBreakTheProtocol)
{
    Retry retry(100, 1, 3);
    EXPECT_TRUE(retry.failed(error(ErrorCode::unsupported)));
    EXPECT_TRUE(retry.failed(error(ErrorCode::unsupported)));
    EXPECT_FALSE(retry.failed(error(ErrorCode::unsupported)));
}

TEST(Retry, StartsAnewOnceBytesCame)
{
    Retry retry(2, 1, 1);
    for (int i = 0; i < 50; ++i) {
        EXPECT_TRUE(retry.failed(down));
        retry.progressed();
    }
    EXPECT_TRUE(retry.failed(down));
    EXPECT_FALSE(retry.failed(down));
}
