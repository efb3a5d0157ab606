// SPDX-License-Identifier: LGPL-2.1-or-later
// Threads and a queue. Jobs travel back to the loop whole, for their closures may hold objects of the loop.
#include "src/base/executor.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "src/base/gobject.h"
#include "src/base/loop.h"

namespace butaca {

namespace {

struct Job {
    std::function<void()> work;
    std::function<void()> done;
};

} // namespace

struct Executor::State {
    Owned<GMainContext> context;
    std::vector<std::thread> threads;
    std::size_t jobs_most = 0;

    std::size_t jobs = 0; // not done yet; only touched on the loop
    bool closed = false;  // as well

    std::mutex mutex; // guards what follows
    std::condition_variable wake;
    std::deque<std::shared_ptr<Job>> queue;
    bool stopping = false;

    static void serve(const std::shared_ptr<State> &state);
};

// One thread's life.
void Executor::State::serve(const std::shared_ptr<State> &state)
{
    for (;;) {
        std::shared_ptr<Job> job;
        {
            std::unique_lock lock(state->mutex);
            state->wake.wait(lock, [&] { return state->stopping || !state->queue.empty(); });
            if (state->stopping)
                return;
            job = std::move(state->queue.front());
            state->queue.pop_front();
        }
        job->work();
        // Moved, so that this thread never holds the last reference to the job's closures.
        post(
            [state, job = std::move(job)] {
                --state->jobs;
                if (!state->closed && job->done)
                    job->done();
            },
            state->context.get());
    }
}

Executor::Executor(unsigned threads, std::size_t queue_limit) : state_(std::make_shared<State>())
{
    state_->context = adopt(g_main_context_ref_thread_default());
    state_->jobs_most = threads + queue_limit;
    for (unsigned i = 0; i < threads; ++i)
        state_->threads.emplace_back([state = state_] { State::serve(state); });
}

Executor::~Executor()
{
    state_->closed = true;
    std::deque<std::shared_ptr<Job>> dropped;
    {
        std::lock_guard lock(state_->mutex);
        state_->stopping = true;
        dropped.swap(state_->queue);
    }
    state_->wake.notify_all();
    for (std::thread &thread : state_->threads)
        thread.join();
}

Status Executor::run(std::function<void()> work, std::function<void()> done)
{
    if (state_->jobs >= state_->jobs_most)
        return fail(ErrorCode::unavailable, "too much work is waiting already");
    ++state_->jobs;
    auto job = std::make_shared<Job>(Job{std::move(work), std::move(done)});
    {
        std::lock_guard lock(state_->mutex);
        state_->queue.push_back(std::move(job));
    }
    state_->wake.notify_one();
    return {};
}

} // namespace butaca
