// SPDX-License-Identifier: LGPL-2.1-or-later
// What all connections of one server share.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "src/http/poller.h"
#include "src/http/router.h"
#include "src/http/server.h"

namespace butaca::http {

class Connection;

// Loop-bound. Shared, so that a server that is destroyed from within a handler stays whole until that
// returns.
struct Core {
    Core(ServerSettings with, std::vector<Route> routes)
        : settings(std::move(with)), router(std::move(routes))
    {
    }

    ServerSettings settings;
    Router router;
    Poller poller;
    ServerCounters counters;
    bool draining = false;
    std::string authority; // what stands in for the Host that HTTP/1.0 does not send
    std::string id_prefix; // random per server, so that ids of two runs differ
    std::unordered_map<Connection *, std::shared_ptr<Connection>> connections;
    std::unordered_map<std::string, unsigned> connections_of_address;
    std::function<void()> on_connection_closed;

    // A connection has ended: lets go of it and counts.
    void forget(Connection &connection, const std::string &peer);

    std::string next_request_id() { return id_prefix + std::to_string(counters.requests); }
};

} // namespace butaca::http
