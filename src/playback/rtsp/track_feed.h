// SPDX-License-Identifier: LGPL-2.1-or-later
// Feeds one track of one session: asks the segment service for what the pipeline will soon send, reads it and
// hands it to an appsrc, sample by sample. Holds at most the segment that is being sent and the next one.
//
// Its state is touched by three kinds of threads. Pipelines ask (wanted) and seek; the main loop fetches and
// pushes. What was asked for before a jump is told apart by a generation number: appsrc throws away what is
// in its queue only after it has called seek(), so nothing may be pushed until it asks again.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>

#include <gst/app/gstappsrc.h>

#include "src/base/gst.h"
#include "src/base/loop.h"
#include "src/playback/rtsp/backend.h"

namespace butaca::playback::rtsp {

class TrackFeed : public std::enable_shared_from_this<TrackFeed> {
public:
    // Called on the main loop when a segment cannot be had for good; the element posts an error, too.
    using Failed = std::function<void(const Error &error)>;

    // On any thread.
    static std::shared_ptr<TrackFeed> make(std::shared_ptr<Backend> backend, Track track, std::string viewer,
                                           std::int64_t duration_ns, Failed failed);
    // Where nothing of the pipeline is left. On any thread.
    ~TrackFeed();
    TrackFeed(const TrackFeed &) = delete;
    TrackFeed &operator=(const TrackFeed &) = delete;

    // The element that gives this track; the caller adds it to a bin.
    GstElement *element() const { return GST_ELEMENT(source_.get()); }
    const Track &track() const { return track_; }

    // From the next jump on, nothing that begins at or after this time is sent.
    void end_at(std::int64_t end_ns);

private:
    // One visit to the segment service.
    struct Fetch {
        std::uint64_t generation = 0;
        std::int64_t segment = 0;
        unsigned tries = 0;
        // Of the samples of this segment, how many were handed on, and how many came in this try.
        std::size_t handed_on = 0;
        std::size_t come = 0;
        std::string init; // gathered
        std::optional<ts::SampleReader> reader;
        std::unique_ptr<SegmentService::Waiter> waiter;
        Timer again;
    };

    TrackFeed(std::shared_ptr<Backend> backend, Track track, std::string viewer, Failed failed);
    void connect(std::int64_t duration_ns);
    void wanted();
    bool seek(std::int64_t time_ns);
    void fetch(std::uint64_t generation);
    void ask(std::int64_t number);
    void take_chunk(const std::shared_ptr<GBytes> &chunk);
    void take_end();
    void take_init();
    void take_failure(const Error &error);
    Status push(const ts::Sample &sample, const std::shared_ptr<GBytes> &chunk);
    void finish(std::uint64_t generation);
    void give_up(std::uint64_t generation, const Error &error);

    const std::shared_ptr<Backend> backend_;
    const Track track_;
    const std::string viewer_;
    const Failed failed_;
    Owned<GstAppSrc> source_;

    // Is there nothing left to fetch? With the mutex held.
    bool is_over() const;

    std::mutex mutex_; // guards what follows
    std::uint64_t generation_ = 0;
    std::int64_t next_ = 0; // segment
    std::int64_t begin_ns_ = 0;
    std::int64_t end_ns_ = std::numeric_limits<std::int64_t>::max();
    bool asked_ = false; // the main loop is at it, or everything was sent

    // The main loop's.
    std::optional<ts::Track> format_;
    std::shared_ptr<Fetch> fetch_;
};

} // namespace butaca::playback::rtsp
