// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/files/boxes.h"

#include "src/playback/files/bytes.h"
#include "src/playback/ts/box_reader.h"

namespace butaca::playback::files {

namespace {

constexpr std::size_t header_bytes = 8;

} // namespace

std::vector<Box> boxes_in(std::span<const std::uint8_t> bytes)
{
    std::vector<Box> boxes;
    while (bytes.size() >= header_bytes) {
        auto size = ts::box_size(bytes);
        if (!size || *size < header_bytes || *size > bytes.size())
            break;
        boxes.push_back({ts::box_type(bytes), bytes.subspan(header_bytes, *size - header_bytes)});
        bytes = bytes.subspan(*size);
    }
    return boxes;
}

std::optional<Box> find_box(std::span<const std::uint8_t> bytes, std::string_view type)
{
    for (const auto &box : boxes_in(bytes))
        if (box.type == type)
            return box;
    return std::nullopt;
}

std::string box(std::string_view type, std::string_view body)
{
    return big(body.size() + header_bytes, 4) + std::string(type) + std::string(body);
}

std::optional<std::span<const std::uint8_t>> sample_entry(std::span<const std::uint8_t> init)
{
    std::optional<Box> at = Box{"", init};
    for (const std::string_view type : {"moov", "trak", "mdia", "minf", "stbl", "stsd"})
        if (at)
            at = find_box(at->body, type);
    constexpr std::size_t version_and_count_bytes = 8;
    if (!at || at->body.size() < version_and_count_bytes)
        return std::nullopt;
    auto entries = boxes_in(at->body.subspan(version_and_count_bytes));
    return entries.empty() ? std::nullopt : std::optional(entries.front().body);
}

std::optional<std::span<const std::uint8_t>> child_of_sound(std::span<const std::uint8_t> entry,
                                                            std::string_view type)
{
    constexpr std::size_t audio_fields_bytes = 28;
    if (entry.size() < audio_fields_bytes)
        return std::nullopt;
    auto found = find_box(entry.subspan(audio_fields_bytes), type);
    return found ? std::optional(found->body) : std::nullopt;
}

} // namespace butaca::playback::files
