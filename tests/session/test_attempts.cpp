// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/session/attempts.h"

using namespace butaca;
using session::Attempts;
using std::chrono::seconds;

namespace {

class AttemptsTest : public testing::Test {
protected:
    Attempts attempts(unsigned free = 3, std::size_t keys_most = 10)
    {
        return Attempts({free, seconds(1), seconds(60), keys_most}, [this] { return now; });
    }
    // Seconds to wait; 0 when it was allowed.
    static unsigned wait(Attempts &of, const std::string &key)
    {
        auto begun = of.begin(key);
        if (begun)
            return 0;
        EXPECT_EQ(begun.error().code, ErrorCode::limited);
        return begun.error().retry_after_s;
    }

    std::chrono::steady_clock::time_point now{seconds(1000)};
};

} // namespace

TEST_F(AttemptsTest, AreFreeAtFirstThenWaitTwiceAsLongEachTime)
{
    Attempts all = attempts();
    for (int i = 0; i < 3; i++)
        EXPECT_EQ(wait(all, "ana"), 0U);
    for (unsigned expected : {1U, 2U, 4U, 8U, 16U, 32U, 60U, 60U}) {
        EXPECT_EQ(wait(all, "ana"), expected);
        now += seconds(expected);
        EXPECT_EQ(wait(all, "ana"), 0U) << expected;
    }
    EXPECT_EQ(wait(all, "eve"), 0U) << "others do not wait";
}

TEST_F(AttemptsTest, ThatAreRefusedDoNotCount)
{
    Attempts all = attempts(1);
    EXPECT_EQ(wait(all, "ana"), 0U);
    for (int i = 0; i < 10; i++)
        EXPECT_EQ(wait(all, "ana"), 1U);
    now += seconds(1);
    EXPECT_EQ(wait(all, "ana"), 0U);
    EXPECT_EQ(wait(all, "ana"), 2U);
}

TEST_F(AttemptsTest, BeginAnewAfterASuccessAndAfterALongRest)
{
    Attempts all = attempts(1);
    EXPECT_EQ(wait(all, "ana"), 0U);
    EXPECT_EQ(wait(all, "ana"), 1U);
    all.succeeded("ana");
    all.succeeded("nobody");
    EXPECT_EQ(wait(all, "ana"), 0U);
    now += seconds(61);
    EXPECT_EQ(wait(all, "ana"), 0U);
    EXPECT_EQ(wait(all, "ana"), 1U);
}

TEST_F(AttemptsTest, ThatAreForgivenLeaveTheOthers)
{
    Attempts all = attempts(2);
    for (int i = 0; i < 10; i++) {
        EXPECT_EQ(wait(all, "house"), 0U);
        all.forgive("house");
    }
    EXPECT_EQ(wait(all, "house"), 0U);
    EXPECT_EQ(wait(all, "house"), 0U);
    EXPECT_EQ(wait(all, "house"), 1U);
    all.forgive("nobody");
}

TEST_F(AttemptsTest, AreRememberedOfSoManyOnly)
{
    Attempts all = attempts(1, 2);
    EXPECT_EQ(wait(all, "first"), 0U);
    EXPECT_EQ(wait(all, "second"), 0U);
    EXPECT_EQ(wait(all, "third"), 0U);
    EXPECT_EQ(wait(all, "third"), 1U);
    EXPECT_EQ(wait(all, "second"), 1U);
    EXPECT_EQ(wait(all, "first"), 0U) << "it was forgotten";
}

TEST(ClientOf, TakesAHouseholdForOne)
{
    EXPECT_EQ(session::client_of("192.0.2.7"), "192.0.2.7");
    EXPECT_EQ(session::client_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    EXPECT_EQ(session::client_of("2001:db8:1:2:ffff::1"), "2001:db8:1:2::/64");
    EXPECT_EQ(session::client_of("?"), "?");
}
