// SPDX-License-Identifier: LGPL-2.1-or-later
// Sample entries: how a track names its codec and carries the decoder's configuration. One function per box;
// a new codec is a line in the table of sample_entry.cpp and, for sound, the function that writes its
// configuration box.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "plugins/mux/box_writer.h"
#include "plugins/mux/track.h"
#include "src/base/result.h"

namespace butaca::mux {

// Checks that a track holds all that its sample entry needs, with the limits of the fields. The configuration
// comes from outside, so everything that the writers read from it later is checked here. Errors:
// invalid_argument.
Status check_track(const Track &track);

// Writes the one sample entry of a track that check_track() accepts (ISO/IEC 14496-12 8.5.2, 14496-15,
// 14496-14, "Opus in ISOBMFF", "FLAC in ISOBMFF", "VP in ISOBMFF").
void write_sample_entry(BoxWriter &out, const Track &track);

// What dOps says about an Opus stream.
struct OpusSetup {
    std::uint8_t channels = 2;
    std::uint16_t pre_skip = 0; // samples at 48 kHz that the decoder throws away at the start
    std::uint32_t input_rate_hz = 48000;
    std::int16_t output_gain = 0; // Q7.8 dB
    std::uint8_t mapping_family = 0;
    std::uint8_t streams = 1;
    std::uint8_t coupled = 1;
    std::array<std::uint8_t, 255> mapping = {}; // the first `channels` count, unless the family is 0
};

// The body of dOps ("Encapsulation of Opus in ISO base media file format", 4.3.2).
[[nodiscard]] Bytes opus_configuration(const OpusSetup &setup);

// What vpcC says about a VP9 stream.
struct Vp9Setup {
    std::uint8_t profile = 0;
    std::uint8_t bit_depth = 8;
    std::uint8_t chroma = 1; // 0: 4:2:0 vertical, 1: 4:2:0 colocated, 2: 4:2:2, 3: 4:4:4
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    Colour colour;
};

// The body of vpcC, after version and flags ("VP Codec ISO Media File Format Binding", version 1). The level
// is the lowest that holds the picture size; nothing here knows the bit rate.
[[nodiscard]] Bytes vp9_configuration(const Vp9Setup &setup);

// The STREAMINFO block, marked as the last metadata block, out of FLAC's Ogg mapping header (the first buffer
// of a `streamheader`) or of a plain "fLaC" file header. Errors: invalid_argument when it is neither.
Result<Bytes> flac_configuration(std::span<const std::uint8_t> header);

} // namespace butaca::mux
