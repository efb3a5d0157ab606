// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/subtitle/blend.h"

#include <algorithm>
#include <cmath>

namespace butaca::subtitle {

namespace {

constexpr unsigned opaque = 255;

// One component of a frame: its samples, and how many pixels share one.
template <typename Sample> struct Plane {
    Plane(GstVideoFrame &frame, unsigned component)
        : data(static_cast<std::uint8_t *>(GST_VIDEO_FRAME_COMP_DATA(&frame, component))),
          stride_bytes(GST_VIDEO_FRAME_COMP_STRIDE(&frame, component)),
          step_x(1 << GST_VIDEO_FORMAT_INFO_W_SUB(frame.info.finfo, component)),
          step_y(1 << GST_VIDEO_FORMAT_INFO_H_SUB(frame.info.finfo, component)),
          width(GST_VIDEO_FRAME_COMP_WIDTH(&frame, component)),
          height(GST_VIDEO_FRAME_COMP_HEIGHT(&frame, component))
    {
    }
    Sample *row(int y) const { return reinterpret_cast<Sample *>(data + std::ptrdiff_t{stride_bytes} * y); }

    std::uint8_t *data;
    int stride_bytes;
    int step_x, step_y;
    int width, height;
};

// Towards `to` by `weight` of 255 * 255.
template <typename Sample> Sample mixed(Sample from, unsigned to, unsigned weight)
{
    constexpr unsigned whole = opaque * opaque;
    return static_cast<Sample>((from * (whole - weight) + to * weight + whole / 2) / whole);
}

// Visits each sample of the plane that a place touches, with the pixels of the place that share it.
template <typename Sample, typename Work>
void for_each_sample(const Plane<Sample> &plane, const Place &place, Work work)
{
    int left = std::max(0, place.x);
    int top = std::max(0, place.y);
    int right = std::min(place.x + place.width, plane.width * plane.step_x);
    int bottom = std::min(place.y + place.height, plane.height * plane.step_y);
    if (left >= right || top >= bottom)
        return;
    for (int y = top / plane.step_y; y * plane.step_y < bottom && y < plane.height; y++) {
        Sample *row = plane.row(y);
        for (int x = left / plane.step_x; x * plane.step_x < right && x < plane.width; x++)
            work(row[x], x * plane.step_x - place.x, y * plane.step_y - place.y);
    }
}

template <typename Sample>
void mask_component(const Plane<Sample> &plane, const Place &place, const std::uint8_t *mask,
                    std::size_t stride, unsigned to, unsigned alpha)
{
    const unsigned share = static_cast<unsigned>(plane.step_x * plane.step_y);
    for_each_sample(plane, place, [&](Sample &sample, int x, int y) {
        unsigned sum = 0;
        for (int dy = 0; dy < plane.step_y; dy++)
            for (int dx = 0; dx < plane.step_x; dx++)
                if (x + dx >= 0 && x + dx < place.width && y + dy >= 0 && y + dy < place.height)
                    sum += mask[stride * static_cast<std::size_t>(y + dy) + static_cast<std::size_t>(x + dx)];
        if (sum > 0)
            sample = mixed(sample, to, sum * alpha / share);
    });
}

template <typename Sample>
void mask_frame(GstVideoFrame &frame, const Place &place, const std::uint8_t *mask, std::size_t stride,
                std::array<std::uint16_t, 3> yuv, unsigned alpha)
{
    for (unsigned component = 0; component < 3; component++)
        mask_component(Plane<Sample>(frame, component), place, mask, stride, yuv[component], alpha);
}

template <typename Sample>
void picture_component(const Plane<Sample> &plane, const Place &place, const std::vector<std::uint8_t> &rgba,
                       const std::vector<std::uint16_t> &values)
{
    const unsigned share = static_cast<unsigned>(plane.step_x * plane.step_y);
    for_each_sample(plane, place, [&](Sample &sample, int x, int y) {
        unsigned weight = 0;
        unsigned sum = 0;
        for (int dy = 0; dy < plane.step_y; dy++)
            for (int dx = 0; dx < plane.step_x; dx++)
                if (x + dx >= 0 && x + dx < place.width && y + dy >= 0 && y + dy < place.height) {
                    auto at = static_cast<std::size_t>(y + dy) * static_cast<std::size_t>(place.width) +
                              static_cast<std::size_t>(x + dx);
                    weight += rgba[at * 4 + 3];
                    sum += rgba[at * 4 + 3] * unsigned{values[at]};
                }
        if (weight > 0)
            sample = mixed(sample, (sum + weight / 2) / weight, weight * opaque / share);
    });
}

bool is_deep(const GstVideoFrame &frame) { return GST_VIDEO_FRAME_COMP_DEPTH(&frame, 0) > 8; }

} // namespace

Colours::Colours(const GstVideoInfo &info) : kr_(0.2126), kb_(0.0722)
{
    if (!gst_video_color_matrix_get_Kr_Kb(info.colorimetry.matrix, &kr_, &kb_) && info.height < 720) {
        // Nobody said: what is usual for the size.
        kr_ = 0.299;
        kb_ = 0.114;
    }
    std::array<gint, GST_VIDEO_MAX_COMPONENTS> offset{};
    std::array<gint, GST_VIDEO_MAX_COMPONENTS> scale{};
    auto range = info.colorimetry.range == GST_VIDEO_COLOR_RANGE_UNKNOWN ? GST_VIDEO_COLOR_RANGE_16_235
                                                                         : info.colorimetry.range;
    gst_video_color_range_offsets(range, info.finfo, offset.data(), scale.data());
    for (std::size_t i = 0; i < 3; i++) {
        offset_[i] = offset[i];
        scale_[i] = scale[i];
    }
}

std::array<std::uint16_t, 3> Colours::yuv(std::uint8_t red, std::uint8_t green, std::uint8_t blue) const
{
    double r = red / 255.0;
    double g = green / 255.0;
    double b = blue / 255.0;
    double y = kr_ * r + (1 - kr_ - kb_) * g + kb_ * b;
    std::array<double, 3> parts{y, (b - y) / (2 * (1 - kb_)), (r - y) / (2 * (1 - kr_))};
    std::array<std::uint16_t, 3> out{};
    for (std::size_t i = 0; i < 3; i++)
        out[i] = static_cast<std::uint16_t>(std::lround(offset_[i] + scale_[i] * parts[i]));
    return out;
}

void blend_mask(GstVideoFrame &frame, const Place &place, const std::uint8_t *mask, std::size_t stride,
                std::array<std::uint16_t, 3> yuv, unsigned alpha)
{
    if (is_deep(frame))
        mask_frame<std::uint16_t>(frame, place, mask, stride, yuv, alpha);
    else
        mask_frame<std::uint8_t>(frame, place, mask, stride, yuv, alpha);
}

void blend_picture(GstVideoFrame &frame, const Place &place, const std::vector<std::uint8_t> &rgba,
                   const Colours &colours)
{
    std::size_t pixels = rgba.size() / 4;
    std::array<std::vector<std::uint16_t>, 3> values;
    for (auto &component : values)
        component.resize(pixels);
    for (std::size_t i = 0; i < pixels; i++) {
        if (rgba[i * 4 + 3] == 0)
            continue;
        auto yuv = colours.yuv(rgba[i * 4], rgba[i * 4 + 1], rgba[i * 4 + 2]);
        for (std::size_t component = 0; component < 3; component++)
            values[component][i] = yuv[component];
    }
    for (unsigned component = 0; component < 3; component++) {
        if (is_deep(frame))
            picture_component(Plane<std::uint16_t>(frame, component), place, rgba, values[component]);
        else
            picture_component(Plane<std::uint8_t>(frame, component), place, rgba, values[component]);
    }
}

} // namespace butaca::subtitle
