// SPDX-License-Identifier: LGPL-2.1-or-later
// Wishes as they travel in signed URLs: fields in a fixed order, joined by '~', which none of them contains.
#include <array>
#include <vector>

#include "src/base/encoding.h"
#include "src/playback/wishes.h"

namespace butaca::playback {

namespace {

// "es:3:burn"; what is not wished is left empty.
std::string subtitles_to_text(const SubtitleWish &wish)
{
    return wish.language + ":" + (wish.index ? std::to_string(*wish.index) : "") + ":" +
           (wish.burn ? "burn" : "track");
}

std::optional<SubtitleWish> subtitles_from_text(const std::string &text)
{
    auto first = text.find(':');
    auto second = first == std::string::npos ? first : text.find(':', first + 1);
    if (second == std::string::npos)
        return std::nullopt;
    SubtitleWish wish{text.substr(0, first), std::nullopt, text.substr(second + 1) == "burn"};
    if (second > first + 1) {
        wish.index = to_integer<unsigned>(text.substr(first + 1, second - first - 1));
        if (!wish.index)
            return std::nullopt;
    }
    return wish;
}

} // namespace

std::string to_text(const Wishes &wishes)
{
    const std::array fields = {wishes.video_codec,
                               std::to_string(wishes.max_height),
                               std::string(wishes.quality ? media::to_string(*wishes.quality) : ""),
                               wishes.audio_codec,
                               std::to_string(wishes.audio_bitrate_bps),
                               wishes.audio_language,
                               std::string(wishes.normalize ? "n" : "") + (wishes.night ? "d" : ""),
                               wishes.file_format,
                               std::string(wishes.container ? to_string(*wishes.container) : ""),
                               wishes.subtitles ? subtitles_to_text(*wishes.subtitles) : std::string()};
    std::string text = fields.front();
    for (std::size_t i = 1; i < fields.size(); i++)
        text += "~" + fields[i];
    return text;
}

Result<Wishes> wishes_from_text(std::string_view text)
{
    std::vector<std::string> parts(1);
    for (char c : text) {
        if (c == '~')
            parts.emplace_back();
        else
            parts.back() += c;
    }
    constexpr std::size_t fields = 10;
    const bool complete = parts.size() == fields;
    auto height = complete ? to_integer<unsigned>(parts[1]) : std::nullopt;
    auto bitrate = complete ? to_integer<std::uint64_t>(parts[4]) : std::nullopt;
    auto container = complete ? container_from(parts[8]) : std::nullopt;
    auto subtitles = complete ? subtitles_from_text(parts[9]) : std::nullopt;
    if (!height || !bitrate || (!container && !parts[8].empty()) || (!subtitles && !parts[9].empty()))
        return fail(ErrorCode::invalid_argument, "this playback is not one of ours");
    Wishes wishes;
    wishes.video_codec = parts[0];
    wishes.max_height = *height;
    wishes.quality = media::quality_from(parts[2]);
    wishes.audio_codec = parts[3];
    wishes.audio_bitrate_bps = *bitrate;
    wishes.audio_language = parts[5];
    wishes.normalize = parts[6].find('n') != std::string::npos;
    wishes.night = parts[6].find('d') != std::string::npos;
    wishes.file_format = parts[7];
    wishes.container = container;
    wishes.subtitles = subtitles;
    return wishes;
}

} // namespace butaca::playback
