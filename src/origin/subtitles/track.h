// SPDX-License-Identifier: LGPL-2.1-or-later
// A subtitle track inside a file, from the packets that its demuxer gave.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/base/gst.h"
#include "src/base/result.h"
#include "src/media/facts.h"
#include "src/media/subtitles.h"

namespace butaca::origin {

struct TextPacket {
    std::int64_t start_ns = 0;
    std::int64_t end_ns = 0; // start_ns where the container does not tell
    std::string bytes;
};

// A DVD's palette as demuxers hand it on: 0x00, Y', Cr, Cb each.
using DvdPalette = std::array<std::uint32_t, 16>;

// What is known of a track beside its caps.
struct TrackHints {
    std::optional<DvdPalette> palette;
    // The film's picture as it is stored; 0: not known.
    std::uint32_t video_width = 0;
    std::uint32_t video_height = 0;
};

// `unsupported`, with words for people, when these are of a kind that we do not read, or none is a cue.
Result<media::Subtitles> subtitles_of_track(const GstCaps *caps, std::vector<TextPacket> packets,
                                            const TrackHints &hints = {});

// Fills in what is known of a track by its cues: digest, number, form; or why there are none. The cues in
// their binary form; "" when there are none.
std::string describe_cues(const Result<media::Subtitles> &cues, media::SubtitleTrack &track);

} // namespace butaca::origin
