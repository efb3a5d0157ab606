// SPDX-License-Identifier: LGPL-2.1-or-later
// A rendition: one track of one asset, transformed in one way. Its identity is the hash of all that its bytes
// depend on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/media/facts.h"

namespace butaca::media {

// Raised whenever our own code changes the bytes that it makes from the same input, so that old segments are
// never mixed with new ones.
inline constexpr unsigned bytes_version = 7;

// By how many places our encodes decode a picture later than they show it: at most that many B-frames refer
// to one another in H.264 and HEVC; VP9 hides such pictures inside of others and AV1 is made without them.
constexpr std::uint32_t encoded_reorder(std::string_view codec)
{
    return codec == "vp9" || codec == "av1" ? 0 : 2;
}

struct VideoTransform {
    bool copy = false;
    bool keyframes = false; // only the first picture of each segment, shown as long as the segment lasts
    std::string codec = "h264";
    unsigned width = 0; // of the output, square pixels, even
    unsigned height = 0;
    bool mirrored = false; // left and right are exchanged, before it is turned
    unsigned rotation = 0;
    std::string level; // "3.1", written into the stream so that CODECS is known before anything is encoded
    unsigned constant_quality = 23;
    std::uint64_t max_bitrate_bps = 0; // the cap over two seconds, about one segment
};

struct AudioTransform {
    bool copy = false;
    std::string codec = "aac";
    std::uint64_t bitrate_bps = 128000;
    unsigned channels = 2;
    unsigned rate = 48000;
    unsigned frame_samples = 1024;
    bool constant_rate = false; // every packet of the same size
    unsigned lead_frames = 0;   // before presentation time 0; files only
    std::int32_t gain_mdb = 0;  // thousandths of a decibel
    bool night = false;         // with less between loud and quiet
};

// `grid` is a digest of the timeline: a better one for the same file is another rendition. `encoder` names
// the encoder with its version; empty for a copy.
std::string rendition_identity(const std::string &asset_digest, unsigned track,
                               const VideoTransform &transform, const std::string &grid,
                               const std::string &encoder);
std::string rendition_identity(const std::string &asset_digest, unsigned track,
                               const AudioTransform &transform, const std::string &grid,
                               const std::string &encoder);

// RFC 6381 strings, as CODECS wants them. For copies they come from the track's decoder configuration (""
// when that is not understood: then no copy is offered); for encodes from what the encoder is told.
std::string codec_string(const VideoTransform &transform);
std::string codec_string(const AudioTransform &transform);
std::string copied_codec_string(const VideoTrack &track);
std::string copied_codec_string(const AudioTrack &track);

} // namespace butaca::media
