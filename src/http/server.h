// SPDX-License-Identifier: LGPL-2.1-or-later
// The HTTP/1.1 server: deadlines, limits per address, refusal of smuggling shapes. Sockets, parsing and
// writing are our own, see docs/decisions/http-server.md. Belongs to the main loop; handlers run there.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/http/router.h"

namespace butaca::http {

struct ServerSettings {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0; // 0: the kernel chooses, see Server::port()
    unsigned connections_most = 4096;
    unsigned connections_per_address_most = 256;
    std::chrono::milliseconds header_deadline{
        10000}; // from accept, or the first byte of a further request, to the end of the head
    std::chrono::milliseconds idle_deadline{75000};  // between requests of a connection
    std::chrono::milliseconds stall_deadline{60000}; // a response of which the client took no byte
    std::size_t header_limit_bytes = 32 << 10;
    bool cross_origin = false; // CORS for players on other sites (Access-Control-Allow-Origin: *)
    Headers default_headers;   // on every response: security headers
};

struct ServerCounters {
    std::uint64_t connections = 0;
    std::uint64_t connections_refused = 0;
    std::uint64_t requests = 0;
    std::uint64_t bytes_sent = 0;
    unsigned open_connections = 0;
};

class Server {
public:
    // Binds and listens. `unavailable` when the address is taken, with words that say which and what to do.
    static Result<std::unique_ptr<Server>> start(ServerSettings settings, std::vector<Route> routes);
    // Stops listening and cuts what is open.
    ~Server();

    std::uint16_t port() const;
    const ServerCounters &counters() const;
    // Stops accepting, lets answers under way end within `grace`, then calls `done` on the loop.
    void drain(std::chrono::milliseconds grace, std::function<void()> done);

    struct State;

private:
    explicit Server(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace butaca::http
