// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs a gst-launch line to its end and keeps what came out of it.
#pragma once

#include <string>
#include <vector>

#include <gst/gst.h>

#include "src/base/gst.h"

namespace test_support {

struct Packet {
    std::string bytes;
    GstClockTime pts = GST_CLOCK_TIME_NONE;
    GstClockTime dts = GST_CLOCK_TIME_NONE;
    GstClockTime duration = GST_CLOCK_TIME_NONE;
    bool is_key = false;
};

struct Made {
    std::vector<Packet> packets;
    std::vector<GstClockTime> pts_in; // of what left the element named "in", if there is one
    butaca::Owned<GstCaps> caps;      // the last ones; null when none came
    std::string error;                // empty when the stream ended well

    // Digest of all bytes, times and caps.
    std::string sha256() const;
    std::string bytes() const;
    std::string codec_data() const; // of the caps; empty without
};

// `launch` ends with " ! " or with an element's properties; a sink is added. With `samples`, they are what
// the element named "samples" (an appsrc with its caps set) puts out.
Made run_launch(const std::string &launch, const std::string &samples = {});

// sha256() of the same launch in a process of its own.
std::string sha256_in_another_process(const std::string &launch);

} // namespace test_support
