// SPDX-License-Identifier: LGPL-2.1-or-later
// Timers, watches and posts on a real main context, and above all what happens inside their own calls.
#include <array>
#include <csignal>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "src/base/loop.h"

using namespace butaca;
using namespace std::chrono_literals;

namespace {

template <typename Condition> void run_until(Condition &&met)
{
    while (!met())
        g_main_context_iteration(g_main_context_get_thread_default(), TRUE);
}

} // namespace

TEST(Post, KeepsTheOrderFromAnotherThread)
{
    std::vector<int> seen;
    std::thread other([&] {
        for (int i = 0; i < 100; ++i)
            post([&seen, i] { seen.push_back(i); });
    });
    run_until([&] { return seen.size() == 100; });
    other.join();
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
}

TEST(Timer, FiresOnceAndThenNoMore)
{
    int calls = 0;
    Timer timer;
    timer.once(0ms, [&] { calls++; });
    EXPECT_TRUE(timer.running());
    run_until([&] { return calls == 1; });
    EXPECT_FALSE(timer.running());
    EXPECT_FALSE(g_main_context_pending(nullptr));
}

TEST(Timer, RepeatsUntilStoppedInItsOwnCall)
{
    int calls = 0;
    Timer timer;
    timer.every(1ms, [&] {
        if (++calls == 3)
            timer.stop();
    });
    run_until([&] { return !timer.running(); });
    EXPECT_EQ(calls, 3);
}

TEST(Timer, MayBeRestartedInItsOwnCall)
{
    std::vector<int> seen;
    Timer timer;
    timer.once(0ms, [&] {
        auto kept = std::make_unique<int>(7); // the closure must outlive the restart
        timer.once(0ms, [&] { seen.push_back(2); });
        seen.push_back(*kept - 6);
    });
    run_until([&] { return seen.size() == 2; });
    EXPECT_EQ(seen, (std::vector<int>{1, 2}));
    EXPECT_FALSE(timer.running());
}

TEST(Timer, MayBeDestroyedInItsOwnCall)
{
    for (bool repeat : {false, true}) {
        bool called = false;
        auto timer = std::make_unique<Timer>();
        auto text = std::make_shared<std::string>("still here");
        auto work = [&timer, &called, text] {
            timer.reset();
            called = text->size() == 10;
        };
        if (repeat)
            timer->every(0ms, work);
        else
            timer->once(0ms, work);
        run_until([&] { return !timer; });
        EXPECT_TRUE(called);
        EXPECT_EQ(text.use_count(), 2); // ours and `work`: the timer's copy is gone
    }
}

TEST(Timer, BelongsToTheThreadDefaultContext)
{
    auto context = adopt(g_main_context_new());
    g_main_context_push_thread_default(context.get());
    bool called = false;
    {
        Timer timer;
        timer.once(0ms, [&] { called = true; });
        EXPECT_FALSE(g_main_context_pending(nullptr));
        run_until([&] { return called; });
    }
    g_main_context_pop_thread_default(context.get());
    EXPECT_TRUE(called);
}

TEST(FdWatch, SeesBytesAndMayStopItself)
{
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    Fd reader(ends[0]);
    Fd writer(ends[1]);
    int calls = 0;
    std::optional<FdWatch> watch(std::in_place);
    watch->start(reader.get(), G_IO_IN, [&](GIOCondition condition) {
        EXPECT_TRUE(condition & G_IO_IN);
        calls++;
        watch.reset();
    });
    ASSERT_EQ(::write(writer.get(), "x", 1), 1);
    run_until([&] { return calls > 0; });
    EXPECT_FALSE(g_main_context_pending(nullptr));
    EXPECT_EQ(calls, 1);
}

TEST(SignalWatch, BringsTheSignalToTheLoop)
{
    int calls = 0;
    SignalWatch watch(SIGHUP, [&] { calls++; });
    ::raise(SIGHUP);
    run_until([&] { return calls == 1; });
}

TEST(Fd, ClosesWhatItOwnsOnce)
{
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    Fd writer(ends[1]);
    {
        Fd first(ends[0]);
        Fd second(std::move(first));
        EXPECT_FALSE(first); // NOLINT(bugprone-use-after-move): that is what is tested
        EXPECT_EQ(second.get(), ends[0]);
    }
    std::signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(::write(writer.get(), "x", 1), -1); // the reading end is closed
}
