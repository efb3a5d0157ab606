// SPDX-License-Identifier: LGPL-2.1-or-later
// Demuxers of GStreamer that need to be known by name.
#pragma once

#include <gst/gst.h>

#include "pipelines/run.h"

namespace butaca::pipelines {

// Whether the node "demuxer" of a run is one of this factory.
bool demuxed_by(const Run &run, const char *factory);

// From now on H.264 and HEVC come through this sink pad without the colours of their container, so that the
// decoder tells those of the stream; other caps pass as they are. For qtdemux (1.22), which says limited
// range of every film, and what is in the caps is believed more than the stream. The pad owns all that this
// needs.
void leave_colours_to_the_stream(GstPad *pad);

} // namespace butaca::pipelines
