// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/pg/database.h"

#include <algorithm>
#include <mutex>
#include <vector>

#include "src/base/log.h"

namespace butaca::pg {

using std::chrono::milliseconds;

struct Connections::State {
    std::string dsn;
    ConnectOptions options;
    Clock clock;
    std::mutex mutex; // guards what follows
    std::vector<Connection> idle;
    milliseconds backoff{0};
    std::chrono::steady_clock::time_point next_attempt{};
};

Connections::Connections(std::string dsn, ConnectOptions options, Clock clock)
    : state_(std::make_unique<State>())
{
    state_->dsn = std::move(dsn);
    state_->options = options;
    state_->clock = std::move(clock);
}

Connections::~Connections() = default;

Result<Connection> Connections::take()
{
    {
        std::lock_guard lock(state_->mutex);
        while (!state_->idle.empty()) {
            Connection connection = std::move(state_->idle.back());
            state_->idle.pop_back();
            if (connection.usable())
                return connection;
        }
        if (const auto left = state_->next_attempt - state_->clock(); left > milliseconds(0))
            return fail(Error{ErrorCode::unavailable, "the database is not available",
                              "waiting before the next attempt to connect",
                              1 + static_cast<unsigned>(left / std::chrono::seconds(1))});
    }
    auto connection = Connection::connect(state_->dsn, state_->options);
    std::lock_guard lock(state_->mutex);
    if (connection) {
        if (state_->backoff > milliseconds(0))
            log::info("store.reconnected");
        state_->backoff = milliseconds(0);
        return connection;
    }
    state_->backoff = std::clamp(state_->backoff * 2, milliseconds(100), milliseconds(5000));
    state_->next_attempt = state_->clock() + state_->backoff;
    log::warn("store.connect_failed",
              {{"error", connection.error().detail}, {"retry_in_ms", state_->backoff.count()}});
    return connection;
}

void Connections::give_back(Connection connection)
{
    if (!connection.usable() || connection.in_transaction())
        return;
    std::lock_guard lock(state_->mutex);
    state_->idle.push_back(std::move(connection));
}

Database::Database(std::string dsn, unsigned threads, std::size_t queue_limit, ConnectOptions options)
    : connections_(std::move(dsn), options), executor_(threads, queue_limit)
{
}

} // namespace butaca::pg
