// SPDX-License-Identifier: LGPL-2.1-or-later
// One conversion between two planar pictures by zimg: size, subsampling, depth, range, and the matrix between
// YUV and RGB. The only file that knows zimg.
#pragma once

#include <memory>
#include <string>

#include <gst/video/video.h>

namespace butaca::video {

// Not thread-safe: it owns its scratch memory.
class ZimgGraph {
public:
    // Null when zimg cannot do this conversion; `why` then says so.
    static std::unique_ptr<ZimgGraph> make(const GstVideoInfo &from, const GstVideoInfo &to,
                                           std::string &why);
    ~ZimgGraph();
    ZimgGraph(const ZimgGraph &) = delete;
    ZimgGraph &operator=(const ZimgGraph &) = delete;

    // Both frames are mapped by the caller and have the formats given to make(). False when zimg reports an
    // error.
    bool process(const GstVideoFrame &from, GstVideoFrame &to);

private:
    struct Impl;
    explicit ZimgGraph(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// The formats that butacascale takes, as caps fields: planar YUV of 8 to 12 bits; and with alpha.
#define BUTACA_SCALE_OPAQUE                                                                                  \
    "I420, Y42B, Y444, I420_10LE, I422_10LE, Y444_10LE, I420_12LE, I422_12LE, Y444_12LE"
#define BUTACA_SCALE_ALPHA "A444_10LE"

} // namespace butaca::video
