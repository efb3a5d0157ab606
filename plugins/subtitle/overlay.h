// SPDX-License-Identifier: LGPL-2.1-or-later
// What lies over a video frame: made once from bitmaps, blended into as many frames as show it. Values only;
// any one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gst/video/video.h>

namespace butaca::subtitle {

// One bitmap in the frame's pixels. It may stick out of the frame. The bytes belong to whoever made it.
struct Layer {
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;
    std::ptrdiff_t stride = 0;            // bytes from row to row
    const std::uint8_t *pixels = nullptr; // coverage, or RGBA not premultiplied if `is_rgba`
    bool is_rgba = false;
    std::uint32_t rgba = 0; // of a coverage bitmap: 0xRRGGBBAA, AA is opacity
};

// Layers put over each other in the frame's own colours, bounded by what they cover.
class Overlay {
public:
    Overlay() = default;
    // `info` is one of the formats of BUTACA_BURN_FORMATS. Colours are taken as the frame's own primaries and
    // turned with its own matrix and range; for PQ and HLG white is the 203 cd/m² of ITU-R BT.2408. Chroma is
    // the mean of the luma samples around its own place: left (cosited) or centre.
    Overlay(const GstVideoInfo &info, std::span<const Layer> layers);

    bool empty() const { return planes_.empty(); }
    // The frame is mapped for reading and writing and has the size and format given before.
    void blend(GstVideoFrame &frame) const;

private:
    // One plane of the frame. `step` of NV12's chroma is two samples that lie side by side.
    struct Plane {
        unsigned plane = 0; // of the frame
        int x = 0;          // in samples, of the plane's row
        int y = 0;
        int width = 0;
        int height = 0;
        std::vector<std::uint16_t> value; // premultiplied, in 2^-fraction of a code
        std::vector<std::uint16_t> alpha; // 32768 is opaque
        std::vector<std::uint8_t> shows;  // by row
    };
    struct Maker;

    std::vector<Plane> planes_;
    int depth_ = 8;
};

// As a caps field. 10 bits are read as this machine's own 16-bit words.
#define BUTACA_BURN_FORMATS "{ I420, NV12, I420_10LE, Y42B, Y444 }"

} // namespace butaca::subtitle
