// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether the parameter sets of an H.264 or HEVC track stay what they were at its beginning. A copy has one
// init segment, which holds those alone. GStreamer's parsers say nothing where a set's number stays and its
// bytes change.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "src/base/gst.h"

namespace butaca::origin {

// Of one track, in the order of its packets. Bound to one thread.
class ParameterSets {
public:
    // Looks at the next packet, which need be no whole picture where it is a byte stream. Other formats are
    // passed over, and what is cut differently than its caps say.
    void take(const GstCaps *caps, GstBuffer *packet);
    // Whether a set turned up that neither the first caps nor the packets up to the first picture held.
    bool changed() const { return changed_; }

private:
    using Bytes = std::span<const std::uint8_t>;
    void take_configuration(const GstStructure *caps, bool hevc);
    void take_unit(Bytes unit, bool hevc);

    std::set<std::vector<std::uint8_t>> known_;
    bool configured_ = false;
    bool pictures_ = false; // the first one has come
    bool changed_ = false;
};

} // namespace butaca::origin
