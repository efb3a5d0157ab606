// SPDX-License-Identifier: LGPL-2.1-or-later
// The workers: as many as asked for, always; who dies is replaced. Knows what each did last, for a worker
// that goes on where it stopped needs no new seek. Loop-bound.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "src/playback/worker_process.h"

namespace butaca::playback {

using WorkerId = std::uint64_t; // never used twice

class WorkerPool {
public:
    // Called on the loop; must not destroy the pool. What a cancelled job still sends is not reported.
    struct Events {
        std::function<void(const Encoders &)> hello; // of each worker
        std::function<void(WorkerId, std::shared_ptr<GBytes>)> init;
        std::function<void(WorkerId, std::shared_ptr<GBytes>)> chunk;
        std::function<void(WorkerId, const JobEnd &)> end; // it is idle again
        std::function<void(WorkerId, bool hung)> died;
        std::function<void()> starved; // there is no worker, and starting one has failed again and again
    };

    // What a job has in common with the one before.
    struct Warmth {
        std::string rendition;
        std::int64_t number = 0;
        std::string track; // of the original
    };

    // Starts them all; the errors are those of Child::spawn() for the first one.
    static Result<std::unique_ptr<WorkerPool>> start(std::string path, unsigned count,
                                                     std::chrono::milliseconds watchdog, Events events);
    // Closes all sockets and gives the workers one second to end.
    ~WorkerPool();

    bool has_idle() const;
    // The idle worker to do a job: who made the segment before of the same rendition, else any of that
    // rendition, else of the same track, else who is idle the longest. With `fresh` one that has done nothing
    // yet comes first. Nothing when none is idle.
    std::optional<WorkerId> choose(const Warmth &warmth, bool fresh) const;
    void begin(WorkerId id, const pipelines::Job &job, Warmth warmth);
    void cancel(WorkerId id);

    unsigned wanted() const { return count_; }
    unsigned alive() const { return static_cast<unsigned>(workers_.size()); }
    unsigned busy() const;
    unsigned cancelling() const;

private:
    struct Worker {
        std::unique_ptr<WorkerProcess> process;
        std::chrono::steady_clock::time_point started;
        std::uint64_t jobs = 0;
        std::uint64_t idle_since = 0; // on the pool's own count of events
        Warmth last;
    };

    WorkerPool(std::string path, unsigned count, std::chrono::milliseconds watchdog, Events events);
    Status add();
    void refill();
    void ended(WorkerId id, const JobEnd &end);
    void died(WorkerId id, bool hung);
    void start_later();

    std::string path_;
    unsigned count_;
    std::chrono::milliseconds watchdog_;
    Events events_;
    std::map<WorkerId, Worker> workers_;
    WorkerId next_id_ = 1;
    std::uint64_t event_count_ = 0;
    unsigned early_deaths_ = 0; // in a row, of workers that never did anything
    Timer again_;
};

} // namespace butaca::playback
