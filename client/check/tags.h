// SPDX-License-Identifier: LGPL-2.1-or-later
// What the specifications say of each tag and attribute, and the lines of a playlist as tags. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/check/playlist.h"

namespace butaca::client::check {

enum class TagKind {
    basic,         // in any playlist
    media_segment, // of the segment that follows; only in media playlists
    media,         // of a media playlist as a whole
    multivariant,  // only in multivariant playlists
    unknown,
};

struct TagInfo {
    const char *name;
    TagKind kind;
    bool once;       // at most one in a playlist
    bool attributes; // its value is an attribute list
};
const TagInfo &tag_info(std::string_view name);

enum class ValueForm { quoted, yes_no, enumerated, integer, decimal, resolution, any };

struct AttributeInfo {
    const char *tag;
    const char *name;
    ValueForm form;
    bool required;
    const char *values; // of an enumerated one, between bars: "|AUDIO|VIDEO|"
};
std::span<const AttributeInfo> attribute_infos();

// Judges the attributes of one tag against the table.
void judge_attributes(const Tag &tag, const std::string &playlist, Findings &findings);

// One line that is no comment: a tag, or a URI (its name is empty then, its value the URI).
// Judges encoding and the shape of the lines. Reads 300000 lines at the most.
std::vector<Tag> read_lines(std::string_view text, const std::string &playlist, Findings &findings);

} // namespace butaca::client::check
