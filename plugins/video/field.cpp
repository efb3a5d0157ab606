// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/video/field.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace butaca::video {

namespace {

template <typename Sample> struct Rows {
    std::uint8_t *start;
    std::ptrdiff_t stride;
    Sample *operator[](int y) const { return reinterpret_cast<Sample *>(start + y * stride); }
};

template <typename Sample> Rows<Sample> rows_of(const GstVideoFrame &frame, unsigned component)
{
    return {static_cast<std::uint8_t *>(GST_VIDEO_FRAME_COMP_DATA(&frame, component)),
            GST_VIDEO_FRAME_COMP_STRIDE(&frame, component)};
}

template <typename Sample>
void between(const Sample *above, const Sample *below, Sample *out, int first, int last)
{
    for (int x = first; x < last; x++)
        out[x] = static_cast<Sample>((above[x] + below[x] + 1) / 2);
}

// How unlike three samples around x + lean above and x - lean below are.
template <typename Sample> int unlike(const Sample *above, const Sample *below, int x, int lean)
{
    int sum = 0;
    for (int i = -1; i <= 1; i++)
        sum += std::abs(above[x + lean + i] - below[x - lean + i]);
    return sum;
}

// The direction in which the rows agree best, the vertical one in doubt.
template <typename Sample> void along_edges(const Sample *above, const Sample *below, Sample *out, int width)
{
    constexpr int reach = 3; // two samples of lean and one around
    const int first = std::min(reach, width), last = std::max(first, width - reach);
    between(above, below, out, 0, first);
    for (int x = first; x < last; x++) {
        int best = unlike(above, below, x, 0), lean = 0;
        // A further lean only where the nearer one already is better: else stripes look like edges.
        for (const int side : {-1, 1}) {
            const int near = unlike(above, below, x, side);
            if (near >= best)
                continue;
            best = near, lean = side;
            if (const int far = unlike(above, below, x, 2 * side); far < best)
                best = far, lean = 2 * side;
        }
        out[x] = static_cast<Sample>((above[x + lean] + below[x - lean] + 1) / 2);
    }
    between(above, below, out, last, width);
}

template <typename Sample>
void show_component(const GstVideoFrame &from, GstVideoFrame &to, unsigned component, int parity)
{
    const auto in = rows_of<Sample>(from, component);
    const auto out = rows_of<Sample>(to, component);
    const int width = GST_VIDEO_FRAME_COMP_WIDTH(&from, component);
    const int height = GST_VIDEO_FRAME_COMP_HEIGHT(&from, component);
    // A chroma plane of a single row belongs to both fields.
    const int last = height > parity ? (height - 1 - parity) / 2 * 2 + parity : 0;
    for (int y = 0; y < height; y++) {
        const bool has_both = y - 1 >= parity && y + 1 <= last;
        if (y % 2 == parity || height == 1)
            std::memcpy(out[y], in[y], static_cast<std::size_t>(width) * sizeof(Sample));
        else if (!has_both)
            std::memcpy(out[y], in[std::clamp(y + 1 <= last ? y + 1 : y - 1, parity, last)],
                        static_cast<std::size_t>(width) * sizeof(Sample));
        else if (component == 0)
            along_edges<Sample>(in[y - 1], in[y + 1], out[y], width);
        else
            between<Sample>(in[y - 1], in[y + 1], out[y], 0, width);
    }
}

} // namespace

void show_field(const GstVideoFrame &from, GstVideoFrame &to, bool top)
{
    for (unsigned component = 0; component < GST_VIDEO_FRAME_N_COMPONENTS(&from); component++) {
        if (GST_VIDEO_FRAME_COMP_DEPTH(&from, component) > 8)
            show_component<std::uint16_t>(from, to, component, top ? 0 : 1);
        else
            show_component<std::uint8_t>(from, to, component, top ? 0 : 1);
    }
}

} // namespace butaca::video
