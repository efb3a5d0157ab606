// SPDX-License-Identifier: LGPL-2.1-or-later
// Subtitles that are pictures, each with its time and its place on a canvas.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <glib.h>

#include "plugins/subtitle/blend.h"

namespace butaca::subtitle {

// A picture as it goes onto a frame of one size.
struct Placed {
    std::int64_t start_ns = 0;
    std::int64_t end_ns = 0;
    Place place;
    std::vector<std::uint8_t> rgba;
};

// The GVariant type of the property `pictures`: for each cue start and end in nanoseconds, width and height
// of the canvas, and its pictures: x, y, width, height, and RGBA of 4 bytes a pixel.
inline constexpr const char *pictures_type = "a(xxuua(uuuuay))";

// All pictures of a value of that type, scaled from their canvas to the frame: as wide as it, in the middle
// from top to bottom, and moved inside where they would be cut off. What makes no sense is left out.
std::vector<Placed> placed_pictures(GVariant *pictures, int width, int height);

} // namespace butaca::subtitle
