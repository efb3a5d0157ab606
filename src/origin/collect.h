// SPDX-License-Identifier: LGPL-2.1-or-later
// Writes down what flows over one track of a probe's pipeline: caps, tags, and each packet's times. Filled on
// streaming threads, read once the pipeline stands still.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "src/base/gst.h"
#include "src/media/chapters.h"
#include "src/origin/container.h"
#include "src/origin/packets.h"
#include "src/origin/parameter_sets.h"
#include "src/origin/subtitles/track.h"
#include "src/origin/tracks.h"

namespace butaca::origin {

// One track under way. `demuxed` hangs on the demuxer's pad, `parsed` on the parser's (the same pad where
// there is no parser).
struct TrackRun {
    TrackKind kind = TrackKind::other;
    std::string pad;
    Owned<GstCaps> demuxed_caps;
    Owned<GstCaps> parsed_caps;
    Owned<GstTagList> tags;
    bool selected = false;
    bool has_parser = false;
    bool changes = false; // what decoders are set up by did, after the first caps
    ParameterSets parameters;
    std::vector<std::uint8_t> configuration; // av1C, out of the first sequence header
    std::vector<Packet> demuxed;
    std::vector<Packet> parsed;
    std::vector<TextPacket> texts;     // of a subtitle track
    std::optional<DvdPalette> palette; // of a track of sub-pictures, where it is not in the caps
    GstSegment demuxed_segment{};
    GstSegment parsed_segment{};
};

// All tracks of one run.
class Collector {
public:
    Collector(const Container &container, std::uint64_t packets_most);

    // Begins a track whose packets leave the demuxer at `pad`. Any thread.
    TrackRun *begin_track(GstPad *pad, const GstCaps *caps);
    // Starts to write down what passes over `pad`. The run outlives the pad's probes: both belong to the
    // pipeline's owner.
    void listen(TrackRun *run, GstPad *pad, bool parsed);

    std::uint64_t packets() const { return packets_.load(); }
    bool too_many() const { return packets_.load() > packets_most_; }
    std::vector<std::unique_ptr<TrackRun>> &runs() { return runs_; }
    // Where the demuxer says that the file begins: the earliest time before any codec's delay is taken off.
    std::int64_t begins_ns() const { return begins_ns_; }
    const GstTagList *file_tags() const { return file_tags_.get(); }
    // As the demuxer tells them.
    const std::vector<media::Chapter> &chapters() const { return chapters_; }

    struct Probe; // where a pad probe points to

private:
    void take_event(TrackRun &run, GstEvent *event, bool parsed);
    void take_buffer(TrackRun &run, GstBuffer *buffer, bool parsed);
    void take_text(TrackRun &run, GstBuffer *buffer);
    static void take_configuration(TrackRun &run, const GstCaps *caps, GstBuffer *buffer);
    static void take_palette(TrackRun &run, const GstStructure *structure);
    void take_tags(TrackRun &run, const GstTagList *tags);
    void take_toc(GstEvent *event);

    const Container container_;
    const std::uint64_t packets_most_;
    std::atomic<std::uint64_t> packets_{0};
    std::atomic<std::size_t> text_bytes_{0};
    std::int64_t begins_ns_ = 0;
    std::mutex mutex_; // guards runs_ while demuxers add tracks, the tags and the chapters
    std::vector<std::unique_ptr<TrackRun>> runs_;
    Owned<GstTagList> file_tags_;
    std::vector<media::Chapter> chapters_;
};

} // namespace butaca::origin
