// SPDX-License-Identifier: LGPL-2.1-or-later
// The main loop and what hangs on it. Everything here belongs to the loop's thread except post().
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "src/base/gobject.h"

namespace butaca {

// Runs `work` soon on the thread of `context` (null: the default one), in the order of the calls.
// Thread-safe.
void post(std::function<void()> work, GMainContext *context = nullptr);

// Calls back once or again and again until it is destroyed or stopped. Safe to restart, stop or destroy from
// its own call.
class Timer {
public:
    Timer() = default;
    ~Timer() { stop(); }
    Timer(const Timer &) = delete;
    Timer &operator=(const Timer &) = delete;

    // Starts anew; a timer under way is replaced. Belongs to the thread-default main context of the caller.
    void once(std::chrono::milliseconds delay, std::function<void()> work);
    void every(std::chrono::milliseconds period, std::function<void()> work);
    void stop();
    bool running() const { return source_ != nullptr; }

private:
    void start(std::chrono::milliseconds delay, bool repeat, std::function<void()> work);
    GSource *source_ = nullptr;
};

// Calls back while a file descriptor is readable or writable. Does not own the descriptor.
class FdWatch {
public:
    FdWatch() = default;
    ~FdWatch() { stop(); }
    FdWatch(const FdWatch &) = delete;
    FdWatch &operator=(const FdWatch &) = delete;

    // Watches `fd` for `condition`; replaces what was watched. Safe to stop or destroy from its own call.
    void start(int fd, GIOCondition condition, std::function<void(GIOCondition)> work);
    void stop();

private:
    GSource *source_ = nullptr;
};

// Calls back on SIGINT, SIGTERM or SIGHUP, on the loop.
class SignalWatch {
public:
    SignalWatch(int signal_number, std::function<void()> work);
    ~SignalWatch();
    SignalWatch(const SignalWatch &) = delete;
    SignalWatch &operator=(const SignalWatch &) = delete;

private:
    GSource *source_ = nullptr;
};

// A file descriptor that closes itself.
class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    ~Fd() { reset(); }
    Fd(Fd &&other) noexcept : fd_(other.release()) {}
    Fd &operator=(Fd &&other) noexcept;

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    int release();
    void reset(int fd = -1);

private:
    int fd_ = -1;
};

} // namespace butaca
