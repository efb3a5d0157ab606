// SPDX-License-Identifier: LGPL-2.1-or-later
// Where work runs, where it ends, and what happens when there is too much or the owner goes.
#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "src/base/executor.h"
#include "src/base/gobject.h"

using namespace butaca;

namespace {

template <typename Condition> void run_until(Condition &&met)
{
    while (!met())
        g_main_context_iteration(nullptr, TRUE);
}

// Tells which thread its last copy went on.
struct Witness {
    explicit Witness(std::thread::id &thread) : ended_on(&thread) {}
    Witness(const Witness &) = delete;
    Witness &operator=(const Witness &) = delete;
    std::thread::id *ended_on;
    ~Witness() { *ended_on = std::this_thread::get_id(); }
};

} // namespace

TEST(Executor, WorksElsewhereAndIsDoneHere)
{
    Executor executor(2, 10);
    std::thread::id worked_on, done_on, work_ended_on;
    {
        auto witness = std::make_shared<Witness>(work_ended_on);
        ASSERT_TRUE(executor.run([&, witness] { worked_on = std::this_thread::get_id(); },
                                 [&] { done_on = std::this_thread::get_id(); }));
    }
    run_until([&] { return work_ended_on != std::thread::id(); });
    EXPECT_NE(worked_on, std::this_thread::get_id());
    EXPECT_EQ(done_on, std::this_thread::get_id());
    EXPECT_EQ(work_ended_on, std::this_thread::get_id());
}

TEST(Executor, BringsValuesBackEvenOfTypesThatOnlyMove)
{
    Executor executor(1, 10);
    std::unique_ptr<std::string> seen;
    ASSERT_TRUE(executor.call<std::unique_ptr<std::string>>(
        [] { return std::make_unique<std::string>("found"); },
        [&](std::unique_ptr<std::string> value) { seen = std::move(value); }));
    run_until([&] { return seen != nullptr; });
    EXPECT_EQ(*seen, "found");
}

TEST(Executor, RefusesWhenTheQueueIsFullAndRecovers)
{
    Executor executor(1, 2);
    std::promise<void> gate;
    auto open = gate.get_future().share();
    int done = 0;
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(executor.run([open] { open.wait(); }, [&] { ++done; }));
    auto refused = executor.run([] {}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    gate.set_value();
    run_until([&] { return done == 3; });
    EXPECT_TRUE(executor.run([] {}, {}));
}

TEST(Executor, WaitsForWorkUnderWayAndDropsTheRestWhenItGoes)
{
    std::promise<void> begun;
    std::atomic<bool> finished = false;
    bool done = false;
    {
        Executor executor(1, 2);
        ASSERT_TRUE(executor.run(
            [&] {
                begun.set_value();
                for (int i = 0; i < 1000; ++i)
                    std::this_thread::yield();
                finished = true;
            },
            [&] { done = true; }));
        begun.get_future().wait();
        ASSERT_TRUE(executor.run([] {}, [&] { done = true; }));
    }
    EXPECT_TRUE(finished);
    while (g_main_context_iteration(nullptr, FALSE)) {
    }
    EXPECT_FALSE(done);
}

TEST(Executor, MayGoInItsOwnCompletion)
{
    auto executor = std::make_unique<Executor>(2, 2);
    ASSERT_TRUE(executor->run([] {}, [&] { executor.reset(); }));
    run_until([&] { return !executor; });
}
