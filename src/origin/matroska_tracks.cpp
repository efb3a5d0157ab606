// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/matroska_tracks.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <optional>
#include <string_view>

#include <unistd.h>

namespace butaca::origin {

namespace {

using Bytes = std::span<const std::uint8_t>;

// Element IDs with their length marker (RFC 9559, 5.1).
enum Id : std::uint32_t {
    ebml = 0x1A45DFA3,
    segment = 0x18538067,
    tracks = 0x1654AE6B,
    cluster = 0x1F43B675,
    track_entry = 0xAE,
    track_type = 0x83,
    codec_id = 0x86,
    flag_forced = 0x55AA,
    flag_hearing_impaired = 0x55AB,
    language_bcp47 = 0x22B59D,
};

constexpr std::uint64_t subtitle_type = 0x11;
constexpr std::size_t tracks_most = 256;
constexpr std::size_t text_bytes_most = 64;

// A variable-length integer (RFC 8794, 4), its marker kept or not. Nothing when the bytes end before it does.
std::optional<std::uint64_t> take_number(Bytes &bytes, std::size_t length_most, bool keep_marker)
{
    if (bytes.empty() || bytes[0] == 0)
        return std::nullopt;
    auto length = static_cast<std::size_t>(std::countl_zero(bytes[0])) + 1;
    if (length > length_most || length > bytes.size())
        return std::nullopt;
    std::uint64_t value = keep_marker ? bytes[0] : bytes[0] & ((1U << (8 - length)) - 1);
    bool all_ones = (bytes[0] | (0xFFU << (8 - length) & 0xFF)) == 0xFF;
    for (std::size_t i = 1; i < length; i++) {
        value = value << 8 | bytes[i];
        all_ones = all_ones && bytes[i] == 0xFF;
    }
    bytes = bytes.subspan(length);
    // A size of ones alone is not known (RFC 8794, 6.2): it lasts as long as what is around it.
    return all_ones && !keep_marker ? UINT64_MAX : value;
}

struct Element {
    std::uint32_t id = 0;
    Bytes body; // cut off where the bytes end
};

std::optional<Element> take_element(Bytes &bytes)
{
    auto id = take_number(bytes, 4, true);
    auto size = id ? take_number(bytes, 8, false) : std::nullopt;
    if (!size)
        return std::nullopt;
    Bytes body = bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(*size, bytes.size())));
    bytes = bytes.subspan(body.size());
    return Element{static_cast<std::uint32_t>(*id), body};
}

// The first child with this ID; an empty body where there is none before the media begin.
Bytes find(Bytes parent, std::uint32_t id)
{
    while (auto child = take_element(parent)) {
        if (child->id == id)
            return child->body;
        if (child->id == cluster)
            break;
    }
    return {};
}

std::uint64_t unsigned_value(Bytes bytes)
{
    std::uint64_t value = 0;
    for (std::uint8_t byte : bytes.first(std::min<std::size_t>(bytes.size(), 8)))
        value = value << 8 | byte;
    return value;
}

std::string text_value(Bytes bytes)
{
    std::string text(bytes.begin(), bytes.begin() + std::min(bytes.size(), text_bytes_most));
    return text.substr(0, text.find('\0'));
}

// A tag of BCP 47 by its letters (RFC 5646, 2.1); "" for all others, and for "und", which says nothing.
std::string language_value(Bytes bytes)
{
    std::string tag = text_value(bytes);
    bool shaped =
        tag.size() >= 2 && tag.size() <= 35 &&
        std::all_of(tag.begin(), tag.end(), [](unsigned char c) { return std::isalnum(c) || c == '-'; });
    return shaped && tag != "und" ? tag : "";
}

} // namespace

std::vector<MatroskaSubtitles> matroska_subtitles(Bytes head)
{
    std::vector<MatroskaSubtitles> found;
    Bytes list = find(find(head, segment), tracks);
    for (std::size_t i = 0; i < tracks_most; i++) {
        auto entry = take_element(list);
        if (!entry)
            break;
        if (entry->id != track_entry)
            continue;
        MatroskaSubtitles track;
        std::uint64_t type = 0;
        while (auto field = take_element(entry->body)) {
            if (field->id == track_type)
                type = unsigned_value(field->body);
            else if (field->id == codec_id)
                track.codec = text_value(field->body);
            else if (field->id == flag_forced)
                track.forced = unsigned_value(field->body) != 0;
            else if (field->id == flag_hearing_impaired)
                track.hearing_impaired = unsigned_value(field->body) != 0;
            else if (field->id == language_bcp47)
                track.language = language_value(field->body);
        }
        if (type == subtitle_type)
            found.push_back(std::move(track));
    }
    return found;
}

std::vector<MatroskaSubtitles> matroska_subtitles_of(int fd)
{
    std::vector<std::uint8_t> head(matroska_head_bytes);
    std::size_t filled = 0;
    while (filled < head.size()) {
        ssize_t got = pread(fd, head.data() + filled, head.size() - filled, static_cast<off_t>(filled));
        if (got <= 0)
            break;
        filled += static_cast<std::size_t>(got);
    }
    return matroska_subtitles(std::span(head).first(filled));
}

} // namespace butaca::origin
