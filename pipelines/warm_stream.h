// SPDX-License-Identifier: LGPL-2.1-or-later
// An opened original: demuxer (and decoder) that stay alive between jobs, so that the next segment needs no
// new seek and a far one no new opening. What it gives depends on the place asked for, never on where it
// came from. Belongs to the job's thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "pipelines/graph.h"
#include "pipelines/run.h"

namespace butaca::pipelines {

// A sample and when it is presented on the axis of the source's index (may be negative).
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
    // The picture of the keyframe at `key_ns`, of a track that is not interlaced; an empty one when it does
    // not come. Nothing after it is decoded, and the stream is at its end then.
    Result<TimedSample> keyframe_at(std::int64_t key_ns);
    // Goes to the beginning by opening anew, on the very axis of the index.
    Status restart();
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
    void set_ticket(const std::string &ticket)
    {
        ticket_ = ticket;
        run_->renew_ticket(ticket);
    }

private:
    WarmStream(Graph graph, Activity &activity) : graph_(std::move(graph)), activity_(&activity) {}
    Status begin();
    void close();
    Status learn_axis();
    void forget(bool any_keyframe);
    std::int64_t seek_target(std::int64_t time_ns) const;
    Status land(std::int64_t target_ns, bool any_keyframe);
    Status go_to(std::int64_t key_ns);
    std::optional<std::int64_t> time_of(const GstSegment *segment, const GstBuffer *buffer) const;
    bool needless(GstPad *pad, GstBuffer *buffer) const;
    GstPadProbeReturn entering(GstPad *pad, GstBuffer *buffer);
    bool is_last(GstPad *pad, GstBuffer *buffer) const;
    static GstPadProbeReturn segment_probe(GstPad *pad, GstPadProbeInfo *info, gpointer data) noexcept;
    static GstPadProbeReturn gate_probe(GstPad *pad, GstPadProbeInfo *info, gpointer data) noexcept;
    static GstPadProbeReturn entry_probe(GstPad *pad, GstPadProbeInfo *info, gpointer data) noexcept;
    static GstPadProbeReturn exit_probe(GstPad *pad, GstPadProbeInfo *info, gpointer data) noexcept;
    GstPadProbeReturn leaving(GstPad *pad, const GstBuffer *frame) const;

    const Graph graph_;
    std::string ticket_; // newer than the graph's own; empty without
    Activity *activity_;
    std::unique_ptr<Run> run_;
    GstElement *sink_ = nullptr; // borrowed from the run
    Owned<GstPad> gate_;         // where the first packet is held
    Owned<GstPad> entry_;        // where packets enter the decoder, or the sink
    Owned<GstPad> exit_;         // where samples enter the sink
    gulong gate_id_ = 0;
    // What stands at the gate.
    std::atomic<bool> arrived_ = false;
    std::atomic<std::int64_t> arrived_ns_ = 0;
    std::atomic<GstClockTime> arrived_stamp_ = 0;
    std::atomic<gsize> arrived_bytes_ = 0;

    // Demuxers differ in what a seek does to the axis; see learn_axis().
    std::atomic<std::int64_t> stream_begins_ns_ = 0; // where its stream time 0 lies, where we count otherwise
    std::int64_t time_offset_ns_ = 0;                // to take from a stream time after a seek
    std::atomic<std::int64_t> offset_now_ns_ = 0;    // the same now; 0 until the first seek
    bool moved_start_ = false;                       // a seek moves the file's beginning, and only that

    std::atomic<std::int64_t> shown_from_ns_ = INT64_MIN;
    // The stream ends with the first keyframe from there on.
    std::atomic<std::int64_t> last_key_ns_ = INT64_MAX;
    std::atomic<std::int64_t> landed_ns_ = 0;
    std::atomic<bool> landed_ = true; // false between a flush and the keyframe after it
    std::atomic<bool> landed_clean_ = false;
    std::atomic<bool> over_ = false;         // that keyframe has entered
    std::atomic<bool> any_keyframe_ = false; // the last resort: start where the file says that one can

    TimedSample returned_;
    std::optional<std::int64_t> position_ns_; // of the last sample given out
    bool at_end_ = false;
};

} // namespace butaca::pipelines
