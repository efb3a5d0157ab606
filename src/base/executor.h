// SPDX-License-Identifier: LGPL-2.1-or-later
// A bounded pool of threads for what blocks (SQL, files): work runs there, its completion comes back on the
// loop.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "src/base/result.h"

namespace butaca {

// Owner: the loop, which is the thread-default main context of the thread that constructs it. run() is called
// on the loop; `work` runs on a pool thread; `done` runs on the loop. Both closures are destroyed on the loop
// too, so they may hold what belongs there.
class Executor {
public:
    // `queue_limit`: jobs that may wait; beyond it run() refuses, so a stuck dependency cannot grow memory.
    Executor(unsigned threads, std::size_t queue_limit);
    // Waits for work under way; work not begun is dropped. No `done` runs any more after this.
    ~Executor();
    Executor(const Executor &) = delete;
    Executor &operator=(const Executor &) = delete;

    // `unavailable` when `threads` + `queue_limit` jobs are not done yet. `done` may be empty.
    Status run(std::function<void()> work, std::function<void()> done);

    // The same with a value: `work` returns T on the pool thread, `done(T)` gets it on the loop.
    template <typename T> Status call(std::function<T()> work, std::function<void(T)> done)
    {
        auto slot = std::make_shared<std::unique_ptr<T>>();
        return run([slot, work = std::move(work)] { *slot = std::make_unique<T>(work()); },
                   [slot, done = std::move(done)] { done(std::move(**slot)); });
    }

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace butaca
