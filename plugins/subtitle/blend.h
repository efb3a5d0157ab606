// SPDX-License-Identifier: LGPL-2.1-or-later
// Draws into planar YUV frames. Nothing here knows what is drawn.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <gst/video/video.h>

namespace butaca::subtitle {

// What blend_*() can draw into.
#define BUTACA_BURN_FORMATS "{ I420, YV12, Y42B, Y444, I420_10LE }"

// Turns RGB into the frame's own YUV: its matrix, range and depth.
class Colours {
public:
    explicit Colours(const GstVideoInfo &info);
    std::array<std::uint16_t, 3> yuv(std::uint8_t red, std::uint8_t green, std::uint8_t blue) const;

private:
    double kr_, kb_;
    std::array<double, 3> offset_{}, scale_{};
};

// A rectangle on the frame; parts of it may lie outside.
struct Place {
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;
};

// One colour through a mask of 8 bits a pixel, times `alpha` (0 to 255). The chroma of pixels that share it
// is moved by the mean of their masks. `mask` holds `stride` bytes a row.
void blend_mask(GstVideoFrame &frame, const Place &place, const std::uint8_t *mask, std::size_t stride,
                std::array<std::uint16_t, 3> yuv, unsigned alpha);

// A picture of 4 bytes a pixel (RGBA, not premultiplied), row after row without gaps.
void blend_picture(GstVideoFrame &frame, const Place &place, const std::vector<std::uint8_t> &rgba,
                   const Colours &colours);

} // namespace butaca::subtitle
