// SPDX-License-Identifier: LGPL-2.1-or-later
// One job for all who wait, in the right order, and none for nobody.
#include <csignal>

#include "tests/playback/engine_bench.h"

namespace butaca::playback::test {

namespace {

using std::string;
using Strings = std::vector<string>;

using SegmentServiceTest = EngineBench;

TEST_F(SegmentServiceTest, TellsTheEncodersThatItsWorkersHave)
{
    start();
    std::map<string, string, std::less<>> found;
    service->on_encoders([&](const auto &encoders) { found = encoders; });
    EXPECT_EQ(found["h264"], "scripted 1");
    EXPECT_EQ(found["aac"], "scripted 2");
}

TEST_F(SegmentServiceTest, IsUnavailableWithoutAWorkerProgram)
{
    settings.worker_path = folder.at("nothing-here");
    auto started = SegmentService::start(settings);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, ErrorCode::unavailable);
}

TEST_F(SegmentServiceTest, MakesOneJobForTwentyWhoWait)
{
    start();
    auto film = source("film", "bytes=300000");
    std::vector<Viewer> viewers(20);
    for (Viewer &viewer : viewers)
        viewer.ask(*service, film, 5);
    for (Viewer &viewer : viewers) {
        ASSERT_TRUE(turn_until([&] { return viewer.over(); }));
        EXPECT_TRUE(viewer.bytes == segment_bytes("film", 5, 300000));
        EXPECT_EQ(viewer.ends, 1U);
    }
    EXPECT_EQ(begun(), Strings{"film 5"});
    EXPECT_EQ(service->counters().jobs, 1U);
    EXPECT_EQ(service->counters().joined, 19U);
    EXPECT_EQ(service->counters().made, 1U);
    EXPECT_EQ(film->results, std::vector<bool>{true});
}

TEST_F(SegmentServiceTest, NeverCallsBackFromInsideGet)
{
    start();
    auto film = source("film");
    Viewer first;
    first.ask(*service, film, 1);
    ASSERT_TRUE(turn_until([&] { return first.done; }));
    Viewer again; // in memory
    again.ask(*service, film, 1);
    EXPECT_EQ(again.chunks, 0U);
    Viewer beyond; // refused
    beyond.ask(*service, film, 1000);
    EXPECT_EQ(beyond.ends, 0U);
    ASSERT_TRUE(turn_until([&] { return again.done && beyond.error; }));
    EXPECT_EQ(beyond.error->code, ErrorCode::not_found);
    EXPECT_EQ(again.bytes, first.bytes);
}

TEST_F(SegmentServiceTest, PassesChunksOnAsTheyAreBornAndLateComersGetAllFromTheBeginning)
{
    start();
    auto film = source("film", "bytes=100000;chunk=30000;gate_at=2;gate=" + gate("go"));
    Viewer early;
    early.ask(*service, film, 0);
    ASSERT_TRUE(turn_until([&] { return early.bytes.size() == 60000; }));
    EXPECT_FALSE(early.done);
    Viewer late;
    late.ask(*service, film, 0);
    ASSERT_TRUE(turn_until([&] { return late.bytes.size() == 60000; }));
    EXPECT_EQ(service->cached({"film", 0}), nullptr);
    open_gate("go");
    ASSERT_TRUE(turn_until([&] { return early.done && late.done; }));
    EXPECT_TRUE(early.bytes == segment_bytes("film", 0, 100000));
    EXPECT_TRUE(late.bytes == early.bytes);
    EXPECT_EQ(g_bytes_get_size(service->cached({"film", 0}).get()), 100000U);
    EXPECT_EQ(service->known_size({"film", 0}), 100000U);
}

TEST_F(SegmentServiceTest, CancelsAJobThatNobodyWaitsForAnyMore)
{
    settings.workers = 1;
    start();
    auto film = source("film", "gate=" + gate("never"));
    Viewer one;
    Viewer two;
    Viewer other;
    one.ask(*service, film, 0);
    two.ask(*service, film, 0);
    other.ask(*service, source("other"), 0);
    ASSERT_TRUE(turn_until([&] { return begun().size() == 1; }));
    one.leave();
    EXPECT_EQ(service->counters().cancelled, 0U);
    two.leave();
    EXPECT_EQ(service->counters().cancelled, 1U);
    ASSERT_TRUE(turn_until([&] { return other.done; }));
    EXPECT_EQ(one.ends + two.ends, 0U);
    EXPECT_EQ(service->counters().worker_deaths, 0U);
}

// Or visitors who look in and leave would keep the workers at the same segments for ever.
TEST_F(SegmentServiceTest, MakesToItsEndWhatWasGivenUpAndIsAskedForAgain)
{
    settings.workers = 1;
    start();
    auto film = source("film", "gate=" + gate("go"));
    look_in(film);
    look_in(film);
    EXPECT_EQ(service->counters().cancelled, 1U);
    open_gate("go");
    ASSERT_TRUE(turn_until([&] { return service->cached({"film", 0}) != nullptr; }));
    EXPECT_EQ(service->counters().made, 1U);
    EXPECT_EQ(begun(), (Strings{"film 0", "film 0"}));
}

TEST_F(SegmentServiceTest, TakesAJobOutOfTheQueueThatNobodyWaitsForAnyMore)
{
    settings.workers = 1;
    start();
    Viewer running;
    Viewer queued;
    running.ask(*service, source("film", "gate=" + gate("go")), 0);
    queued.ask(*service, source("other"), 0);
    queued.leave();
    open_gate("go");
    ASSERT_TRUE(turn_until([&] { return running.done; }) && settle());
    EXPECT_EQ(begun(), Strings{"film 0"});
}

TEST_F(SegmentServiceTest, ServesViewersBeforeLookAheadBeforeDownloads)
{
    settings.workers = 1;
    start();
    Viewer blocker;
    blocker.ask(*service, source("blocker", "gate=" + gate("go")), 0);
    Viewer download;
    Viewer ahead;
    Viewer viewer;
    download.ask(*service, source("c"), 0, Priority::download);
    ahead.ask(*service, source("b"), 0, Priority::look_ahead);
    viewer.ask(*service, source("a"), 0);
    open_gate("go");
    ASSERT_TRUE(turn_until([&] { return download.done && ahead.done && viewer.done; }));
    EXPECT_EQ(begun(), (Strings{"blocker 0", "a 0", "b 0", "c 0"}));
}

TEST_F(SegmentServiceTest, StopsADownloadForAViewerAndGoesOnWithItLater)
{
    settings.workers = 1;
    start();
    auto film = source("film", "bytes=90000;chunk=30000;gate_at=1;gate=" + gate("go"));
    Viewer download;
    download.ask(*service, film, 0, Priority::download);
    ASSERT_TRUE(turn_until([&] { return download.chunks == 1; }));
    Viewer viewer;
    viewer.ask(*service, source("other"), 0);
    ASSERT_TRUE(turn_until([&] { return viewer.done; }));
    EXPECT_FALSE(download.over());
    open_gate("go");
    ASSERT_TRUE(turn_until([&] { return download.done; }));
    EXPECT_TRUE(download.bytes == segment_bytes("film", 0, 90000));
    EXPECT_EQ(begun(), (Strings{"film 0", "other 0", "film 0"}));
    EXPECT_EQ(service->counters().retried, 0U);
}

TEST_F(SegmentServiceTest, GivesASegmentToTheWorkerThatMadeTheOneBefore)
{
    start();
    auto film = source("film", "gate=" + gate("go"));
    auto other = source("other", "gate=" + gate("go"));
    Viewer a;
    Viewer b;
    a.ask(*service, film, 7);
    b.ask(*service, other, 3);
    ASSERT_TRUE(turn_until([&] { return begun().size() == 2; }));
    open_gate("go");
    ASSERT_TRUE(turn_until([&] { return a.done && b.done; }) && settle());
    std::map<string, int> workers;
    for (std::size_t i = 0; i < 2; ++i)
        workers[begun()[i]] = workers_of_jobs()[i];
    Viewer c;
    c.ask(*service, other, 4);
    ASSERT_TRUE(turn_until([&] { return c.done; }) && settle());
    Viewer d;
    d.ask(*service, film, 8);
    ASSERT_TRUE(turn_until([&] { return d.done; }));
    EXPECT_EQ(workers_of_jobs()[2], workers["other 3"]);
    EXPECT_EQ(workers_of_jobs()[3], workers["film 7"]);
}

TEST_F(SegmentServiceTest, DoesNotWaitForTheWarmWorkerWhenAnotherIsIdle)
{
    start();
    auto film = source("film", "gate=" + gate("go"));
    Viewer first;
    Viewer second;
    first.ask(*service, film, 0);
    second.ask(*service, film, 1);
    ASSERT_TRUE(turn_until([&] { return begun().size() == 2; }));
    EXPECT_NE(workers_of_jobs()[0], workers_of_jobs()[1]);
    open_gate("go");
    ASSERT_TRUE(turn_until([&] { return first.done && second.done; }));
}

TEST_F(SegmentServiceTest, ServesTheInitSegmentThatComesWithAnyOther)
{
    settings.workers = 1;
    start();
    auto film = source("film", "init;gate=" + gate("go"));
    Viewer segment;
    Viewer init;
    segment.ask(*service, film, 4);
    init.ask(*service, film, init_segment);
    ASSERT_TRUE(turn_until([&] { return init.done; }));
    EXPECT_EQ(init.bytes, "init of film");
    EXPECT_FALSE(segment.done);
    open_gate("go");
    ASSERT_TRUE(turn_until([&] { return segment.done; }));
    EXPECT_EQ(begun(), Strings{"film 4"});
    EXPECT_EQ(service->known_size({"film", init_segment}), 12U);
}

TEST_F(SegmentServiceTest, MakesAnInitSegmentAlone)
{
    start();
    Viewer init;
    init.ask(*service, source("film"), init_segment);
    ASSERT_TRUE(turn_until([&] { return init.done; }) && settle());
    EXPECT_EQ(init.bytes, "init of film");
    EXPECT_EQ(begun(), Strings{"film init"});
}

TEST_F(SegmentServiceTest, RefusesWithATimeToRetryWhenTheQueueIsFull)
{
    settings.workers = 1;
    settings.queue_most = 2;
    start();
    auto film = source("film", "gate=" + gate("go"));
    std::vector<Viewer> viewers(4);
    for (std::size_t i = 0; i < viewers.size(); ++i)
        viewers[i].ask(*service, film, static_cast<std::int64_t>(i));
    ASSERT_TRUE(turn_until([&] { return viewers[3].over(); }));
    ASSERT_TRUE(viewers[3].error);
    EXPECT_EQ(viewers[3].error->code, ErrorCode::unavailable);
    EXPECT_GE(viewers[3].error->retry_after_s, 2U);
    open_gate("go");
    ASSERT_TRUE(turn_until([&] { return viewers[0].done && viewers[1].done && viewers[2].done; }));
}

TEST_F(SegmentServiceTest, TellsTheOriginsBreakerAndTheViewerWhatFailed)
{
    start();
    auto film = source("film", "error=unavailable");
    Viewer viewer;
    viewer.ask(*service, film, 0);
    ASSERT_TRUE(turn_until([&] { return viewer.over(); }));
    EXPECT_EQ(viewer.error->code, ErrorCode::unavailable);
    EXPECT_EQ(viewer.error->message, "it went wrong as told");
    EXPECT_EQ(film->results, std::vector<bool>{false});
    auto broken = source("broken", "error=unsupported");
    Viewer other;
    other.ask(*service, broken, 0);
    ASSERT_TRUE(turn_until([&] { return other.over(); }));
    EXPECT_EQ(other.error->code, ErrorCode::unsupported);
    EXPECT_EQ(broken->results, std::vector<bool>{true});
}

TEST_F(SegmentServiceTest, SaysWhenToRetryWhileTheOriginIsDown)
{
    start();
    auto film = source("film");
    film->origin_down = true;
    Viewer viewer;
    viewer.ask(*service, film, 0);
    ASSERT_TRUE(turn_until([&] { return viewer.over(); }));
    EXPECT_EQ(viewer.error->retry_after_s, 7U);
}

TEST_F(SegmentServiceTest, MayBeDestroyedFromAViewersCall)
{
    start();
    bool destroyed = false;
    SegmentSink sink;
    sink.chunk = [&](const auto &) {
        service.reset();
        destroyed = true;
    };
    sink.done = [] {};
    sink.failed = [](const Error &) {};
    auto waiter = service->get(source("film", "bytes=100000"), 0, Priority::viewer, "", std::move(sink));
    ASSERT_TRUE(turn_until([&] { return destroyed; }));
    waiter.reset();
}

TEST_F(SegmentServiceTest, FailsThoseWhoStillWaitWhenItEnds)
{
    start();
    Viewer viewer;
    viewer.ask(*service, source("film", "gate=" + gate("never")), 0);
    ASSERT_TRUE(turn_until([&] { return begun().size() == 1; }));
    int worker = workers_of_jobs()[0];
    service.reset();
    ASSERT_TRUE(turn_until([&] { return viewer.over(); }));
    EXPECT_EQ(viewer.error->code, ErrorCode::unavailable);
    EXPECT_NE(::kill(worker, 0), 0) << "a worker outlived the service";
}

} // namespace

} // namespace butaca::playback::test
