// SPDX-License-Identifier: LGPL-2.1-or-later
// Init segments and fragments of MP4 (ISO/IEC 14496-12, RFC 8216 3.3), reduced to what is judged. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/check/findings.h"
#include "client/check/media.h"
#include "client/check/sample_entry.h"

namespace butaca::client::check {

struct Track {
    std::uint32_t id = 0;
    std::string handler; // "vide", "soun"
    std::uint32_t timescale = 0;
    std::int64_t media_time = 0; // of the edit list: where the presentation begins
    Format format;
    std::uint32_t default_duration = 0; // of trex
    std::uint32_t default_size = 0;
    std::uint32_t default_flags = 0;
};

struct Init {
    std::vector<Track> tracks;
    const Track *find(std::uint32_t id) const;
    // The pictures if there are any, else the first track; null without tracks.
    const Track *main() const;
};

// Judges form and contents; gives the tracks that could be read.
Init read_init(std::string_view bytes, const Place &place, Findings &findings);

// Judges form, places of the data, and that fragments follow each other without a gap. `file_offset` is where
// `bytes` begin in their file. Gives one part for each track that has samples.
std::vector<Part> read_fragments(std::string_view bytes, const Init &init, std::uint64_t file_offset,
                                 const Place &place, Findings &findings);

// Does it look like MP4 (a box of a type that segments and files begin with)?
bool looks_like_mp4(std::string_view bytes);

} // namespace butaca::client::check
