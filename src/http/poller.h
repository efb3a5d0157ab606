// SPDX-License-Identifier: LGPL-2.1-or-later
// One epoll set that hangs on the main loop as a single source. GLib's own loop polls every descriptor in
// every iteration; with thousands of idle connections that would be most of the work.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>

#include "src/base/loop.h"

namespace butaca::http {

// Loop-bound. Calls are level-triggered; adding, changing and removing is safe from within a call.
class Poller {
public:
    using Work = std::function<void(std::uint32_t events)>;

    Poller();
    ~Poller();
    Poller(const Poller &) = delete;
    Poller &operator=(const Poller &) = delete;

    // Watches `fd` for EPOLL* `events`; the number returned names the watch. 0 when the kernel refuses.
    std::uint64_t add(int fd, std::uint32_t events, Work work);
    // Hang-ups and errors are reported whatever `events` says.
    void modify(std::uint64_t id, std::uint32_t events);
    // Must come before the descriptor is closed. An unknown `id` is ignored.
    void remove(std::uint64_t id);

private:
    struct Entry {
        int fd;
        std::uint32_t events;
        std::shared_ptr<Work> work;
    };
    void dispatch();

    Fd epoll_;
    FdWatch watch_;
    std::uint64_t last_id_ = 0;
    std::unordered_map<std::uint64_t, Entry> entries_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace butaca::http
