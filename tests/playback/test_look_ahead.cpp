// SPDX-License-Identifier: LGPL-2.1-or-later
// What comes next is made before it is asked for, and never at a viewer's cost.
#include <algorithm>

#include "src/playback/look_ahead.h"
#include "tests/playback/engine_bench.h"

namespace butaca::playback::test {

namespace {

using Numbers = std::vector<std::int64_t>;
using Strings = std::vector<std::string>;

TEST(LookAhead, WantsTheSegmentsAfterTheLastOne)
{
    LookAhead ahead(3);
    EXPECT_EQ(ahead.asked("v", "r", 0, 100).wanted, (Numbers{1, 2, 3}));
    EXPECT_EQ(ahead.asked("v", "r", 98, 100).wanted, (Numbers{99}));
    EXPECT_EQ(ahead.asked("v", "r", 99, 100).wanted, Numbers{});
}

TEST(LookAhead, TakesABurstForOnePlaceMovingOn)
{
    LookAhead ahead(3);
    Numbers dropped;
    for (std::int64_t number : {0, 1, 3, 2, 4, 5, 6}) {
        auto advice = ahead.asked("v", "r", number, 100);
        dropped.insert(dropped.end(), advice.dropped.begin(), advice.dropped.end());
        EXPECT_EQ(advice.wanted.size(), 3U);
    }
    // Only what was asked for itself, or lies behind.
    EXPECT_TRUE(std::all_of(dropped.begin(), dropped.end(), [](auto number) { return number <= 6; }));
    EXPECT_EQ(ahead.asked("v", "r", 7, 100).wanted, (Numbers{8, 9, 10}));
}

TEST(LookAhead, DropsTheOldPlaceAtAJump)
{
    LookAhead ahead(3);
    ahead.asked("v", "r", 0, 100);
    auto jump = ahead.asked("v", "r", 50, 100);
    EXPECT_EQ(jump.dropped, (Numbers{1, 2, 3}));
    EXPECT_EQ(jump.wanted, (Numbers{51, 52, 53}));
    EXPECT_EQ(ahead.asked("v", "r", 10, 100).dropped, (Numbers{51, 52, 53}));
    EXPECT_TRUE(ahead.asked("other", "r", 80, 100).dropped.empty());
}

TEST(LookAhead, ForgetsViewersWhoLeft)
{
    auto now = std::chrono::steady_clock::now();
    LookAhead ahead(2, [&] { return now; });
    ahead.asked("v", "r", 0, 100);
    EXPECT_TRUE(ahead.forget_left().empty());
    now += std::chrono::seconds(31);
    auto left = ahead.forget_left();
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].dropped, (Numbers{1, 2}));
    EXPECT_TRUE(ahead.empty());
}

class LookAheadService : public EngineBench {
protected:
    LookAheadService() { settings.look_ahead_segments = 3; }
};

TEST_F(LookAheadService, MakesTheNextOnesAndServesThemFromMemory)
{
    start();
    auto film = source("film");
    Viewer first;
    first.ask(*service, film, 0, Priority::viewer, "anna");
    ASSERT_TRUE(turn_until([&] { return service->cached({"film", 3}) != nullptr; }) && settle());
    EXPECT_EQ(service->counters().look_ahead, 3U);
    Viewer second;
    second.ask(*service, film, 1, Priority::viewer, "anna");
    ASSERT_TRUE(turn_until([&] { return second.done && service->cached({"film", 4}); }) && settle());
    EXPECT_EQ(begun().size(), 5U);
}

TEST_F(LookAheadService, GoesOnForViewersServedFromTheCache)
{
    start();
    auto film = source("film");
    Viewer first;
    first.ask(*service, film, 0, Priority::viewer, "anna");
    ASSERT_TRUE(turn_until([&] { return service->cached({"film", 3}) != nullptr; }));
    service->follow(film, 1, "anna");
    ASSERT_TRUE(turn_until([&] { return service->cached({"film", 4}) != nullptr; }));
}

TEST_F(LookAheadService, StopsTheOldPlaceAtASeek)
{
    start();
    auto film = source("film");
    for (std::int64_t number : {1, 2, 3})
        film->scripts[number] = "log=" + folder.at("log") + ";gate=" + gate("never");
    Viewer first;
    first.ask(*service, film, 0, Priority::viewer, "anna");
    ASSERT_TRUE(turn_until([&] { return first.done && begun().size() == 2; }));
    Viewer seek;
    seek.ask(*service, film, 500, Priority::viewer, "anna");
    ASSERT_TRUE(turn_until([&] { return service->cached({"film", 503}) != nullptr; }) && settle());
    auto jobs = begun();
    EXPECT_EQ(std::count(jobs.begin(), jobs.end(), "film 2"), 0);
    EXPECT_EQ(service->counters().cancelled, 3U);
}

TEST_F(LookAheadService, ABurstOfRequestsStopsNothing)
{
    start();
    auto film = source("film");
    std::vector<Viewer> burst(8);
    for (std::size_t i = 0; i < burst.size(); ++i)
        burst[i].ask(*service, film, static_cast<std::int64_t>(i), Priority::viewer, "anna");
    for (Viewer &viewer : burst)
        ASSERT_TRUE(turn_until([&] { return viewer.done; }));
    ASSERT_TRUE(turn_until([&] { return service->cached({"film", 10}) != nullptr; }) && settle());
    EXPECT_EQ(begun().size(), 11U);
    EXPECT_EQ(service->counters().cancelled, 0U);
}

TEST_F(LookAheadService, GivesWayToAViewerAndIsMadeLater)
{
    settings.workers = 1;
    settings.look_ahead_segments = 1;
    start();
    auto film = source("film");
    film->scripts[1] = "log=" + folder.at("log") + ";gate=" + gate("go");
    Viewer first;
    first.ask(*service, film, 0, Priority::viewer, "anna");
    ASSERT_TRUE(turn_until([&] { return begun().size() == 2; }));
    Viewer other;
    other.ask(*service, source("other"), 0);
    ASSERT_TRUE(turn_until([&] { return other.done; }));
    open_gate("go");
    ASSERT_TRUE(turn_until([&] { return service->cached({"film", 1}) != nullptr; }));
    EXPECT_EQ(begun(), (Strings{"film 0", "film 1", "other 0", "film 1"}));
}

TEST_F(LookAheadService, IsNotStoppedForAViewerOnceAViewerWaitsForIt)
{
    settings.workers = 1;
    settings.look_ahead_segments = 1;
    start();
    auto film = source("film");
    film->scripts[1] = "log=" + folder.at("log") + ";gate=" + gate("go");
    Viewer first;
    first.ask(*service, film, 0, Priority::viewer, "anna");
    ASSERT_TRUE(turn_until([&] { return begun().size() == 2; }));
    Viewer second;
    second.ask(*service, film, 1, Priority::viewer, "anna");
    Viewer other;
    other.ask(*service, source("other"), 0);
    open_gate("go");
    ASSERT_TRUE(turn_until([&] { return other.done && second.done; }));
    EXPECT_EQ(service->counters().cancelled, 0U);
    EXPECT_EQ(begun()[2], "other 0");
}

TEST_F(LookAheadService, LeavesAWorkerToViewers)
{
    start();
    // Both workers are there once both work.
    auto warm = source("warm", "gate=" + gate("go"));
    Viewer one;
    Viewer two;
    one.ask(*service, warm, 0);
    two.ask(*service, warm, 1);
    ASSERT_TRUE(turn_until([&] { return begun().size() == 2; }));
    open_gate("go");
    ASSERT_TRUE(turn_until([&] { return one.done && two.done; }) && settle());
    auto film = source("film");
    for (std::int64_t number : {1, 2, 3})
        film->scripts[number] = "log=" + folder.at("log") + ";gate=" + gate("never");
    Viewer first;
    first.ask(*service, film, 0, Priority::viewer, "anna");
    ASSERT_TRUE(turn_until([&] { return first.done && begun().size() == 4; }));
    Viewer other;
    other.ask(*service, source("other"), 0);
    ASSERT_TRUE(turn_until([&] { return other.done; }));
    EXPECT_EQ(service->counters().cancelled, 0U);
}

} // namespace

} // namespace butaca::playback::test
