// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/check/tags.h"

#include <algorithm>
#include <array>
#include <set>

#include <glib.h>

#include "src/base/encoding.h"

namespace butaca::client::check {

namespace {

using enum TagKind;

// RFC 8216 and, from EXT-X-DEFINE on, draft-pantos-hls-rfc8216bis.
constexpr std::array tag_table{
    TagInfo{"EXTM3U", basic, true, false},
    TagInfo{"EXT-X-VERSION", basic, true, false},
    TagInfo{"EXT-X-INDEPENDENT-SEGMENTS", basic, true, false},
    TagInfo{"EXT-X-START", basic, true, true},
    TagInfo{"EXTINF", media_segment, false, false},
    TagInfo{"EXT-X-BYTERANGE", media_segment, false, false},
    TagInfo{"EXT-X-DISCONTINUITY", media_segment, false, false},
    TagInfo{"EXT-X-KEY", media_segment, false, true},
    TagInfo{"EXT-X-MAP", media_segment, false, true},
    TagInfo{"EXT-X-PROGRAM-DATE-TIME", media_segment, false, false},
    TagInfo{"EXT-X-DATERANGE", media_segment, false, true},
    TagInfo{"EXT-X-TARGETDURATION", media, true, false},
    TagInfo{"EXT-X-MEDIA-SEQUENCE", media, true, false},
    TagInfo{"EXT-X-DISCONTINUITY-SEQUENCE", media, true, false},
    TagInfo{"EXT-X-ENDLIST", media, true, false},
    TagInfo{"EXT-X-PLAYLIST-TYPE", media, true, false},
    TagInfo{"EXT-X-I-FRAMES-ONLY", media, true, false},
    TagInfo{"EXT-X-MEDIA", multivariant, false, true},
    TagInfo{"EXT-X-STREAM-INF", multivariant, false, true},
    TagInfo{"EXT-X-I-FRAME-STREAM-INF", multivariant, false, true},
    TagInfo{"EXT-X-SESSION-DATA", multivariant, false, true},
    TagInfo{"EXT-X-SESSION-KEY", multivariant, false, true},
    TagInfo{"EXT-X-DEFINE", basic, false, true},
    TagInfo{"EXT-X-GAP", media_segment, false, false},
    TagInfo{"EXT-X-BITRATE", media_segment, false, false},
    TagInfo{"EXT-X-PART", media_segment, false, true},
    TagInfo{"EXT-X-SERVER-CONTROL", media, true, true},
    TagInfo{"EXT-X-PART-INF", media, true, true},
    TagInfo{"EXT-X-SKIP", media, true, true},
    TagInfo{"EXT-X-PRELOAD-HINT", media, false, true},
    TagInfo{"EXT-X-RENDITION-REPORT", media, false, true},
    TagInfo{"EXT-X-CONTENT-STEERING", multivariant, true, true},
    TagInfo{"EXT-X-ALLOW-CACHE", media, true, false}, // of the drafts before RFC 8216
};
constexpr TagInfo unknown_tag{"", unknown, false, false};

using enum ValueForm;

constexpr std::array attribute_table{
    AttributeInfo{"EXT-X-MEDIA", "TYPE", enumerated, true, "|AUDIO|VIDEO|SUBTITLES|CLOSED-CAPTIONS|"},
    AttributeInfo{"EXT-X-MEDIA", "GROUP-ID", quoted, true, ""},
    AttributeInfo{"EXT-X-MEDIA", "NAME", quoted, true, ""},
    AttributeInfo{"EXT-X-MEDIA", "URI", quoted, false, ""},
    AttributeInfo{"EXT-X-MEDIA", "LANGUAGE", quoted, false, ""},
    AttributeInfo{"EXT-X-MEDIA", "ASSOC-LANGUAGE", quoted, false, ""},
    AttributeInfo{"EXT-X-MEDIA", "DEFAULT", yes_no, false, ""},
    AttributeInfo{"EXT-X-MEDIA", "AUTOSELECT", yes_no, false, ""},
    AttributeInfo{"EXT-X-MEDIA", "FORCED", yes_no, false, ""},
    AttributeInfo{"EXT-X-MEDIA", "INSTREAM-ID", quoted, false, ""},
    AttributeInfo{"EXT-X-MEDIA", "CHARACTERISTICS", quoted, false, ""},
    AttributeInfo{"EXT-X-MEDIA", "CHANNELS", quoted, false, ""},
    AttributeInfo{"EXT-X-STREAM-INF", "BANDWIDTH", integer, true, ""},
    AttributeInfo{"EXT-X-STREAM-INF", "AVERAGE-BANDWIDTH", integer, false, ""},
    AttributeInfo{"EXT-X-STREAM-INF", "CODECS", quoted, false, ""},
    AttributeInfo{"EXT-X-STREAM-INF", "RESOLUTION", resolution, false, ""},
    AttributeInfo{"EXT-X-STREAM-INF", "FRAME-RATE", decimal, false, ""},
    AttributeInfo{"EXT-X-STREAM-INF", "HDCP-LEVEL", enumerated, false, "|NONE|TYPE-0|TYPE-1|"},
    AttributeInfo{"EXT-X-STREAM-INF", "VIDEO-RANGE", enumerated, false, "|SDR|HLG|PQ|"},
    AttributeInfo{"EXT-X-STREAM-INF", "AUDIO", quoted, false, ""},
    AttributeInfo{"EXT-X-STREAM-INF", "VIDEO", quoted, false, ""},
    AttributeInfo{"EXT-X-STREAM-INF", "SUBTITLES", quoted, false, ""},
    AttributeInfo{"EXT-X-I-FRAME-STREAM-INF", "URI", quoted, true, ""},
    AttributeInfo{"EXT-X-I-FRAME-STREAM-INF", "BANDWIDTH", integer, true, ""},
    AttributeInfo{"EXT-X-I-FRAME-STREAM-INF", "AVERAGE-BANDWIDTH", integer, false, ""},
    AttributeInfo{"EXT-X-I-FRAME-STREAM-INF", "CODECS", quoted, false, ""},
    AttributeInfo{"EXT-X-I-FRAME-STREAM-INF", "RESOLUTION", resolution, false, ""},
    AttributeInfo{"EXT-X-I-FRAME-STREAM-INF", "VIDEO", quoted, false, ""},
    AttributeInfo{"EXT-X-MAP", "URI", quoted, true, ""},
    AttributeInfo{"EXT-X-MAP", "BYTERANGE", quoted, false, ""},
    AttributeInfo{"EXT-X-KEY", "METHOD", enumerated, true, "|NONE|AES-128|SAMPLE-AES|SAMPLE-AES-CTR|"},
    AttributeInfo{"EXT-X-KEY", "URI", quoted, false, ""},
    AttributeInfo{"EXT-X-KEY", "KEYFORMAT", quoted, false, ""},
    AttributeInfo{"EXT-X-KEY", "KEYFORMATVERSIONS", quoted, false, ""},
    AttributeInfo{"EXT-X-DATERANGE", "ID", quoted, true, ""},
    AttributeInfo{"EXT-X-DATERANGE", "START-DATE", quoted, false, ""},
    AttributeInfo{"EXT-X-DATERANGE", "DURATION", decimal, false, ""},
    AttributeInfo{"EXT-X-SESSION-DATA", "DATA-ID", quoted, true, ""},
    AttributeInfo{"EXT-X-SESSION-KEY", "METHOD", enumerated, true, "|AES-128|SAMPLE-AES|SAMPLE-AES-CTR|"},
    AttributeInfo{"EXT-X-START", "TIME-OFFSET", any, true, ""},
    AttributeInfo{"EXT-X-START", "PRECISE", yes_no, false, ""},
};

bool has_form(const Attribute &one, const AttributeInfo &info)
{
    switch (info.form) {
    case yes_no:
        return one.value == "YES" || one.value == "NO";
    case enumerated:
        return std::string_view(info.values).find("|" + one.value + "|") != std::string_view::npos;
    case integer:
        return to_integer<std::uint64_t>(one.value).has_value();
    case decimal:
        return parse_decimal(one.value).has_value();
    case resolution:
        return parse_resolution(one.value).has_value();
    case quoted:
    case any:
        return true;
    }
    return true;
}

// "#EXTINF:2," as its parts; the attributes only of tags that have some.
Tag parse_tag(std::string_view line, unsigned number)
{
    const std::size_t colon = line.find(':');
    Tag tag{std::string(line.substr(1, colon == line.npos ? colon : colon - 1)), {}, {}, number};
    if (colon != line.npos)
        tag.value = line.substr(colon + 1);
    if (tag_info(tag.name).attributes)
        tag.attributes = parse_attributes(tag.value);
    return tag;
}

bool is_control(char c)
{
    return (static_cast<unsigned char>(c) < 0x20 && c != '\r' && c != '\n') || c == 0x7f;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// Blanks belong to titles (EXTINF), to quoted strings and dates; nowhere else.
bool has_stray_blank(std::string_view line)
{
    const bool may_end_so = line.starts_with("#") && !line.starts_with("#EXT-X");
    if (is_blank(line.front()) || (is_blank(line.back()) && !may_end_so))
        return true;
    if (!line.starts_with('#'))
        return line.find_first_of(" \t") != line.npos;
    const std::string_view name = line.substr(0, line.find(':'));
    return line.starts_with("#EXT") && name.find_first_of(" \t") != name.npos;
}

void judge_encoding(std::string_view text, const std::string &playlist, Findings &findings)
{
    const char *bad = nullptr;
    const bool valid = g_utf8_validate_len(text.data(), text.size(), &bad) != 0;
    const auto control =
        static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_control) - text.begin());
    const std::size_t at = valid ? control : std::min(control, static_cast<std::size_t>(bad - text.data()));
    if (at == text.size())
        return;
    const auto line = static_cast<unsigned>(
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1);
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(text[at]);
    findings.add(Rule::playlist_encoding, {playlist, line, no_segment},
                 {std::string("0x") + digits[byte >> 4U] + digits[byte & 15U]});
}

} // namespace

const TagInfo &tag_info(std::string_view name)
{
    const auto *found = std::find_if(tag_table.begin(), tag_table.end(),
                                     [&](const TagInfo &info) { return name == info.name; });
    return found == tag_table.end() ? unknown_tag : *found;
}

std::span<const AttributeInfo> attribute_infos() { return attribute_table; }

void judge_attributes(const Tag &tag, const std::string &playlist, Findings &findings)
{
    const Place place{playlist, tag.line, no_segment};
    if (!tag.attributes.unread.empty() || tag.attributes.all.empty())
        findings.add(Rule::attribute_list, place, {tag.name, tag.attributes.unread});
    std::set<std::string_view> seen;
    for (const Attribute &one : tag.attributes.all)
        if (!seen.insert(one.name).second)
            findings.add(Rule::attribute_twice, place, {tag.name, one.name});
    for (const AttributeInfo &info : attribute_table) {
        if (tag.name != info.tag)
            continue;
        const Attribute *one = tag.attributes.find(info.name);
        if (!one && info.required && tag.attributes.unread.empty())
            findings.add(Rule::attribute_missing, place, {tag.name, info.name});
        if (one && one->quoted != (info.form == quoted))
            findings.add(Rule::attribute_type, place, {tag.name, one->name, one->value});
        else if (one && !has_form(*one, info))
            findings.add(Rule::attribute_value, place, {tag.name, one->name, one->value});
    }
}

std::vector<Tag> read_lines(std::string_view text, const std::string &playlist, Findings &findings)
{
    constexpr std::size_t lines_most = 300000;
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    judge_encoding(text, playlist, findings);
    if (text.starts_with(byte_order_mark)) {
        findings.add(Rule::playlist_bom, {playlist, 1, no_segment});
        text.remove_prefix(byte_order_mark.size());
    }
    std::vector<Tag> lines;
    for (unsigned number = 1; !text.empty() && number <= lines_most; number++) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (number == 1 && line != "#EXTM3U")
            findings.add(Rule::playlist_header, {playlist, 1, no_segment}, {std::string(line)});
        if (line.empty())
            continue;
        if (has_stray_blank(line))
            findings.add(Rule::playlist_line, {playlist, number, no_segment}, {std::string(line)});
        while (!line.empty() && is_blank(line.front()))
            line.remove_prefix(1);
        while (!line.empty() && is_blank(line.back()))
            line.remove_suffix(1);
        if (line.empty())
            continue;
        if (line.starts_with("#EXT"))
            lines.push_back(parse_tag(line, number));
        else if (!line.starts_with('#'))
            lines.push_back(Tag{{}, std::string(line), {}, number});
    }
    return lines;
}

} // namespace butaca::client::check
