// SPDX-License-Identifier: LGPL-2.1-or-later
// What the muxer gets for a packet of the original: the same bytes less what a segment must not carry, and
// all that the init segment has to say. Pure but for the caps it keeps.
#pragma once

#include <string>

#include "src/base/gst.h"

namespace butaca::pipelines {

class CopiedFormat {
public:
    // `known`: the track's caps as the probe wrote them.
    explicit CopiedFormat(const std::string &known);

    // Packets' caps, completed by what only the probe could know of the whole track, so that each segment has
    // the same init segment: AV1's configuration, FLAC's header, HEVC's colours where the stream does not
    // tell them. Borrowed, until the next call.
    GstCaps *caps(GstCaps *of_packet);

private:
    Owned<GstCaps> known_;
    Owned<GstCaps> given_; // of the last packet
    Owned<GstCaps> completed_;
};

// The packet's bytes without parameter sets and delimiters.
Owned<GstBuffer> bare_packet(GstBuffer *packet, GstCaps *caps);

} // namespace butaca::pipelines
