// SPDX-License-Identifier: LGPL-2.1-or-later
// What is made while workers have nothing better to do: never before what anybody waits for.
#include <algorithm>

#include "src/playback/thumbnails_ahead.h"
#include "tests/playback/engine_bench.h"

namespace butaca::playback::test {

namespace {

using Strings = std::vector<std::string>;

class IdleWork : public EngineBench {};

// Thumbnails of a film on a few sheets.
class FewSheets final : public JobSource {
public:
    explicit FewSheets(std::shared_ptr<const JobSource> script) : script_(std::move(script)) {}
    const std::string &rendition() const override { return script_->rendition(); }
    std::int64_t segments() const override { return 3; }
    std::chrono::nanoseconds duration(std::int64_t number) const override
    {
        return script_->duration(number);
    }
    std::string cost_class() const override { return "thumbnails"; }
    Result<pipelines::Job> job(std::int64_t number) const override { return script_->job(number); }
    void origin_result(bool delivered) const override { script_->origin_result(delivered); }

private:
    std::shared_ptr<const JobSource> script_;
};

TEST_F(IdleWork, ThumbnailsThatSomeoneWaitsForComeAfterAllElse)
{
    settings.workers = 1;
    start();
    Viewer blocker;
    blocker.ask(*service, source("blocker", "gate=" + gate("go")), 0);
    Viewer thumbnail;
    Viewer download;
    Viewer viewer;
    thumbnail.ask(*service, source("c"), 0, Priority::thumbnail);
    download.ask(*service, source("b"), 0, Priority::download);
    viewer.ask(*service, source("a"), 0);
    open_gate("go");
    ASSERT_TRUE(turn_until([&] { return thumbnail.done && download.done && viewer.done; }));
    EXPECT_EQ(begun(), (Strings{"blocker 0", "a 0", "b 0", "c 0"}));
    EXPECT_EQ(service->counters().sheets, 1U);
    EXPECT_EQ(service->counters().jobs, 3U);
}

TEST_F(IdleWork, LeavesTheOnlyWorkerAlone)
{
    settings.workers = 1;
    start();
    Viewer idle;
    Viewer viewer;
    idle.ask(*service, source("idle"), 0, Priority::idle);
    viewer.ask(*service, source("film"), 0);
    ASSERT_TRUE(turn_until([&] { return viewer.done; }));
    EXPECT_EQ(begun(), Strings{"film 0"});
    EXPECT_FALSE(idle.over());
}

TEST_F(IdleWork, IsStoppedForAViewerAndGoesOnWhenAllIsQuiet)
{
    settings.workers = 2;
    start();
    Viewer idle;
    Viewer second;
    idle.ask(*service, source("idle", "gate=" + gate("later")), 0, Priority::idle);
    second.ask(*service, source("second"), 0, Priority::idle);
    ASSERT_TRUE(turn_until([&] { return begun().size() == 1; }));
    Viewer one;
    Viewer other;
    one.ask(*service, source("one", "gate=" + gate("go")), 0);
    other.ask(*service, source("other"), 0);
    // With both workers taken only the one for nobody can be stopped.
    ASSERT_TRUE(turn_until([&] { return other.done; }));
    // Two workers write down what they begin, in whatever order.
    ASSERT_TRUE(turn_until([&] { return begun().size() == 3; }));
    auto in_order = begun();
    std::sort(in_order.begin(), in_order.end());
    EXPECT_EQ(in_order, (Strings{"idle 0", "one 0", "other 0"}));
    EXPECT_EQ(service->counters().cancelled, 1U);
    open_gate("later");
    open_gate("go");
    ASSERT_TRUE(turn_until([&] { return idle.done && second.done && one.done; }));
    // Begun twice, made once.
    EXPECT_EQ(service->counters().made, 4U);
}

TEST_F(IdleWork, IsStoppedForADownloadToo)
{
    settings.workers = 2;
    start();
    Viewer idle;
    idle.ask(*service, source("idle", "gate=" + gate("later")), 0, Priority::idle);
    ASSERT_TRUE(turn_until([&] { return begun().size() == 1; }));
    Viewer one;
    Viewer other;
    one.ask(*service, source("one", "gate=" + gate("go")), 0, Priority::download);
    other.ask(*service, source("other"), 0, Priority::download);
    ASSERT_TRUE(turn_until([&] { return other.done; }));
    EXPECT_FALSE(idle.over());
    open_gate("later");
    open_gate("go");
    ASSERT_TRUE(turn_until([&] { return idle.done; }));
}

TEST_F(IdleWork, MakesEverySheetOfATitleOneAfterAnother)
{
    settings.workers = 2;
    start();
    ThumbnailsAhead ahead(*service);
    ahead.want(std::make_shared<FewSheets>(source("sheets")));
    ahead.want(std::make_shared<FewSheets>(source("sheets")));
    ahead.want(std::make_shared<FewSheets>(source("others")));
    ASSERT_TRUE(turn_until([&] { return service->counters().sheets == 6; }) && settle());
    EXPECT_EQ(begun(), (Strings{"sheets 0", "sheets 1", "sheets 2", "others 0", "others 1", "others 2"}));
}

} // namespace

} // namespace butaca::playback::test
