// SPDX-License-Identifier: LGPL-2.1-or-later
// One field of an interlaced picture as a whole picture, from nothing but that field. Pure.
#pragma once

#include <gst/video/video.h>

namespace butaca::video {

// The formats that it takes, as caps fields: planar YUV.
#define BUTACA_FIELD_FORMATS                                                                                 \
    "{ I420, Y42B, Y444, I420_10LE, I422_10LE, Y444_10LE, I420_12LE, I422_12LE, Y444_12LE }"

// The rows of the field stay where they are; those between are interpolated along the edges that cross them
// (luma) or from above and below (chroma, which so comes to lie where a progressive picture has it). Both
// frames have the same format and size, which is at least 2 rows high.
void show_field(const GstVideoFrame &from, GstVideoFrame &to, bool top);

} // namespace butaca::video
