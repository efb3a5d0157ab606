// SPDX-License-Identifier: LGPL-2.1-or-later
// Where segments come from: the cache, a job under way, or a new job for a worker. One job per segment
// however many wait. Belongs to the main loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "pipelines/job.h"
#include "src/base/gobject.h"
#include "src/base/result.h"

namespace butaca::playback {

// The number of an init segment; media segments count from 0.
inline constexpr std::int64_t init_segment = -1;

// Names the bytes of one segment for ever: the rendition's identity covers all that they depend on.
struct SegmentKey {
    std::string rendition;
    std::int64_t number = 0;
    friend auto operator<=>(const SegmentKey &, const SegmentKey &) = default;
};

// Makes the jobs of one rendition. Lives as long as anyone may ask for its segments.
class JobSource {
public:
    virtual ~JobSource() = default;
    virtual const std::string &rendition() const = 0;
    virtual std::int64_t segments() const = 0;
    // What the bytes of a segment, or of the init segment, are kept under. Another rendition's where they are
    // the same: a segment without a cue is the one of the rendition that nothing is burned into.
    virtual SegmentKey key(std::int64_t number) const { return {rendition(), number}; }
    // How long segment `number` plays, for admission and look-ahead.
    virtual std::chrono::nanoseconds duration(std::int64_t number) const = 0;
    // A kind of work that costs about the same per second of film ("encode/h264/480"), for the cost table.
    virtual std::string cost_class() const = 0;
    // The job for a segment, with a fresh ticket and the addresses that work now. `unavailable` with a retry
    // time at once when the origin's breaker is open.
    virtual Result<pipelines::Job> job(std::int64_t number) const = 0;
    // What became of a job that read from the origin, for its breaker: did the origin deliver?
    virtual void origin_result(bool delivered) const = 0;
};

// The most urgent first. Thumbnails that someone waits for come after all else; `idle` is what is only made
// while workers have nothing to do.
enum class Priority { viewer, look_ahead, download, thumbnail, idle };

// What a waiter gets: chunks as they are born, then exactly one of done and failed. All on the loop, never
// from inside get().
struct SegmentSink {
    std::function<void(std::shared_ptr<GBytes> chunk)> chunk;
    std::function<void()> done;
    std::function<void(const Error &error)> failed;
};

struct ServiceSettings {
    std::string worker_path; // the butaca-worker program
    unsigned workers = 2;    // started ahead of need
    std::uint64_t memory_cache_bytes = 256ULL << 20;
    std::string cache_folder;                     // segments on disk
    std::uint64_t disk_quota_bytes = 10ULL << 30; // hard
    std::chrono::milliseconds watchdog{10000};    // a worker without a sign of life is killed
    unsigned queue_most = 256;                    // jobs that may wait
    unsigned look_ahead_segments = 3;
};

class SegmentService {
public:
    // Starts the workers; `unavailable` when the program cannot be started.
    static Result<std::unique_ptr<SegmentService>> start(const ServiceSettings &settings);
    ~SegmentService();

    // Calls back when the first worker said hello, with the encoders it has: codec -> "x264enc 1.22.0/164".
    // They are part of each rendition's identity. Called at once when that is known already.
    void on_encoders(std::function<void(const std::map<std::string, std::string, std::less<>> &)> work);

    // Destroying it means that nobody waits through it any more; a job that nobody waits for is cancelled.
    class Waiter {
    public:
        virtual ~Waiter() = default;
    };
    // The whole segment if it is in memory; cheap enough for every request.
    std::shared_ptr<GBytes> cached(const SegmentKey &key);
    // Delivers the segment into `sink`. `viewer` names who asks (a playback), for look-ahead; may be empty.
    [[nodiscard]] std::unique_ptr<Waiter> get(const std::shared_ptr<const JobSource> &source,
                                              std::int64_t number, Priority priority,
                                              const std::string &viewer, SegmentSink sink);
    // Tells that `viewer` was given this segment from cached(), so that look-ahead goes on; get() does the
    // same by itself.
    void follow(const std::shared_ptr<const JobSource> &source, std::int64_t number,
                const std::string &viewer);
    // May another viewer of this kind of work begin now, by measured cost? `unavailable` with a computed
    // retry time if not.
    Status admit(const JobSource &source) const;
    // How many bytes a finished segment has, when that is known (for AVERAGE-BANDWIDTH); 0 otherwise.
    std::uint64_t known_size(const SegmentKey &key) const;

    // For /metrics and tests.
    struct Counters {
        std::uint64_t memory_hits = 0, disk_hits = 0, jobs = 0, joined = 0, retried = 0, failed = 0,
                      sheets = 0, cancelled = 0, look_ahead = 0, worker_deaths = 0;
        std::uint64_t made = 0; // to the end; jobs may be stopped and begun again
        std::uint64_t memory_bytes = 0, disk_bytes = 0;
        bool disk_known = false; // all that was there at the start
        unsigned workers = 0, busy = 0, queued = 0;
    };
    Counters counters() const;

    struct State;

private:
    explicit SegmentService(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace butaca::playback
