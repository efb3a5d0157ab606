// SPDX-License-Identifier: LGPL-2.1-or-later
// The RTSP server: sends titles out of our own finished segments (docs/decisions/rtsp.md). It has a thread
// that accepts, one for each client and one for each title under way; segments and playbacks belong to the
// main loop, which never waits for any of them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "src/base/result.h"
#include "src/playback/rtsp/backend.h"

namespace butaca::playback::rtsp {

struct Settings {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8554; // 0: any that is free
    unsigned connections_most = 512;
    unsigned connections_per_address_most = 64;
    unsigned idle_s = 60; // a session without a sign of life ends
};

class Server {
public:
    // Made and destroyed on the main loop. `segments` must outlive it. `unavailable` when the port cannot be
    // had.
    static Result<std::unique_ptr<Server>> start(const Settings &settings, SegmentService &segments,
                                                 Tickets tickets);
    // Ends all sessions; waits for their threads, some seconds at most.
    ~Server();
    Server(const Server &) = delete;
    Server &operator=(const Server &) = delete;

    std::uint16_t port() const;

    struct Counters {
        unsigned connections = 0;
        unsigned sessions = 0;
        std::uint64_t accepted = 0;
        std::uint64_t refused = 0; // over a limit
    };
    Counters counters() const;

private:
    struct State;
    explicit Server(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace butaca::playback::rtsp
