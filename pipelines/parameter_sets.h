// SPDX-License-Identifier: LGPL-2.1-or-later
// What H.264 and HEVC packets hold: parameter sets that a copy must not carry, and whether decoding can start
// there. Pure.
#pragma once

#include "src/base/gst.h"

namespace butaca::pipelines {

// The packet without its SPS, PPS, VPS and delimiters, which the sample entry holds already: h264parse puts
// them into whatever packet comes first after a jump, and equal segments must be equal. Other formats, and
// packets that are not cut as their caps say, come back as they are.
Owned<GstBuffer> without_parameter_sets(GstBuffer *packet, GstCaps *caps);

// How well decoding can start at a packet. clean: all from there on comes out as if decoded from the film's
// beginning (IDR; in HEVC any random access point; any packet of all other formats). later: that is true only
// some frames on (an H.264 recovery point, whose own picture libavcodec withholds). Many files call any I
// picture a keyframe: none.
enum class Entry { none, later, clean };
Entry entry_at(GstBuffer *packet, GstCaps *caps);

// Whether no other picture is predicted from this one, so that it need not be decoded unless it is shown.
// Known of H.264 alone (nal_ref_idc 0 in all its slices); else false.
bool is_disposable(GstBuffer *packet, GstCaps *caps);

} // namespace butaca::pipelines
