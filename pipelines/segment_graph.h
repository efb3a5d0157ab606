// SPDX-License-Identifier: LGPL-2.1-or-later
// Graphs from frames, samples or packets to the finished segment: a fresh one for each, so that nothing of
// one segment can reach another. Pure.
#pragma once

#include "pipelines/graph.h"
#include "pipelines/job.h"
#include "src/media/subtitles.h"

namespace butaca::pipelines {

// feed ! (upright) ! videotranscode ! segmentmux ! sink.
Graph video_segment_graph(const Job &job, const media::Subtitles *subtitles = nullptr);

// feed ! audiocompress ! segmentmux ! sink. `skip_packets` as the encoder's delay demands.
Graph audio_segment_graph(const Job &job, std::int64_t skip_packets);

// feed ! segmentmux ! sink, for packets that are taken as they are.
Graph copy_segment_graph(const Job &job);

// How a film's pictures are stored: as they have to be mirrored and then turned clockwise, in degrees, to be
// seen.
struct Stance {
    bool mirrored = false;
    unsigned rotation = 0;
    bool interlaced = false;
};

// Adds what shows a film's pictures the right way up, and fields one by one, behind `end`; gives the new end.
// Each frame of an interlaced film has to come once for each field that is wanted of it, marked as such.
std::string add_upright(Graph &graph, const Stance &stance, std::string end);

// Decode times of an audio segment's frames and its end, in samples; the end of the last frame is cut at the
// rendition's total.
std::vector<std::int64_t> audio_ticks(const AudioJob &audio);

// What the elements call a codec that we call `codec`.
std::string element_codec(const std::string &codec);

// How many frames early an audio encoder starts, so that it has forgotten its beginning.
std::int64_t preroll_packets(const std::string &codec);

} // namespace butaca::pipelines
