// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/subtitle/overlay.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "plugins/subtitle/colour.h"

namespace butaca::subtitle {

static_assert(std::endian::native == std::endian::little, "I420_10LE is read as native words");

namespace {

constexpr unsigned opaque = 32768;

struct Box {
    int left, top, right, bottom;
};

Box box_of(const GstVideoInfo &info, std::span<const Layer> layers)
{
    Box box{info.width, info.height, 0, 0};
    for (const Layer &layer : layers) {
        if (layer.width <= 0 || layer.height <= 0)
            continue;
        box.left = std::min(box.left, std::max(layer.x, 0));
        box.top = std::min(box.top, std::max(layer.y, 0));
        box.right = std::max(box.right, std::min(layer.x + layer.width, info.width));
        box.bottom = std::max(box.bottom, std::min(layer.y + layer.height, info.height));
    }
    return box;
}

// Premultiplied colour in codes, and coverage from 0 to 1.
struct Dot {
    float y = 0, u = 0, v = 0, a = 0;
};

void put(Dot &under, const Code &code, float alpha)
{
    const float rest = 1.0F - alpha;
    under.y = under.y * rest + code.y * alpha;
    under.u = under.u * rest + code.u * alpha;
    under.v = under.v * rest + code.v * alpha;
    under.a = under.a * rest + alpha;
}

std::uint16_t fixed(float value, float unit, float most)
{
    return static_cast<std::uint16_t>(std::lround(std::clamp(value * unit, 0.0F, most)));
}

// One row: all values are independent, so that compilers make vector code of it. At -O2 GCC 12 does not, for
// a length that it does not know.
template <typename Sample>
[[gnu::optimize("O3")]] void blend_row(Sample *__restrict out, const std::uint16_t *__restrict value,
                                       const std::uint16_t *__restrict alpha, int count, unsigned shift)
{
    for (int i = 0; i < count; i++)
        out[i] = static_cast<Sample>(
            (out[i] * (opaque - alpha[i]) + (static_cast<std::uint32_t>(value[i]) << shift) + opaque / 2) >>
            15);
}

} // namespace

// Works through the frame in strips as high as one row of chroma.
struct Overlay::Maker {
    Maker(const GstVideoInfo &of, std::span<const Layer> all) : info(of), layers(all), colours(of)
    {
        wide = 1 << GST_VIDEO_FORMAT_INFO_W_SUB(info.finfo, 1);
        high = 1 << GST_VIDEO_FORMAT_INFO_H_SUB(info.finfo, 1);
        const auto site = info.chroma_site;
        cosited =
            wide == 2 && (site == GST_VIDEO_CHROMA_SITE_UNKNOWN || (site & GST_VIDEO_CHROMA_SITE_H_COSITED));
        // 2^-7 of a code for 8 bits, 2^-5 for 10: the largest that still fits 16 bits.
        unit = static_cast<float>(1U << (15 - depth()));
    }

    int depth() const { return GST_VIDEO_FORMAT_INFO_DEPTH(info.finfo, 0); }

    void draw(const Layer &layer, int top)
    {
        const int left = std::max({layer.x, 0, start});
        const int right = std::min({layer.x + layer.width, info.width, start + width});
        const Code colour = layer.is_rgba
                                ? Code{}
                                : colours.of(layer.rgba >> 24, layer.rgba >> 16 & 255, layer.rgba >> 8 & 255);
        const float opacity = static_cast<float>(layer.rgba & 255) / (255.0F * 255.0F);
        for (int row = 0; row < high; row++) {
            const int y = top + row;
            if (y < layer.y || y >= layer.y + layer.height || y >= info.height)
                continue;
            const std::uint8_t *from = layer.pixels + (y - layer.y) * layer.stride;
            Dot *to = line(row);
            for (int x = left; x < right; x++) {
                if (layer.is_rgba) {
                    const std::uint8_t *p = from + static_cast<std::ptrdiff_t>(x - layer.x) * 4;
                    if (p[3])
                        put(to[x - start], colours.of(p[0], p[1], p[2]), static_cast<float>(p[3]) / 255.0F);
                } else if (from[x - layer.x]) {
                    put(to[x - start], colour, static_cast<float>(from[x - layer.x]) * opacity);
                }
            }
        }
    }

    Dot *line(int row) { return dots.data() + static_cast<std::ptrdiff_t>(row) * (width + 2) + 1; }

    // The mean around chroma sample `at` of this strip. The sample before the first stands at index -1.
    Dot mean(int at)
    {
        Dot sum;
        const std::array<float, 3> weights = wide == 1 ? std::array{0.0F, 1.0F, 0.0F}
                                             : cosited ? std::array{0.25F, 0.5F, 0.25F}
                                                       : std::array{0.0F, 0.5F, 0.5F};
        for (int row = 0; row < high; row++)
            for (int k = -1; k <= 1; k++) {
                const Dot &dot = line(row)[at * wide + k];
                const float weight = weights[static_cast<std::size_t>(k) + 1] / static_cast<float>(high);
                sum.y += dot.y * weight;
                sum.u += dot.u * weight;
                sum.v += dot.v * weight;
                sum.a += dot.a * weight;
            }
        return sum;
    }

    void write(Plane &plane, int row, int at, float value, float alpha) const
    {
        const auto index = static_cast<std::size_t>(row) * plane.width + at;
        // Full range puts its purest blue and red half a code over the top.
        const float most = static_cast<float>((1 << depth()) - 1) * unit * alpha;
        plane.value[index] = fixed(value, unit, most);
        plane.alpha[index] = fixed(alpha, opaque, opaque);
        plane.shows[row] |= plane.alpha[index] != 0;
    }

    static Plane plane_of(unsigned number, int x, int y, int width, int height)
    {
        const auto size = static_cast<std::size_t>(width) * height;
        return {number,
                x,
                y,
                width,
                height,
                std::vector<std::uint16_t>(size),
                std::vector<std::uint16_t>(size),
                std::vector<std::uint8_t>(height)};
    }

    void make(std::vector<Plane> &planes)
    {
        const Box box = box_of(info, layers);
        if (box.left >= box.right || box.top >= box.bottom)
            return;
        // Two columns more on each side: chroma reaches over, and what lies beyond it is then surely empty.
        start = std::max(box.left - 2, 0) / wide * wide;
        width = (std::min(box.right + 2, info.width) - start + wide - 1) / wide * wide;
        const int top = box.top / high * high, strips = (box.bottom - top + high - 1) / high;
        const bool paired = GST_VIDEO_INFO_FORMAT(&info) == GST_VIDEO_FORMAT_NV12;
        const int chroma_width = width / wide;
        planes.push_back(plane_of(0, start, top, width, strips * high));
        if (paired)
            planes.push_back(plane_of(1, start / wide * 2, top / high, chroma_width * 2, strips));
        for (unsigned i = 1; i <= 2 && !paired; i++)
            planes.push_back(plane_of(i, start / wide, top / high, chroma_width, strips));
        for (int strip = 0; strip < strips; strip++) {
            dots.assign(static_cast<std::size_t>(high) * (width + 2), Dot{});
            for (const Layer &layer : layers)
                draw(layer, top + strip * high);
            for (int row = 0; row < high; row++) {
                if (row && top + strip * high + row >= info.height)
                    std::copy_n(line(row - 1), width, line(row)); // likewise below the last row
                if (start == 0)
                    line(row)[-1] = line(row)[0]; // the frame ends here: as if its edge went on
                if (start + width > info.width)
                    line(row)[width - 1] = line(row)[width - 2];
                for (int x = 0; x < width; x++)
                    write(planes[0], strip * high + row, x, line(row)[x].y, line(row)[x].a);
            }
            for (int x = 0; x < chroma_width; x++) {
                const Dot dot = mean(x);
                write(planes[1], strip, paired ? 2 * x : x, dot.u, dot.a);
                write(planes[paired ? 1 : 2], strip, paired ? 2 * x + 1 : x, dot.v, dot.a);
            }
        }
    }

    const GstVideoInfo &info;
    std::span<const Layer> layers;
    Colours colours;
    int wide, high; // luma samples to one of chroma
    bool cosited;
    float unit;
    int start = 0, width = 0;
    std::vector<Dot> dots; // of one strip, each row with one dot before its first and after its last
};

Overlay::Overlay(const GstVideoInfo &info, std::span<const Layer> layers)
{
    Maker maker(info, layers);
    depth_ = maker.depth();
    maker.make(planes_);
}

void Overlay::blend(GstVideoFrame &frame) const
{
    for (const Plane &plane : planes_) {
        const bool paired = plane.plane == 1 && GST_VIDEO_FRAME_FORMAT(&frame) == GST_VIDEO_FORMAT_NV12;
        const int across = GST_VIDEO_FRAME_COMP_WIDTH(&frame, plane.plane) * (paired ? 2 : 1);
        const int count = std::min(plane.width, across - plane.x);
        const int rows = std::min(plane.height, GST_VIDEO_FRAME_COMP_HEIGHT(&frame, plane.plane) - plane.y);
        auto *base = static_cast<std::uint8_t *>(GST_VIDEO_FRAME_PLANE_DATA(&frame, plane.plane));
        const std::ptrdiff_t stride = GST_VIDEO_FRAME_PLANE_STRIDE(&frame, plane.plane);
        for (int row = 0; row < rows; row++) {
            if (!plane.shows[row])
                continue;
            std::uint8_t *out = base + (plane.y + row) * stride;
            const std::size_t at = static_cast<std::size_t>(row) * plane.width;
            if (depth_ == 8)
                blend_row(out + plane.x, plane.value.data() + at, plane.alpha.data() + at, count, 8);
            else
                blend_row(reinterpret_cast<std::uint16_t *>(out) + plane.x, plane.value.data() + at,
                          plane.alpha.data() + at, count, 10);
        }
    }
}

} // namespace butaca::subtitle
