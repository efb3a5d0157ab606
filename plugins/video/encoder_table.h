// SPDX-License-Identifier: LGPL-2.1-or-later
// THE TABLE of video encoders: for each codec, in order of preference, how one wish (quality, cap, GOP,
// speed) is said to that encoder. Pure values; nothing here touches an element.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace butaca::video {

// What videotranscode's properties ask for, in our own terms.
struct Wish {
    std::string codec = "h264";
    std::string encoder; // the element to use; empty: the first installed
    std::string profile; // as in caps ("high"); empty: the encoder's choice
    std::string level;   // as in caps ("3.1"); empty: the encoder's choice
    std::string speed = "veryfast";
    int constant_quality =
        -1; // the codec's own scale (CRF 0-51, or 0-63 for VP9 and AV1); -1: the codec's default
    std::uint64_t max_bitrate_bps = 0; // over `buffer_ms` from the first frame on; 0: no cap
    unsigned buffer_ms = 2000;
    unsigned threads = 1;
    unsigned gop_frames = 0; // 0: only the first frame is a keyframe
};

using Settings = std::vector<std::pair<std::string, std::string>>;

// One encoder.
struct Encoder {
    std::string_view codec;
    const char *factory;
    const char *parser; // the element that brings its output into `caps`; null: not needed
    const char
        *encoder_caps; // asked of the encoder itself; profile and level are added where it listens to them
    const char *caps;  // what leaves videotranscode
    int default_quality;
    bool caps_carry_profile; // profile in the caps after it reaches the encoder
    bool caps_carry_level;
    bool needs_forced_keyframes; // its own keyframe distance is not exact: we ask for each keyframe
    std::string_view library;    // start of the file name of the library behind it
    Settings (*settings)(const Wish &, int quality);
};

// All rows of one codec (empty for an unknown codec), best first.
std::vector<const Encoder *> encoders_for(std::string_view codec);

// The row for a wish: the encoder it names, or the first of its codec for which `installed` holds; null when
// there is none.
const Encoder *choose(const Wish &wish, bool (*installed)(const char *factory));

// The properties to set on that encoder, as text.
Settings settings_for(const Encoder &encoder, const Wish &wish);

} // namespace butaca::video
