// SPDX-License-Identifier: LGPL-2.1-or-later
// All that butacascale does to a picture: over black what is transparent, size, subsampling, depth and range
// by zimg, and on the way the light of HDR and wide gamuts (tone.h).
#pragma once

#include <memory>
#include <string>

#include <gst/video/video.h>

#include "plugins/video/tone.h"
#include "plugins/video/zimg_graph.h"
#include "src/base/gst.h"

namespace butaca::video {

// A frame of our own, with rows as zimg likes them.
class OwnFrame {
public:
    // Null when there is no memory or no such format.
    static std::unique_ptr<OwnFrame> make(GstVideoFormat format, int width, int height);
    ~OwnFrame();
    OwnFrame(const OwnFrame &) = delete;
    OwnFrame &operator=(const OwnFrame &) = delete;
    GstVideoFrame &frame() { return frame_; }
    GstVideoInfo &info() { return info_; }

private:
    OwnFrame() = default;
    Owned<GstBuffer> buffer_;
    GstVideoInfo info_{};
    GstVideoFrame frame_{};
    bool mapped_ = false;
};

// Not thread-safe.
class Conversion {
public:
    // `peak_nits`: the brightest light of a PQ film. Null when it cannot be done; `why` then says so.
    static std::unique_ptr<Conversion> make(const GstVideoInfo &from, const GstVideoInfo &to,
                                            double peak_nits, std::string &why);
    // Both frames are mapped by the caller and have the formats given to make(). False when zimg reports an
    // error.
    bool process(GstVideoFrame &from, GstVideoFrame &to);

private:
    std::unique_ptr<OwnFrame> opaque_; // where the source has alpha
    std::unique_ptr<ZimgGraph> first_;
    // Where light is mapped: RGB in between.
    std::unique_ptr<OwnFrame> rgb_;
    std::unique_ptr<ToneMap> tone_;
    std::unique_ptr<ZimgGraph> second_;
};

} // namespace butaca::video
