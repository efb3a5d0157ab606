// SPDX-License-Identifier: LGPL-2.1-or-later
// One butaca-worker as seen from AppS: a child process at the other end of a socket pair. Loop-bound.
// Everything that it sends is held to be hostile, for it parses media of strangers.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "pipelines/job.h"
#include "pipelines/wire.h"
#include "src/base/gobject.h"
#include "src/base/loop.h"
#include "src/base/process.h"

namespace butaca::playback {

using Encoders = std::map<std::string, std::string, std::less<>>; // codec -> "x264enc 1.22.0/164"

// How a job ended, as the worker says.
struct JobEnd {
    std::optional<Error> error; // nothing when the segment is whole
    std::chrono::nanoseconds cpu{};
};

class WorkerProcess {
public:
    // Called on the loop. Only `died` may destroy the WorkerProcess.
    struct Events {
        std::function<void(const Encoders &)> hello;
        std::function<void(std::shared_ptr<GBytes>)> init; // of the job under way, as the next two
        std::function<void(std::shared_ptr<GBytes>)> chunk;
        std::function<void(const JobEnd &)> end;
        // The process has ended, by itself or because it hung or sent nonsense. Last call. `hung`: it gave no
        // sign of life for the time of the watchdog.
        std::function<void(bool hung)> died;
    };

    // Starts the program; the errors are those of Child::spawn().
    static Result<std::unique_ptr<WorkerProcess>> start(const std::string &path,
                                                        std::chrono::milliseconds watchdog);
    void set_events(Events events) { events_ = std::move(events); }

    // Gives it a job; it must be idle.
    void begin(const pipelines::Job &job);
    // Stops the job under way: nothing of it is reported any more but its end. A worker that does not stop
    // soon is killed.
    void cancel();
    // Lets it go by itself: it sees the end of its socket.
    void close_socket();

    bool ready() const { return ready_; } // said hello
    bool idle() const { return ready_ && job_ == 0; }
    bool cancelling() const { return cancelling_; }
    pid_t pid() const { return child_.pid(); }
    int pidfd() const { return child_.pidfd(); }

private:
    WorkerProcess(Child child, Fd socket, std::chrono::milliseconds watchdog);
    void send(const std::string &frame);
    void flush();
    void readable();
    std::optional<std::size_t> read_some();
    void take(pipelines::Frame frame);
    void take_payload(pipelines::Frame frame);
    void take_end(const std::string &payload);
    void take_hello(const std::string &payload);
    void nonsense(std::string_view what);
    void expect_sign_of_life(std::chrono::milliseconds within);
    void silent();
    void ended(ChildExit how);

    Child child_;
    Fd socket_;
    std::chrono::milliseconds watchdog_;
    Events events_;
    pipelines::FrameReader reader_;
    std::string outgoing_;
    FdWatch incoming_watch_;
    FdWatch outgoing_watch_;
    Timer life_;
    bool ready_ = false;
    bool cancelling_ = false;
    bool hung_ = false;
    bool given_up_ = false; // killed for nonsense: nothing more is believed
    std::uint64_t job_ = 0; // the id of the job under way
    std::uint64_t frames_ = 0;
};

} // namespace butaca::playback
