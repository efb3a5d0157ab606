// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/video/picture.h"

#include <algorithm>

#include "plugins/video/tone.h"
#include "plugins/video/zimg_graph.h"

namespace butaca::video {

namespace {

int even(gint64 value) { return static_cast<int>(std::clamp<gint64>(value / 2 * 2, 2, 16384)); }

// Round to the nearest even number.
int even_ratio(gint64 value, gint64 n, gint64 d) { return even((2 * value * n + 2 * d) / (2 * d)); }

// RGB pictures become YUV by the matrix that players assume for their size; their light stays theirs.
GstVideoColorimetry yuv_colours(const GstVideoInfo &info)
{
    GstVideoColorimetry colours = info.colorimetry;
    if (!GST_VIDEO_INFO_IS_RGB(&info) && colours.matrix != GST_VIDEO_COLOR_MATRIX_RGB) {
        // Grey pictures need no matrix, what is made of them does.
        if (colours.matrix == GST_VIDEO_COLOR_MATRIX_UNKNOWN)
            colours.matrix = info.height > 576 ? GST_VIDEO_COLOR_MATRIX_BT709 : GST_VIDEO_COLOR_MATRIX_BT601;
        return colours;
    }
    if (is_wide(colours)) {
        colours.matrix = GST_VIDEO_COLOR_MATRIX_BT2020;
        colours.range = GST_VIDEO_COLOR_RANGE_16_235;
    } else {
        gst_video_colorimetry_from_string(&colours, info.height > 576 ? "bt709" : "bt601");
    }
    return colours;
}

} // namespace

Size output_size(const GstVideoInfo &info, int width, int height)
{
    const gint64 par_n = std::max(1, info.par_n), par_d = std::max(1, info.par_d);
    const gint64 dar_n = info.width * par_n, dar_d = std::max<gint64>(1, info.height * par_d);
    if (width > 0 && height > 0)
        return {even(width), even(height)};
    if (width > 0)
        return {even(width), even_ratio(width, dar_d, dar_n)};
    if (height > 0)
        return {even_ratio(height, dar_n, dar_d), even(height)};
    return {par_n == par_d ? even(info.width) : even_ratio(info.width, par_n, par_d), even(info.height)};
}

Owned<GstCaps> encoder_input_caps(const GstVideoInfo &info, Size size)
{
    auto caps = adopt(gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "I420", "width", G_TYPE_INT,
                                          size.width, "height", G_TYPE_INT, size.height, "pixel-aspect-ratio",
                                          GST_TYPE_FRACTION, 1, 1, nullptr));
    GstVideoColorimetry colours = yuv_colours(info);
    if (is_wide(colours))
        gst_video_colorimetry_from_string(&colours, GST_VIDEO_COLORIMETRY_BT709);
    colours.range = GST_VIDEO_COLOR_RANGE_16_235;
    if (const auto name = adopt(gst_video_colorimetry_to_string(&colours)))
        gst_caps_set_simple(caps.get(), "colorimetry", G_TYPE_STRING, name.get(), nullptr);
    // Few players look at the chroma siting in the stream: give them the one they assume.
    gst_caps_set_simple(caps.get(), "chroma-site", G_TYPE_STRING, "mpeg2", nullptr);
    return caps;
}

Owned<GstCaps> scaler_input_caps(const GstVideoInfo &info, int rate_n, int rate_d)
{
    const bool rgb = GST_VIDEO_INFO_IS_RGB(&info);
    const char *format = "video/x-raw,format={ " BUTACA_SCALE_OPAQUE " }";
    if (GST_VIDEO_INFO_HAS_ALPHA(&info))
        format = "video/x-raw,format=" BUTACA_SCALE_ALPHA;
    else if (rgb)
        format = info.finfo->depth[0] > 8 ? "video/x-raw,format=Y444_12LE" : "video/x-raw,format=Y444";
    auto caps = adopt(gst_caps_from_string(format));
    // Range included, which is left to zimg: videoconvert copies grey as it is and calls it limited.
    const GstVideoColorimetry colours = yuv_colours(info);
    if (const auto name = adopt(gst_video_colorimetry_to_string(&colours)))
        gst_caps_set_simple(caps.get(), "colorimetry", G_TYPE_STRING, name.get(), nullptr);
    if (rate_n > 0)
        gst_caps_set_simple(caps.get(), "framerate", GST_TYPE_FRACTION, rate_n, std::max(1, rate_d), nullptr);
    return caps;
}

} // namespace butaca::video
