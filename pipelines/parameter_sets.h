// SPDX-License-Identifier: LGPL-2.1-or-later
// Parameter sets inside copied H.264 and HEVC packets. Pure.
#pragma once

#include "src/base/gst.h"

namespace butaca::pipelines {

// The packet without its SPS, PPS, VPS and delimiters, which the sample entry holds already: h264parse puts
// them into whatever packet comes first after a jump, and equal segments must be equal. Other formats, and
// packets that are not cut as their caps say, come back as they are.
Owned<GstBuffer> without_parameter_sets(GstBuffer *packet, GstCaps *caps);

} // namespace butaca::pipelines
