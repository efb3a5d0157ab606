// SPDX-License-Identifier: LGPL-2.1-or-later
// Graphs that give a video track's frames: decoded, or as packets. Pure.
#pragma once

#include "pipelines/elements.h"
#include "pipelines/graph.h"
#include "pipelines/job.h"

namespace butaca::pipelines {

// source ! demuxer ! parser ! decoder ! sink. One decoder thread: segments run side by side instead.
Graph video_decode_graph(const Origin &origin, const StreamElements &elements);

// source ! demuxer ! parser ! sink, with packets in the form that segmentmux takes.
Graph video_packet_graph(const Origin &origin, const std::string &parser);

} // namespace butaca::pipelines
