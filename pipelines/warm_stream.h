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

    static constexpr std::int64_t from_key = INT64_MIN;
    // Goes to the keyframe at `key_ns`, or an earlier one where the container is inexact, never a later one.
    // Decoded frames before `from_ns` are not given out. With the duration of all frames (0: it varies), most
    // that no other depends on are not even decoded.
    Status seek(std::int64_t key_ns, std::int64_t from_ns = from_key, std::int64_t frame_ns = 0);
    // The next sample; an empty one at the end of the stream.
    Result<TimedSample> next();
    // Takes a sample back: the next next() gives it again.
    void give_back(TimedSample sample) { returned_ = std::move(sample); }
    // Whether `first_ns` comes soon if one simply goes on: nothing from there on has been given out, and no
    // later keyframe makes a jump cheaper.
    bool leads_to(std::int64_t first_ns, std::int64_t key_ns) const;
    // Renews the ticket where the source has one.
    void set_ticket(const std::string &ticket);

private:
    WarmStream() = default;
    void learn_axis();
    Status land(std::int64_t target_ns);
    GstPadProbeReturn entering(GstPad *pad, GstBuffer *buffer);
    GstPadProbeReturn leaving(GstPad *pad, const GstBuffer *frame);
    void hurry(GstPad *pad, const GstBuffer *frame, std::int64_t later_ns);
    static GstPadProbeReturn gate_probe(GstPad *pad, GstPadProbeInfo *info, gpointer data) noexcept;
    static GstPadProbeReturn entry_probe(GstPad *pad, GstPadProbeInfo *info, gpointer data) noexcept;
    static GstPadProbeReturn exit_probe(GstPad *pad, GstPadProbeInfo *info, gpointer data) noexcept;

    std::unique_ptr<Run> run_;
    GstElement *sink_ = nullptr; // borrowed from the run
    Owned<GstPad> gate_;         // where the first packet is held
    Owned<GstPad> entry_;        // where packets enter the decoder, or the sink
    Owned<GstPad> decoded_;      // where frames leave the decoder; null without one
    Owned<GstPad> exit_;         // where samples enter the sink
    gulong gate_id_ = 0;
    gulong entry_id_ = 0;
    std::atomic<bool> arrived_ = false;
    std::int64_t seek_offset_ns_ = 0; // what this demuxer wants added to stream time in a seek

    std::atomic<bool> landed_ = true; // false between a flush and the keyframe after it
    std::atomic<std::int64_t> landed_ns_ = 0;
    std::atomic<std::int64_t> from_ns_ = from_key;
    std::atomic<std::int64_t> frame_ns_ = 0;
    std::atomic<bool> hurried_ = false; // the decoder knows from_ns_
    Activity *activity_ = nullptr;

    TimedSample returned_;
    std::optional<std::int64_t> position_ns_; // of the last sample given out
    bool at_end_ = false;
};

} // namespace butaca::pipelines
