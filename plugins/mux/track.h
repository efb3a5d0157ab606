// SPDX-License-Identifier: LGPL-2.1-or-later
// What an init segment says about its one track, as plain values. Whoever knows the stream (the element, from
// its caps) fills this in; the writers turn it into boxes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "plugins/mux/box_writer.h"

namespace butaca::mux {

// The codings that we have a sample entry for.
enum class Codec { avc, hevc, vp9, av1, aac, mp3, opus, flac, ac3, eac3, alac };

// True for picture codecs, false for sound.
constexpr bool is_video(Codec codec)
{
    return codec == Codec::avc || codec == Codec::hevc || codec == Codec::vp9 || codec == Codec::av1;
}

// How colours are coded, in the numbers of ISO/IEC 23091-2.
struct Colour {
    std::uint16_t primaries = 2; // 2: unspecified
    std::uint16_t transfer = 2;
    std::uint16_t matrix = 2;
    bool full_range = false;
};

// One track. `configuration` is the body of the codec's own box: avcC, hvcC, av1C and vpcC (without version
// and flags), the AudioSpecificConfig, dOps, dac3, dec3, ALAC's (without version and flags), or FLAC's
// STREAMINFO block with its header.
struct Track {
    Codec codec = Codec::avc;
    std::uint32_t timescale = 0;  // ticks per second
    std::string language = "und"; // ISO 639-2, three small letters
    Bytes configuration;
    // Ticks that every sample is shown later than the timeline says; an edit list in the init segment takes
    // it back. 0: no edit list.
    std::uint32_t edit_media_time = 0;

    std::uint16_t width = 0; // coded pixels
    std::uint16_t height = 0;
    std::uint32_t aspect_width = 1; // shape of one pixel
    std::uint32_t aspect_height = 1;
    std::optional<Colour> colour;

    std::uint16_t channels = 0;
    std::uint32_t sample_rate_hz = 0;
};

} // namespace butaca::mux
