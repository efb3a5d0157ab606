// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/subtitles/fonts.h"

#include <algorithm>
#include <string>

#include "src/origin/subtitles/lines.h"

namespace butaca::origin {

namespace {

constexpr std::size_t name_bytes_most = 200;

// Characters from '!' on have six bits each, the first one the highest (ASS: "embedded fonts"). Empty when
// one is out of range.
std::string decoded(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += 4) {
        std::size_t count = std::min<std::size_t>(4, text.size() - at);
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 4; i++) {
            auto bits = i < count ? static_cast<std::uint8_t>(text[at + i]) - unsigned{'!'} : 0U;
            if (bits > 63)
                return {};
            group = group << 6 | bits;
        }
        for (std::size_t i = 0; i + 1 < count; i++)
            out += static_cast<char>(group >> (16 - 8 * i) & 0xff);
    }
    return out;
}

// Encoded lines may begin with '[' too, but have neither small letters nor blanks.
bool begins_section(std::string_view line)
{
    line = trimmed(line);
    bool plain = starts_without_case(line, "[events]") || starts_without_case(line, "[fonts]") ||
                 starts_without_case(line, "[graphics]");
    return line.starts_with('[') && line.ends_with(']') &&
           (plain || std::any_of(line.begin(), line.end(), [](char c) { return c == ' ' || c > '`'; }));
}

} // namespace

bool looks_like_font(std::string_view bytes)
{
    using namespace std::string_view_literals;
    constexpr std::size_t header_bytes = 12;
    for (auto magic : {"\0\1\0\0"sv, "OTTO"sv, "true"sv, "ttcf"sv})
        if (bytes.size() > header_bytes && bytes.starts_with(magic))
            return true;
    return false;
}

void add_font(media::Subtitles &into, std::string_view name, std::string_view bytes)
{
    std::size_t total_bytes = bytes.size();
    for (const auto &font : into.fonts) {
        total_bytes += font.bytes.size();
        if (font.bytes == bytes)
            return;
    }
    if (!looks_like_font(bytes) || into.fonts.size() >= media::cue_fonts_most ||
        total_bytes > media::cue_fonts_bytes_most)
        return;
    bool named = !name.empty() && name.size() <= name_bytes_most &&
                 g_utf8_validate_len(name.data(), name.size(), nullptr) &&
                 std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20; });
    into.fonts.push_back(
        {named ? std::string(name) : "font " + std::to_string(into.fonts.size() + 1), std::string(bytes)});
}

void add_attached_fonts(media::Subtitles &into, const GstTagList *tags)
{
    unsigned count = tags ? gst_tag_list_get_tag_size(tags, GST_TAG_ATTACHMENT) : 0;
    for (unsigned i = 0; i < count; i++) {
        Owned<GstSample> sample;
        if (!gst_tag_list_get_sample_index(tags, GST_TAG_ATTACHMENT, i, Out(sample)))
            continue;
        const GstStructure *about = gst_sample_get_info(sample.get());
        const char *name = about ? gst_structure_get_string(about, "filename") : nullptr;
        if (MappedBuffer map(gst_sample_get_buffer(sample.get())); map)
            add_font(into, name ? name : "",
                     {reinterpret_cast<const char *>(map.bytes().data()), map.bytes().size()});
    }
}

void add_script_fonts(media::Subtitles &into, std::string_view script)
{
    bool inside = false;
    std::string_view name;
    std::string coded;
    auto finish = [&] {
        if (!coded.empty())
            add_font(into, name, decoded(coded));
        coded.clear();
    };
    for (auto line : lines_of(script)) {
        if (begins_section(line)) {
            finish();
            inside = starts_without_case(trimmed(line), "[fonts]");
        } else if (inside && starts_without_case(line, "fontname:")) {
            finish();
            name = trimmed(line.substr(9));
        } else if (inside) {
            coded += trimmed(line);
        }
    }
    finish();
}

} // namespace butaca::origin
