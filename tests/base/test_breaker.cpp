// SPDX-License-Identifier: LGPL-2.1-or-later
// The breaker's walk through its states, under a clock of the test's own.
#include <gtest/gtest.h>

#include "src/base/breaker.h"

using namespace butaca;
using namespace std::chrono_literals;
using State = Breaker::State;

namespace {

class BreakerOverTime : public testing::Test {
protected:
    std::chrono::steady_clock::time_point now_{};
    Breaker breaker_{{3, 1000ms, 3000ms}, [this] { return now_; }};

    void fail_until_open()
    {
        for (int i = 0; i < 3; ++i)
            breaker_.failed();
    }
};

} // namespace

TEST_F(BreakerOverTime, OpensOnlyAfterFailuresInARow)
{
    breaker_.failed();
    breaker_.failed();
    breaker_.succeeded();
    breaker_.failed();
    breaker_.failed();
    EXPECT_EQ(breaker_.state(), State::closed);
    EXPECT_TRUE(breaker_.allow());
    EXPECT_EQ(breaker_.retry_after(), 0ms);
    breaker_.failed();
    EXPECT_EQ(breaker_.state(), State::open);
    EXPECT_FALSE(breaker_.allow());
    EXPECT_EQ(breaker_.retry_after(), 1000ms);
}

TEST_F(BreakerOverTime, LetsExactlyOneProbeThrough)
{
    fail_until_open();
    now_ += 999ms;
    EXPECT_FALSE(breaker_.allow());
    EXPECT_EQ(breaker_.retry_after(), 1ms);
    now_ += 1ms;
    EXPECT_EQ(breaker_.retry_after(), 0ms);
    EXPECT_TRUE(breaker_.allow());
    EXPECT_EQ(breaker_.state(), State::half_open);
    EXPECT_FALSE(breaker_.allow());
    breaker_.succeeded();
    EXPECT_EQ(breaker_.state(), State::closed);
    EXPECT_TRUE(breaker_.allow());
}

TEST_F(BreakerOverTime, CoolsLongerAfterEachFailedProbeUpToTheMost)
{
    fail_until_open();
    for (auto cooling : {1000ms, 2000ms, 3000ms, 3000ms}) {
        EXPECT_EQ(breaker_.retry_after(), cooling);
        now_ += cooling;
        ASSERT_TRUE(breaker_.allow());
        breaker_.failed();
        EXPECT_EQ(breaker_.state(), State::open);
    }
    now_ += 3000ms;
    ASSERT_TRUE(breaker_.allow());
    breaker_.succeeded();
    fail_until_open();
    EXPECT_EQ(breaker_.retry_after(), 1000ms);
}

TEST_F(BreakerOverTime, IgnoresLateReportsWhileOpen)
{
    fail_until_open();
    now_ += 500ms;
    breaker_.failed();
    breaker_.succeeded();
    EXPECT_EQ(breaker_.state(), State::open);
    EXPECT_EQ(breaker_.retry_after(), 500ms);
}
