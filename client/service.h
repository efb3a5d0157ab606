// SPDX-License-Identifier: LGPL-2.1-or-later
// A program that is kept running: started, started again with growing pauses when it ends by itself, stopped
// when asked. Belongs to the main loop.
#pragma once

#include <chrono>
#include <csignal>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/loop.h"
#include "src/base/process.h"
#include "src/base/result.h"

namespace butaca::client {

struct ServiceSpec {
    std::string name; // for people
    // Runs in a session of its own, so that a Ctrl-C in our terminal reaches only us and we choose the order
    // of stopping. It must be a program that exists.
    std::vector<std::string> argv;
    // What goes in front of the program: setpriv with its options, or nothing.
    std::vector<std::string> wrapper;
    std::vector<std::pair<std::string, std::string>> environment;
    std::string working_directory; // "": ours
    std::string log; // gets standard output and error; begins anew beyond 16 MiB, the old one stays as LOG.1
    int stop_signal = SIGTERM;
    std::chrono::milliseconds grace{10000}; // then SIGKILL
};

class Service {
public:
    struct Events {
        // It ended by itself, and how ("signal 9"); it starts again after the pause.
        std::function<void(const Service &, const std::string &how, std::chrono::milliseconds pause)> ended;
        // It ended five times and never ran for 5 seconds nor was settled, or it cannot be started at all. It
        // stays down. (An end by SIGKILL is somebody's wish and proves nothing.)
        std::function<void(const Service &)> gave_up;
    };

    Service(ServiceSpec spec, Events events);
    Service(const Service &) = delete;
    Service &operator=(const Service &) = delete;

    void start();
    // It has been seen to work: from now on it is started again for ever.
    void settle() { settled_ = true; }
    // Sends the stop signal, after the grace period SIGKILL; `done` is called once it is gone (at once when
    // it is not running).
    void stop(std::function<void()> done);

    pid_t pid() const { return child_ ? child_->pid() : 0; }
    const ServiceSpec &spec() const { return spec_; }

private:
    Status spawn();
    void ended(ChildExit exit);
    void try_later(const std::string &how);

    ServiceSpec spec_;
    Events events_;
    std::optional<Child> child_;
    Timer timer_; // until the next start, or until SIGKILL
    std::chrono::steady_clock::time_point started_at_{};
    std::chrono::milliseconds pause_{0};
    unsigned ends_ = 0;
    bool settled_ = false;
    std::function<void()> stopped_;
};

// The last lines of a file, at most `limit_bytes`; "" where there is none.
std::string end_of(const std::string &path, std::size_t limit_bytes);

} // namespace butaca::client
