// SPDX-License-Identifier: LGPL-2.1-or-later
// How the segments of a playback are packed. It is no part of a rendition: both hold the same frames. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "src/playback/presentation.h"

namespace butaca::playback {

enum class Container {
    mp4,             // CMAF, as made
    transport_stream // MPEG-2 TS, packed anew from that
};

// The words of the interface, "mp4" and "ts".
std::string_view to_string(Container container);
std::optional<Container> container_from(std::string_view word);

// What a player gets that sends this User-Agent and asked for nothing: a transport stream where it is known
// to play HLS of MP4 badly (docs/decisions/transport-streams.md), else MP4.
Container container_for(std::string_view user_agent);

// Can this presentation be sent in a transport stream? Only H.264 and AAC-LC can.
bool fits_transport_stream(const Presentation &presentation);

} // namespace butaca::playback
