// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/playback/admission.h"

namespace butaca::playback {

namespace {

using namespace std::chrono_literals;

class AdmissionTest : public ::testing::Test {
protected:
    std::chrono::steady_clock::time_point now{1000s};
    Admission admission{2, [this] { return now; }};
};

TEST_F(AdmissionTest, LearnsWhatAClassCosts)
{
    double guess = admission.cost("x");
    EXPECT_GT(guess, 0);
    admission.learn("x", 1s, 2s);
    EXPECT_DOUBLE_EQ(admission.cost("x"), 0.5);
    admission.learn("x", 3s, 2s);
    EXPECT_DOUBLE_EQ(admission.cost("x"), 0.7);
}

TEST_F(AdmissionTest, IsNotMisledByAPieceOfOneFrame)
{
    admission.learn("x", 1s, 2s);
    admission.learn("x", 500ms, 3ms);
    EXPECT_LT(admission.cost("x"), 0.7);
    admission.learn("y", 500ms, 3ms);
    EXPECT_LT(admission.cost("y"), 1);
}

TEST_F(AdmissionTest, AMachineAtRestTakesWhatLooksTooMuch)
{
    admission.learn("x", 30s, 10s); // one damaged film could have cost that
    EXPECT_TRUE(admission.admit("a", "x"));
    admission.worked("b", "y");
    EXPECT_FALSE(admission.admit("a", "x"));
    now += 15s;
    EXPECT_TRUE(admission.admit("a", "x"));
}

TEST_F(AdmissionTest, AdmitsUntilTheProcessorsAreTaken)
{
    admission.learn("x", 8s, 10s); // 0.8 of a processor each
    EXPECT_TRUE(admission.admit("a", "x"));
    admission.worked("a", "x");
    EXPECT_TRUE(admission.admit("b", "x"));
    admission.worked("b", "x");
    EXPECT_FALSE(admission.admit("c", "x"));
    EXPECT_TRUE(admission.admit("a", "x")) << "viewers of one rendition share its cost";
    EXPECT_DOUBLE_EQ(admission.demand(), 1.6);
}

TEST_F(AdmissionTest, SaysWhenTheOldestActivityLapses)
{
    admission.learn("x", 8s, 10s);
    admission.worked("a", "x");
    now += 5s;
    admission.worked("b", "x");
    auto refused = admission.admit("c", "x");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_EQ(refused.error().retry_after_s, 10U);
    now += 9s;
    EXPECT_EQ(admission.admit("c", "x").error().retry_after_s, 2U);
    now += 1s;
    EXPECT_TRUE(admission.admit("c", "x"));
}

TEST_F(AdmissionTest, KeepsItsTable)
{
    admission.learn("x", 1s, 2s);
    Admission other(2);
    other.restore(admission.to_json());
    EXPECT_DOUBLE_EQ(other.cost("x"), 0.5);
    for (const char *bad : {"", "[]", "{\"x\": -1}", "{\"x\": \"1\"}", "{\"x\": 1e300}", "{"})
        other.restore(bad);
    EXPECT_DOUBLE_EQ(other.cost("x"), 0.5);
}

} // namespace

} // namespace butaca::playback
