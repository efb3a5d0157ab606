// SPDX-License-Identifier: LGPL-2.1-or-later
// The quality ladder: which sizes are offered below a source's own, and what each named quality means. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/media/facts.h"

namespace butaca::media {

// The five words a viewer chooses from. `original` keeps the source's own streams where the delivery can
// carry them.
enum class Quality { low, medium, high, best, original };
std::optional<Quality> quality_from(std::string_view word);
const char *to_string(Quality quality);

struct Size {
    unsigned width = 0;
    unsigned height = 0;
    friend bool operator==(const Size &, const Size &) = default;
};

// The picture as it is meant to be seen: rotation and pixel aspect applied, even numbers, square pixels.
Size display_size(const VideoTrack &track);

// The sizes of the ladder from the largest downwards: the display size itself unless `max_height` is lower,
// then each usual height below it that is clearly smaller. Same aspect ratio, even numbers. Never empty,
// never larger than the source.
std::vector<Size> ladder(const VideoTrack &track, unsigned max_height);

// The constant quality (x264 scale) for a named one.
unsigned constant_quality(Quality quality, const std::string &codec);

// The cap in bits per second for a picture of this size, rate and quality, over two seconds.
std::uint64_t bitrate_cap_bps(Size size, Rational frame_rate, Quality quality, const std::string &codec);

// The most bits that one keyframe of this size may take.
std::uint64_t keyframe_cap_bits(Size size);

} // namespace butaca::media
