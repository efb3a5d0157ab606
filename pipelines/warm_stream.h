// SPDX-License-Identifier: LGPL-2.1-or-later
// An opened original: demuxer (and decoder) that stay alive between jobs, so that the next segment needs no
// new seek and a far one no new opening. What it gives depends on the place asked for, never on where it
// came from. Belongs to the job's thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "pipelines/graph.h"
#include "pipelines/run.h"

namespace butaca::pipelines {

// A sample and when it is presented on the source's own axis (stream time; may be negative).
struct TimedSample {
    Owned<GstSample> sample;
    std::int64_t time_ns = 0;
    explicit operator bool() const { return sample != nullptr; }
};

class WarmStream {
public:
    // Opens; returns once the first packet of the track has arrived, which is held back until a seek.
    static Result<std::unique_ptr<WarmStream>> open(const Graph &graph, Activity &activity);
    ~WarmStream();

    // Goes to the keyframe at `key_ns`, or an earlier one where the container is inexact, never a later one.
    Status seek(std::int64_t key_ns);
    // The next sample; an empty one at the end of the stream.
    Result<TimedSample> next();
    // Takes a sample back: the next next() gives it again.
    void give_back(TimedSample sample) { returned_ = std::move(sample); }
    // Whether `first_ns` comes soon if one simply goes on: nothing from there on has been given out, and no
    // later keyframe makes a jump cheaper.
    bool leads_to(std::int64_t first_ns, std::int64_t key_ns) const;
    // Pictures before this time are not to be shown: those that no other needs are not decoded either,
    // and none of them is given out.
    void shows_from(std::int64_t time_ns) { shown_from_ns_ = time_ns; }

    // Renews the ticket where the source has one.
    void set_ticket(const std::string &ticket) { run_->renew_ticket(ticket); }

private:
    WarmStream() = default;
    Status learn_axis();
    Status land(std::int64_t target_ns, bool any_keyframe);
    std::optional<std::int64_t> time_of(const GstSegment *segment, const GstBuffer *buffer) const;
    bool needless(GstPad *pad, GstBuffer *buffer) const;
    GstPadProbeReturn entering(GstPad *pad, GstBuffer *buffer);
    static GstPadProbeReturn gate_probe(GstPad *pad, GstPadProbeInfo *info, gpointer data) noexcept;
    static GstPadProbeReturn entry_probe(GstPad *pad, GstPadProbeInfo *info, gpointer data) noexcept;
    static GstPadProbeReturn exit_probe(GstPad *pad, GstPadProbeInfo *info, gpointer data) noexcept;
    GstPadProbeReturn leaving(GstPad *pad, const GstBuffer *frame) const;

    std::unique_ptr<Run> run_;
    GstElement *sink_ = nullptr; // borrowed from the run
    Owned<GstPad> gate_;         // where the first packet is held
    Owned<GstPad> entry_;        // where packets enter the decoder, or the sink
    Owned<GstPad> exit_;         // where samples enter the sink
    gulong gate_id_ = 0;
    gulong entry_id_ = 0;
    // What stands at the gate.
    std::atomic<bool> arrived_ = false;
    std::atomic<std::int64_t> arrived_ns_ = 0;
    std::atomic<gsize> arrived_bytes_ = 0;

    // Demuxers differ in what a seek does to the axis; see learn_axis().
    std::optional<std::int64_t> stamp_base_ns_; // to take from a buffer's own time, whatever its segment
    std::int64_t time_offset_ns_ = 0;           // else: to take from a stream time after a seek

    std::atomic<std::int64_t> shown_from_ns_ = INT64_MIN;
    std::atomic<std::int64_t> landed_ns_ = 0;
    std::atomic<bool> landed_ = true; // false between a flush and the keyframe after it
    std::atomic<bool> landed_clean_ = false;
    std::atomic<bool> any_keyframe_ = false; // the last resort: start where the file says that one can

    Activity *activity_ = nullptr;
    TimedSample returned_;
    std::optional<std::int64_t> position_ns_; // of the last sample given out
    bool at_end_ = false;
};

} // namespace butaca::pipelines
