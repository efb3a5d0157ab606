// SPDX-License-Identifier: LGPL-2.1-or-later
// One subtitleburn in a harness: frames of one colour in, frames with subtitles out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include "src/base/gst.h"

namespace test_support {

class BurnHarness {
public:
    // `caps` are fields of video/x-raw, width and height among them.
    explicit BurnHarness(const std::string &caps);
    ~BurnHarness();
    BurnHarness(const BurnHarness &) = delete;
    BurnHarness &operator=(const BurnHarness &) = delete;

    GstElement *element() const { return harness_->element; }
    void set_script(const std::string &script);
    // Sinks `pictures`.
    void set_pictures(GVariant *pictures);

    // All samples of each plane are the codes given.
    butaca::Owned<GstBuffer> frame(std::int64_t time_ns, unsigned luma = 64, unsigned chroma = 128) const;
    // What comes out; null and `flow` if nothing does.
    butaca::Owned<GstBuffer> push(butaca::Owned<GstBuffer> frame);
    butaca::Owned<GstBuffer> shown_at(std::int64_t time_ns) { return push(frame(time_ns)); }
    GstFlowReturn flow() const { return flow_; }
    // Of the first error or warning on the bus; "" when there is none.
    std::string trouble() const;

    // Rows of a plane without padding, as 16-bit codes.
    std::vector<std::uint16_t> plane(GstBuffer *buffer, unsigned number) const;
    const GstVideoInfo &info() const { return info_; }

private:
    GstHarness *harness_;
    butaca::Owned<GstBus> bus_;
    GstVideoInfo info_;
    GstFlowReturn flow_ = GST_FLOW_OK;
};

// An ASS document of 640 × 360 with these lines of [Events] after "Dialogue: ".
std::string ass_document(const std::vector<std::string> &dialogues);

} // namespace test_support
