// SPDX-License-Identifier: LGPL-2.1-or-later
// Segments that are MPEG transport streams (ISO/IEC 13818-1, RFC 8216 3.2) or packed audio (3.4). Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "client/check/findings.h"
#include "client/check/media.h"
#include "client/check/sample_entry.h"

namespace butaca::client::check {

struct Counters {
    unsigned first = 0; // of the segment's first packet with a payload
    unsigned last = 0;
};

struct PackedSegment {
    std::vector<Part> parts; // the pictures first
    std::vector<Format> formats;
    std::map<std::uint16_t, Counters> counters; // by PID
};

// Judges packets, tables and counters. `has_map`: the tables may be in the init segment.
PackedSegment read_transport_stream(std::string_view bytes, bool has_map, const Place &place,
                                    Findings &findings);

// Do the counters of neighbours go on? `before` is the segment before.
void judge_counters(const std::map<std::uint16_t, Counters> &before,
                    const std::map<std::uint16_t, Counters> &now, const Place &place, Findings &findings);

// ADTS frames, or MP3, AC-3 and E-AC-3, after an ID3 tag with the time. Only ADTS frames are counted.
PackedSegment read_packed_audio(std::string_view bytes, const Place &place, Findings &findings);

bool looks_like_transport_stream(std::string_view bytes);
bool looks_like_packed_audio(std::string_view bytes);

} // namespace butaca::client::check
