// SPDX-License-Identifier: LGPL-2.1-or-later
// Which container a file is, by its first bytes, and which GStreamer element takes it apart. Never by its
// name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/gst.h"
#include "src/base/result.h"
#include "src/origin/matroska_tracks.h"

namespace butaca::origin {

struct Container {
    std::string name;    // "mp4", "matroska", "mp3", ...
    std::string demuxer; // the element: a demuxer, or a parser for a bare stream
    // Elements before it that take off wrapping (ID3 and APE tags), outermost first.
    std::vector<std::string> wrappers;
    bool bare = false; // one elementary stream without a container: packets are found by byte position
    bool packets_are_frames = false; // each packet is one picture and knows whether it is a keyframe
    std::int64_t grid_ns = 0;        // how far its times may be off by rounding
    bool own_times = false;          // packets' own times count, as they stand in the file, not stream time
    std::uint64_t first_byte = 0;    // where the stream begins, behind the wrapping
    std::vector<MatroskaSubtitles> subtitles; // by the number of their pads; of Matroska alone
    std::uint64_t first_packet_byte = 0; // where the packets follow each other from, if that is known (FLAC)
    std::vector<std::string> orientations; // of an MP4's video tracks, as mp4_orientations() has them

    // What the file itself tells of the subtitle track behind a demuxer's pad; null when nothing.
    const MatroskaSubtitles *subtitles_at(std::string_view pad) const;
};

// Looks into the open file (regular, readable; its position stays). `unsupported` with words for people when
// it is nothing that we play. Blocks on the disk.
Result<Container> identify(int fd, std::uint64_t size_bytes);

} // namespace butaca::origin
