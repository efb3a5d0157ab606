// SPDX-License-Identifier: LGPL-2.1-or-later
// RGB as the sample codes of one kind of video. Pure.
#pragma once

#include <cstdint>

#include <gst/video/video.h>

namespace butaca::subtitle {

// Sample codes, not rounded.
struct Code {
    float y = 0, u = 0, v = 0;
};

class Colours {
public:
    // Takes matrix, range, depth and transfer from `info`; an unknown matrix is BT.709 from 577 lines on, and
    // BT.601 below.
    explicit Colours(const GstVideoInfo &info);
    // Components from 0 to 255.
    Code of(std::uint32_t red, std::uint32_t green, std::uint32_t blue) const
    {
        const auto r = static_cast<float>(red), g = static_cast<float>(green), b = static_cast<float>(blue);
        return {y_[0] * r + y_[1] * g + y_[2] * b + y_offset_, u_[0] * r + u_[1] * g + u_[2] * b + uv_offset_,
                v_[0] * r + v_[1] * g + v_[2] * b + uv_offset_};
    }

private:
    float y_[3], u_[3], v_[3];
    float y_offset_, uv_offset_;
};

} // namespace butaca::subtitle
