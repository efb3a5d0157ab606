// SPDX-License-Identifier: LGPL-2.1-or-later
// Graphs between an audio track's packets and samples at the output's rate. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "pipelines/graph.h"
#include "pipelines/job.h"

namespace butaca::pipelines {

// source ! demuxer ! parser ! sink: packets, for a decoder or for segmentmux.
Graph audio_packet_graph(const Origin &origin, const std::string &parser);

// source ! sink: raw bytes, for bare streams that are entered at a byte position.
Graph byte_graph(const Origin &origin);
// feed ! parser ! sink: those bytes cut into packets.
Graph framing_graph(const std::string &parser);

// feed ! decoder ! sink: interleaved 32-bit float samples at the source's own rate.
Graph audio_decode_graph(const std::string &decoder, std::uint32_t rate);

// feed ! resampler ! sink.
Graph resample_graph(std::uint32_t rate);

} // namespace butaca::pipelines
