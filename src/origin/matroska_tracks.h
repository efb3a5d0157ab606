// SPDX-License-Identifier: LGPL-2.1-or-later
// What GStreamer's demuxer does not tell of the subtitle tracks of Matroska (RFC 9559): which codec an
// unknown one has, and its flags.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace butaca::origin {

struct MatroskaSubtitles {
    std::string codec;    // CodecID, "S_TEXT/WEBVTT"
    std::string language; // LanguageBCP47; "" when there is none, or it is no such tag
    bool forced = false;  // FlagForced: only what everybody has to read
    bool hearing_impaired = false;
};

// The subtitle tracks in the order in which they stand in the file, from its first bytes. Empty when these
// hold no Tracks element; damage ends the list, never more. Looks at 256 tracks at most.
std::vector<MatroskaSubtitles> matroska_subtitles(std::span<const std::uint8_t> head);

// The same, of an open file (its position stays). Blocks on the disk.
std::vector<MatroskaSubtitles> matroska_subtitles_of(int fd);

// How many bytes of a file are looked at: Tracks stands before the first cluster, but fonts may stand before
// it.
inline constexpr std::size_t matroska_head_bytes = 16UL * 1024 * 1024;

} // namespace butaca::origin
