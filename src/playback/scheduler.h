// SPDX-License-Identifier: LGPL-2.1-or-later
// One flight per segment however many wait; the most urgent one gets a worker first. Loop-bound.
//
// What nobody wants any more is cancelled at once, queued or running: a viewer who has gone elsewhere wants
// the worker there, and stopping takes it less time than finishing. What was made until then is lost, but
// only once: when it is asked for again it is made to its end, or visitors who look in and leave would keep
// the workers at the same segments for ever.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "src/base/loop.h"
#include "src/playback/admission.h"
#include "src/playback/flight.h"
#include "src/playback/given_up.h"
#include "src/playback/look_ahead.h"
#include "src/playback/segment_cache.h"
#include "src/playback/worker_pool.h"

namespace butaca::playback {

class Scheduler : public std::enable_shared_from_this<Scheduler> {
public:
    // `cache` and `admission` must outlive it.
    Scheduler(const ServiceSettings &settings, SegmentCache &cache, Admission &admission);
    ~Scheduler();
    Status start(std::function<void(const Encoders &)> hello);

    std::unique_ptr<SegmentService::Waiter> get(const std::shared_ptr<const JobSource> &source,
                                                std::int64_t number, Priority priority,
                                                const std::string &viewer, SegmentSink sink);
    // A viewer was given this segment: makes what comes next.
    void follow(const std::shared_ptr<const JobSource> &source, std::int64_t number,
                const std::string &viewer);
    // One who waited for it as urgently as this is gone.
    void left(const std::shared_ptr<Flight> &flight, Priority priority);

    // With the numbers of workers and jobs as they are now.
    SegmentService::Counters counters() const;

private:
    using FlightPtr = std::shared_ptr<Flight>;
    struct Run {
        FlightPtr flight;
        std::uint64_t order = 0; // of its beginning
    };
    struct Refusal {
        Error error;
        std::chrono::steady_clock::time_point until;
    };

    FlightPtr take_off(const SegmentKey &key, const std::shared_ptr<const JobSource> &source);
    void read_from_disk(const FlightPtr &flight);
    void enqueue(const FlightPtr &flight);
    void leave_queue(const FlightPtr &flight);
    bool make_room_in_queue();
    void dispatch();
    FlightPtr next_in_queue() const;
    bool may_begin(Priority priority) const;
    void begin(const FlightPtr &flight);
    void preempt();
    void abandon(const FlightPtr &flight);
    void make_ahead(const std::shared_ptr<const JobSource> &source, const std::string &place,
                    const std::vector<std::int64_t> &numbers);
    void want_no_more(const std::string &place, const std::vector<std::int64_t> &numbers);

    void got_init(WorkerId worker, std::shared_ptr<GBytes> bytes);
    void got_chunk(WorkerId worker, std::shared_ptr<GBytes> bytes);
    void got_end(WorkerId worker, const JobEnd &end);
    void worker_died(WorkerId worker, bool hung);
    void starved();
    void land(const FlightPtr &flight, std::shared_ptr<GBytes> bytes, std::chrono::nanoseconds cost);
    bool stop_run_of(const FlightPtr &flight);
    unsigned running(Priority priority) const;
    unsigned retry_after_s() const;

    ServiceSettings settings_;
    SegmentCache &cache_;
    Admission &admission_;
    LookAhead look_ahead_;
    GivenUp given_up_;
    Timer tidy_; // forgets viewers who left
    SegmentService::Counters counters_;
    std::map<SegmentKey, FlightPtr> flights_; // all that are not over
    std::vector<FlightPtr> queue_;
    std::map<WorkerId, Run> runs_;          // not the ones that were cancelled
    std::map<SegmentKey, Refusal> refused_; // what killed workers again and again: not tried for a while
    std::uint64_t order_ = 0;
    std::uint64_t next_job_id_ = 1;
    std::unique_ptr<WorkerPool> pool_; // ends before what its events touch
};

} // namespace butaca::playback
