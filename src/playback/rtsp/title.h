// SPDX-License-Identifier: LGPL-2.1-or-later
// What one RTSP session sends: the tracks of a playback that go over RTP, and where in time their segments
// lie. Values only; pure.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/playback/presentations.h"
#include "src/playback/ts/cmaf_reader.h"

namespace butaca::playback::rtsp {

struct Track {
    ts::Codec codec = ts::Codec::h264;
    std::shared_ptr<const JobSource> jobs;
    std::vector<std::int64_t> borders_ns; // where each segment begins and, last, where the track ends

    bool is_picture() const { return codec == ts::Codec::h264 || codec == ts::Codec::hevc; }
    std::int64_t segments() const { return static_cast<std::int64_t>(borders_ns.size()) - 1; }
    // The segment that plays at this time; the first or last one for a time outside of all.
    std::int64_t segment_at(std::int64_t time_ns) const;
};

struct Title {
    std::string viewer;        // who plays it, for look-ahead
    std::vector<Track> tracks; // the picture first, then sound; one of them may be missing
    std::int64_t duration_ns = 0;

    // Where playing can start so that it shows what is at `time_ns`: the keyframe that begins a segment, of
    // the picture if there is one.
    std::int64_t entry_before(std::int64_t time_ns) const;
    // The first border of the same track at or after `time_ns`: where playing can end.
    std::int64_t exit_after(std::int64_t time_ns) const;
};

// Can the picture and the sound that would be sent go over RTP? H.264 and HEVC (RFC 6184, RFC 7798), AAC
// (RFC 3640) and Opus in one or two channels (RFC 7587) can.
bool fits_rtp(const Presentation &presentation);

// The largest picture and the default sound. `unsupported` where not fits_rtp().
Result<Title> title_of(const Playable &playable, std::string viewer);

} // namespace butaca::playback::rtsp
