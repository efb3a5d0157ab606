// SPDX-License-Identifier: LGPL-2.1-or-later
// Lists of titles for players that know neither our API nor playlists of segments: M3U8 (M3U in UTF-8) and
// XSPF 1. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace butaca::gateway {

struct CollectionEntry {
    std::string url; // whole
    std::string title;
    std::string artist;
    std::string album;
    unsigned track = 0; // 0: not known
    std::int64_t duration_ms = 0;
};

struct Collection {
    std::string title;
    std::vector<CollectionEntry> entries;
};

// Line breaks and control characters of titles become blanks: a title must not become an entry.
std::string to_m3u8(const Collection &collection);
std::string to_xspf(const Collection &collection);

} // namespace butaca::gateway
