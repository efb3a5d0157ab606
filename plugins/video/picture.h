// SPDX-License-Identifier: LGPL-2.1-or-later
// Which picture leaves for which picture that comes in: size, colours, rate. Pure functions over
// GstVideoInfo.
#pragma once

#include <gst/video/video.h>

#include "src/base/gst.h"

namespace butaca::video {

// A size in pixels of 1:1; both even, because 4:2:0 needs it.
struct Size {
    int width = 0;
    int height = 0;
};

// The size to make from `info` when `width` and `height` are asked for. 0 means: follow the other by the
// source's display aspect ratio; both 0: keep the source's height and make pixels square.
Size output_size(const GstVideoInfo &info, int width, int height);

// The raw caps that the encoder gets: 8-bit I420, square pixels, limited range, the source's colours and
// chroma siting said explicitly (a size that crosses 576 lines would otherwise change what "unsaid" means).
Owned<GstCaps> encoder_input_caps(const GstVideoInfo &info, Size size);

// The caps between videoconvert and butacascale: any format that the scaler takes, for RGB the matrix to use,
// and the frame rate unless `rate_n` is 0.
Owned<GstCaps> scaler_input_caps(const GstVideoInfo &info, int rate_n, int rate_d);

} // namespace butaca::video
