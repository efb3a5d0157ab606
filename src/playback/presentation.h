// SPDX-License-Identifier: LGPL-2.1-or-later
// What one playback offers: a set of renditions and, for each, what is done to the original and why. Values
// only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "src/media/facts.h"
#include "src/media/index.h"
#include "src/media/profile.h"
#include "src/media/rendition.h"
#include "src/media/timeline.h"
#include "src/playback/thumbnails.h"

namespace butaca::playback {

// How much a rendition needs of the line, in bits per second (RFC 8216, 4.3.4.2).
struct Bandwidth {
    std::uint64_t average_bps = 0;
    std::uint64_t peak_bps = 0; // the largest bit rate of any segment
    bool measured = false;      // from real sizes; otherwise a bound
};

struct VideoRendition {
    std::string id;
    unsigned track = 0;
    media::VideoTransform transform;
    std::shared_ptr<const media::VideoTimeline> timeline;
    media::Size size;
    media::Rational frame_rate; // average over the whole, for FRAME-RATE
    std::string codecs;
    std::string range = "SDR"; // VIDEO-RANGE: "SDR", "PQ" or "HLG"
    Bandwidth bandwidth;
    std::vector<std::uint32_t> copied_bytes; // what each segment weighs; copies only
    // With subtitles burned in: the rendition that is the same without them, and for each segment whether a
    // cue is seen in it. Empty otherwise.
    std::string clean_id;
    std::vector<bool> burned;

    // The rendition whose bytes a segment (or the init segment, below 0) has.
    const std::string &id_of(std::int64_t segment) const
    {
        bool clean = !clean_id.empty() && (segment < 0 || !burned[static_cast<std::size_t>(segment)]);
        return clean ? clean_id : id;
    }

    // First frame of each segment and, last, the frame count: the coarser grid when copied.
    const std::vector<std::uint32_t> &borders() const
    {
        return transform.copy ? timeline->copy_borders : timeline->borders;
    }
};

struct AudioRendition {
    std::string id;
    unsigned track = 0;
    media::AudioTransform transform;
    media::AudioTimeline timeline;
    std::uint32_t first_packet = 0; // copies only
    std::string codecs;
    std::string language;
    std::string name;
    bool is_default = false;
    Bandwidth bandwidth;
    std::vector<std::uint32_t> copied_bytes; // what each segment weighs; copies only
};

// Subtitles that the player shows itself.
struct SubtitleRendition {
    std::string id;
    unsigned track = 0;
    std::string language;
    std::string name;
    bool forced = false;
    bool hearing_impaired = false;
    bool is_default = false;
    std::vector<std::int64_t> borders_ns; // where each WebVTT segment begins, from 0, and the end
};

// What is done to one track and why, in both of our languages.
struct PlanLine {
    std::string track;  // "video 0"
    std::string action; // "copy", "encode", "track" or "burn"
    std::string what;   // "H.264 854×480"
    std::string why_en;
    std::string why_es;
};

struct Presentation {
    std::shared_ptr<const media::Asset> asset;
    std::shared_ptr<const media::PacketIndex> index;
    std::int64_t zero_ns = 0;
    std::vector<VideoRendition> video; // largest first; empty for music
    // Small pictures for winding and for choosing a place: one keyframe for each segment of the finer grid.
    // On no ladder, and with nothing burned in. Nothing for music.
    std::optional<VideoRendition> keyframes;
    std::optional<Thumbnails> thumbnails; // nothing for music, or where no worker can make them
    std::vector<AudioRendition> audio;
    std::vector<SubtitleRendition> subtitles;
    std::optional<unsigned> burned; // the track that is burned into every picture
    std::vector<PlanLine> plan;

    // Positions of the sound, the one that plays by itself first: some players take whichever stands there.
    std::vector<std::size_t> audio_by_preference() const
    {
        std::vector<std::size_t> order(audio.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_partition(order.begin(), order.end(), [&](std::size_t i) { return audio[i].is_default; });
        return order;
    }
};

} // namespace butaca::playback
