// SPDX-License-Identifier: LGPL-2.1-or-later
// What happens to encoded frames between an encoder and videotranscode's source pad. Lives on the streaming
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <gst/gst.h>

#include "plugins/video/encoder_table.h"
#include "src/base/gst.h"

namespace butaca::video {

// Undoes what encoders do to time, and tidies their output for a muxer.
//
// x264enc and its like add 1000 hours to all times, so that decode times (which lie before presentation
// times) never go below zero, and hide that in the segment event. Here presentation times leave as they came
// in. Where the first decode times would be negative, which a buffer cannot say, they are squeezed into the
// time before the first that is not: still rising, and still no later than presentation.
class EncodedPad {
public:
    // Watches what goes into `encoder` and what comes out of `last` (the encoder, its parser or a filter).
    // The wish's level is written into H.264 parameter sets (none: they stay) and AV1 sequence headers. The
    // probes live as long as the pads, and this object must outlive both.
    EncodedPad(const Encoder &row, const Wish &wish, GstElement *encoder, GstElement *last);
    EncodedPad(const EncodedPad &) = delete;
    EncodedPad &operator=(const EncodedPad &) = delete;

private:
    static GstPadProbeReturn raw_trampoline(GstPad *pad, GstPadProbeInfo *info, gpointer self) noexcept;
    static GstPadProbeReturn encoded_trampoline(GstPad *pad, GstPadProbeInfo *info, gpointer self) noexcept;
    void on_raw_buffer(GstPad *pad, GstBuffer *buffer);
    void on_raw_event(GstEvent *event);
    void on_encoded_buffer(GstPadProbeInfo *info);
    void on_encoded_event(GstPadProbeInfo *info);
    void restore_times(GstBuffer *buffer);
    Owned<GstEvent> with_level(GstEvent *caps_event) const;
    Owned<GstEvent> with_av1_configuration(GstEvent *caps_event) const;
    std::optional<std::vector<std::uint8_t>> tidied(std::span<const std::uint8_t> bytes) const;

    const Encoder &row_;
    std::string level_;
    unsigned gop_frames_;
    Owned<GstEvent> segment_;
    std::uint64_t frames_in_ = 0;
    GstClockTime first_pts_ = GST_CLOCK_TIME_NONE;
    GstClockTimeDiff shift_ = 0;
    GstClockTimeDiff first_dts_ = 0; // after the shift
    bool knows_shift_ = false;
};

} // namespace butaca::video
