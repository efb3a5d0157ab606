// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/subtitle/colour.h"

#include <array>

namespace butaca::subtitle {

namespace {

// White of 203 cd/m² as a share of the signal (ITU-R BT.2408, table 1): full white would blind.
double white_of(GstVideoTransferFunction transfer)
{
    switch (transfer) {
    case GST_VIDEO_TRANSFER_SMPTE2084:
        return 0.58;
    case GST_VIDEO_TRANSFER_ARIB_STD_B67:
        return 0.75;
    default:
        return 1;
    }
}

} // namespace

Colours::Colours(const GstVideoInfo &info)
{
    GstVideoColorMatrix matrix = info.colorimetry.matrix;
    double kr = 0, kb = 0;
    if (!gst_video_color_matrix_get_Kr_Kb(matrix, &kr, &kb)) {
        matrix = info.height > 576 ? GST_VIDEO_COLOR_MATRIX_BT709 : GST_VIDEO_COLOR_MATRIX_BT601;
        gst_video_color_matrix_get_Kr_Kb(matrix, &kr, &kb);
    }
    const double kg = 1 - kr - kb;
    const int depth = GST_VIDEO_FORMAT_INFO_DEPTH(info.finfo, 0);
    const double step = 1 << (depth - 8), most = (1 << depth) - 1;
    const bool full = info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
    const double share = white_of(info.colorimetry.transfer) / 255;
    const double luma = (full ? most : 219 * step) * share, chroma = (full ? most : 224 * step) * share;
    const std::array<double, 3> k{kr, kg, kb};
    for (std::size_t i = 0; i < 3; i++) {
        y_[i] = static_cast<float>(luma * k[i]);
        u_[i] = static_cast<float>(chroma * ((i == 2 ? 1 : 0) - k[i]) / (2 * (1 - kb)));
        v_[i] = static_cast<float>(chroma * ((i == 0 ? 1 : 0) - k[i]) / (2 * (1 - kr)));
    }
    y_offset_ = static_cast<float>(full ? 0 : 16 * step);
    uv_offset_ = static_cast<float>(128 * step);
}

} // namespace butaca::subtitle
