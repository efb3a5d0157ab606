// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads the CMAF segments that segmentmux writes (ISO/IEC 14496-12, one track, one run of samples to each
// chunk), so that they can be packed anew or sent over RTP. Their bytes come from a worker, which handles
// hostile media: every length is checked.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "src/base/result.h"

namespace butaca::playback::ts {

using ByteView = std::span<const std::uint8_t>;

enum class Codec { h264, hevc, aac, opus };

// What an init segment says of its track.
struct Track {
    Codec codec = Codec::h264;
    std::uint32_t timescale = 0;
    std::uint32_t default_flags = 0; // of a sample, ISO/IEC 14496-12, 8.8.3
    std::string configuration;       // the bytes of avcC, hvcC or dOps, or the AudioSpecificConfig
    // h264: the bytes that hold the length before each NAL unit, and the parameter sets in the form of Annex
    // B.
    unsigned length_bytes = 4;
    std::string parameter_sets;
    // aac: what an AudioSpecificConfig begins with (ISO/IEC 14496-3, 1.6.2.1).
    unsigned object_type = 2; // 2: low complexity
    unsigned rate_index = 0;
    unsigned channels = 0; // channel_configuration; opus: how many
};

// Reads an init segment. `unsupported` for another codec than those above; `internal` when it is none of
// ours.
Result<Track> read_init(ByteView init);

// One sample; times in ticks of the track.
struct Sample {
    std::int64_t decode_time = 0;
    std::int64_t show_time = 0;
    bool sync = false;
    ByteView bytes; // only for the time of the call
};

// Takes a media segment in pieces of any size and hands out its samples in decoding order. Holds at most one
// chunk.
class SampleReader {
public:
    explicit SampleReader(const Track &track) : default_flags_(track.default_flags) {}

    // Calls `take` for each sample that is whole now. `internal` when the bytes are no segment of ours; then
    // nothing further may be fed. An error of `take` ends the call and is returned.
    Status feed(ByteView piece, const std::function<Status(const Sample &)> &take);
    // `internal` when the segment broke off within a box.
    Status finish() const;

private:
    Status take_box(ByteView box, const std::function<Status(const Sample &)> &take);

    std::uint32_t default_flags_;
    std::string pending_; // the beginning of a box that is not whole yet
    std::string moof_;    // the last one, until its mdat is here
};

} // namespace butaca::playback::ts
