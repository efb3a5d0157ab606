// SPDX-License-Identifier: LGPL-2.1-or-later
// A playlist of HLS as a value. Reading one judges its syntax on the way; whatever can be understood is kept,
// so that one mistake does not hide the rest. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/check/attributes.h"
#include "client/check/findings.h"

namespace butaca::client::check {

struct Tag {
    std::string name; // "EXT-X-MAP"
    std::string value;
    AttributeList attributes; // empty unless the tag has such a list
    unsigned line = 0;
};

// A part of a resource; size 0 means all of it.
struct Range {
    std::uint64_t offset = 0;
    std::uint64_t size_bytes = 0;
};

struct Resource {
    std::string uri; // as the playlist has it
    Range range;
    unsigned line = 0;
};

struct Segment {
    Resource resource;
    double duration_s = 0;
    std::optional<std::size_t> map; // in MediaPlaylist::maps
    bool discontinuity = false;     // before it
    bool encrypted = false;
};

struct MediaPlaylist {
    std::optional<unsigned> target_s;
    std::int64_t first_number = 0; // EXT-X-MEDIA-SEQUENCE
    std::vector<Resource> maps;
    std::vector<Segment> segments;
    bool is_vod = false;
    bool ends = false;
    bool iframes_only = false;
    bool independent = false;

    double duration_s() const;
};

struct Variant {
    AttributeList attributes;
    std::string uri;
    unsigned line = 0;
};

struct MultivariantPlaylist {
    std::vector<Variant> variants; // EXT-X-STREAM-INF
    std::vector<Variant> iframes;  // EXT-X-I-FRAME-STREAM-INF
    std::vector<Variant> media;    // EXT-X-MEDIA; the uri may be empty
    bool independent = false;
};

struct Playlist {
    bool is_multivariant = false;
    MultivariantPlaylist multivariant;
    MediaPlaylist media;
};

// Judges the text's encoding, lines, tags and attributes; `name` stands in the findings.
Playlist read_playlist(std::string_view text, const std::string &name, Findings &findings);

} // namespace butaca::client::check
