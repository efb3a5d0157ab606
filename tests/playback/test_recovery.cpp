// SPDX-License-Identifier: LGPL-2.1-or-later
// Workers that crash, hang, lie or do not start: the viewer does not notice, or is told in plain words.
#include <csignal>

#include "tests/playback/engine_bench.h"

namespace butaca::playback::test {

namespace {

using Strings = std::vector<std::string>;

class Recovery : public EngineBench {
protected:
    // Asks for a segment whose worker misbehaves once, and expects the whole bytes all the same.
    void expect_whole_after(const std::string &trouble)
    {
        start();
        auto film = source("film", "bytes=100000;chunk=30000;once=" + folder.at("once") + ";" + trouble);
        Viewer viewer;
        viewer.ask(*service, film, 3);
        ASSERT_TRUE(turn_until([&] { return viewer.over(); }));
        EXPECT_TRUE(viewer.done);
        EXPECT_TRUE(viewer.bytes == segment_bytes("film", 3, 100000));
        EXPECT_EQ(service->counters().retried, 1U);
        EXPECT_EQ(service->counters().worker_deaths, 1U);
        EXPECT_EQ(begun().size(), 2U);
        EXPECT_NE(workers_of_jobs()[0], workers_of_jobs()[1]);
        EXPECT_TRUE(settle()) << "the dead worker was not replaced";
    }
};

TEST_F(Recovery, ACrashAtTheStartIsNotNoticed) { expect_whole_after("crash_at=0"); }
TEST_F(Recovery, ACrashInTheMiddleIsNotNoticed) { expect_whole_after("crash_at=2"); }
TEST_F(Recovery, AnExitInTheMiddleIsNotNoticed) { expect_whole_after("exit_at=2"); }
TEST_F(Recovery, ACrashBeforeTheEndIsNotNoticed) { expect_whole_after("crash_at=4"); }
TEST_F(Recovery, GarbageInTheMiddleIsNotNoticed) { expect_whole_after("garbage_at=2"); }

TEST_F(Recovery, AHangIsEndedByTheWatchdogAndNotNoticed)
{
    settings.watchdog = std::chrono::milliseconds(1000);
    expect_whole_after("hang_at=2");
}

TEST_F(Recovery, AKilledWorkerIsReplacedInMidSegment)
{
    start();
    auto film = source("film", "bytes=100000;chunk=30000;gate_at=2;gate=" + gate("go"));
    Viewer viewer;
    viewer.ask(*service, film, 0);
    ASSERT_TRUE(turn_until([&] { return viewer.chunks == 2; }));
    ::kill(workers_of_jobs()[0], SIGKILL);
    open_gate("go");
    ASSERT_TRUE(turn_until([&] { return viewer.over(); }));
    EXPECT_TRUE(viewer.bytes == segment_bytes("film", 0, 100000));
    EXPECT_EQ(viewer.chunks, 4U);
    EXPECT_TRUE(settle());
}

TEST_F(Recovery, WhatIsMadeForNobodyIsNotTriedAgain)
{
    settings.workers = 1;
    start();
    auto film = source("film", "gate=" + gate("never"));
    look_in(film);
    look_in(film);
    ::kill(workers_of_jobs()[1], SIGKILL);
    ASSERT_TRUE(turn_until([&] { return service->counters().worker_deaths == 1; }) && settle());
    EXPECT_EQ(begun().size(), 2U);
    EXPECT_EQ(service->counters().queued, 0U);
}

TEST_F(Recovery, AKilledIdleWorkerIsReplaced)
{
    settings.workers = 1;
    start();
    Viewer first;
    first.ask(*service, source("film"), 0);
    ASSERT_TRUE(turn_until([&] { return first.done; }) && settle());
    ::kill(workers_of_jobs()[0], SIGKILL);
    ASSERT_TRUE(turn_until([&] { return service->counters().worker_deaths == 1; }));
    Viewer second;
    second.ask(*service, source("film"), 1);
    ASSERT_TRUE(turn_until([&] { return second.over(); }));
    EXPECT_TRUE(second.done);
}

TEST_F(Recovery, ASegmentThatKillsTwoWorkersFailsAndIsNotTriedAgainAtOnce)
{
    start();
    auto film = source("film", "crash_at=1;bytes=90000");
    Viewer viewer;
    viewer.ask(*service, film, 0);
    ASSERT_TRUE(turn_until([&] { return viewer.over(); }));
    ASSERT_TRUE(viewer.error);
    EXPECT_EQ(viewer.error->code, ErrorCode::internal);
    EXPECT_EQ(viewer.error->message, "this part of the title could not be made");
    EXPECT_EQ(begun().size(), 2U);
    Viewer again;
    again.ask(*service, film, 0);
    ASSERT_TRUE(turn_until([&] { return again.over(); }));
    EXPECT_EQ(begun().size(), 2U);
    Viewer other; // the rest of the film is fine
    film->scripts[1] = "bytes=5";
    other.ask(*service, film, 1);
    ASSERT_TRUE(turn_until([&] { return other.done; }));
}

TEST_F(Recovery, ASecondAttemptThatMakesOtherBytesFails)
{
    start();
    auto film = source("film", "impure;bytes=100000;chunk=30000;crash_at=2;once=" + folder.at("once"));
    Viewer viewer;
    viewer.ask(*service, film, 0);
    ASSERT_TRUE(turn_until([&] { return viewer.over(); }));
    ASSERT_TRUE(viewer.error);
    EXPECT_EQ(viewer.error->code, ErrorCode::internal);
    EXPECT_EQ(viewer.bytes.size(), 60000U);
    EXPECT_EQ(service->cached({"film", 0}), nullptr);
}

TEST_F(Recovery, AWorkerThatIgnoresACancellationIsKilled)
{
    settings.workers = 1;
    start();
    Viewer viewer;
    viewer.ask(*service, source("film", "deaf;gate=" + gate("never")), 0);
    ASSERT_TRUE(turn_until([&] { return begun().size() == 1; }));
    viewer.leave();
    Viewer other;
    other.ask(*service, source("other"), 0);
    ASSERT_TRUE(turn_until([&] { return other.over(); }));
    EXPECT_TRUE(other.done);
    EXPECT_EQ(service->counters().worker_deaths, 1U);
    EXPECT_EQ(service->counters().retried, 0U);
}

TEST_F(Recovery, ViewersAreToldWhenNoWorkerStartsAnyMoreAndServedWhenOneDoes)
{
    ::setenv("SCRIPTED_WORKER_DIES", folder.at("dies").c_str(), 1);
    settings.workers = 1;
    start();
    Viewer first;
    first.ask(*service, source("film"), 0);
    ASSERT_TRUE(turn_until([&] { return first.done; }) && settle());
    open_gate("dies");
    ::kill(workers_of_jobs()[0], SIGKILL);
    Viewer waiting;
    ASSERT_TRUE(turn_until([&] { return service->counters().worker_deaths == 1; }));
    waiting.ask(*service, source("film"), 1);
    ASSERT_TRUE(turn_until([&] { return waiting.over(); }));
    EXPECT_EQ(waiting.error->code, ErrorCode::unavailable);
    EXPECT_GE(waiting.error->retry_after_s, 2U);
    std::filesystem::remove(folder.at("dies"));
    Viewer later;
    later.ask(*service, source("film"), 2);
    ASSERT_TRUE(turn_until([&] { return later.over(); }));
    while (later.error) { // as a player would
        later = {};
        later.ask(*service, source("film"), 2);
        ASSERT_TRUE(turn_until([&] { return later.over(); }));
    }
    EXPECT_TRUE(later.done);
    ::unsetenv("SCRIPTED_WORKER_DIES");
}

std::size_t count_entries(const std::string &path)
{
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(path), std::filesystem::directory_iterator()));
}

TEST_F(Recovery, NothingLeaksInFiveHundredJobsWithCrashes)
{
    start();
    ASSERT_TRUE(settle());
    // Once what was made before is written: a file that is being written has a descriptor, too.
    auto descriptors = count_entries("/proc/self/fd");
    for (int round = 0; round < 50; ++round) {
        auto film = source("film " + std::to_string(round), "bytes=2000");
        film->scripts[9] =
            "crash_at=0;once=" + folder.at("once " + std::to_string(round % 10)); // each of ten crashes once
        std::vector<Viewer> viewers(10);
        for (std::size_t i = 0; i < viewers.size(); ++i)
            viewers[i].ask(*service, film, static_cast<std::int64_t>(i));
        for (Viewer &viewer : viewers)
            ASSERT_TRUE(turn_until([&] { return viewer.done; }));
        ASSERT_TRUE(settle());
    }
    EXPECT_EQ(service->counters().jobs, 510U);
    EXPECT_EQ(worker_pids().size(), 2U);
    EXPECT_TRUE(turn_until([&] { return count_entries("/proc/self/fd") <= descriptors; }));
    service.reset();
    EXPECT_TRUE(worker_pids().empty());
}

} // namespace

} // namespace butaca::playback::test
