// SPDX-License-Identifier: LGPL-2.1-or-later
// The database as the main loop sees it: work goes to a pool of threads with one connection each, its result
// comes back on the loop.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "src/base/executor.h"
#include "src/base/result.h"
#include "store/pg/connection.h"

namespace butaca::pg {

// Connections of one DSN, made when first needed, kept, replaced when the server went away. Thread-safe.
class Connections {
public:
    // The clock is given so that tests need not wait.
    using Clock = std::function<std::chrono::steady_clock::time_point()>;
    Connections(std::string dsn, ConnectOptions options, Clock clock = std::chrono::steady_clock::now);
    ~Connections();
    Connections(const Connections &) = delete;
    Connections &operator=(const Connections &) = delete;

    // A connection that was usable a moment ago. Blocks while connecting. After a failure to connect, further
    // calls fail at once (`unavailable` with retry_after_s) for 100 ms, doubling up to 5 s.
    Result<Connection> take();
    // Keeps the connection for the next one, unless it broke or a transaction was left open on it.
    void give_back(Connection connection);

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Owner: the loop; call() is called there. Destroying it waits for work under way.
class Database {
public:
    // Connects with the first call. `threads` is also the number of connections. Beyond `queue_limit` waiting
    // calls, call() refuses.
    Database(std::string dsn, unsigned threads, std::size_t queue_limit = 1000, ConnectOptions options = {});

    // `work` runs on a pool thread with a connection of its own, outside any transaction; `done` gets what it
    // returned on the loop, or `unavailable` when there is no connection. The returned Status is
    // `unavailable` when the queue is full: `done` is never called then.
    template <typename T>
    Status call(std::function<Result<T>(Connection &)> work, std::function<void(Result<T>)> done)
    {
        return executor_.call<Result<T>>(
            [this, work = std::move(work)]() -> Result<T> {
                auto connection = connections_.take();
                if (!connection)
                    return fail(std::move(connection).error());
                auto result = work(*connection);
                connections_.give_back(std::move(*connection));
                return result;
            },
            std::move(done));
    }

private:
    Connections connections_;
    Executor executor_; // last: its threads use the connections, so it goes first
};

} // namespace butaca::pg
