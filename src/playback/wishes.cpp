// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/wishes.h"

#include <algorithm>
#include <array>
#include <utility>

namespace butaca::playback {

namespace {

constexpr std::array<std::string_view, 5> video_codecs = {"copy", "h264", "hevc", "vp9", "av1"};
// The last three are sent where the original has them, never made.
constexpr std::array<std::string_view, 8> audio_codecs = {"copy", "aac", "opus", "flac",
                                                          "mp3",  "ac3", "eac3", "alac"};
constexpr std::int64_t least_bitrate_kbps = 32;
constexpr std::int64_t most_bitrate_kbps = 320;
constexpr std::int64_t least_height = 64;
constexpr std::int64_t most_height = 16384;
constexpr std::int64_t most_track = 255;

tl::unexpected<Error> wrong(std::string_view field, std::string_view expected)
{
    return fail(ErrorCode::invalid_argument,
                "\"" + std::string(field) + "\" must be " + std::string(expected));
}

// Reads an optional string that must be one of `offered`.
template <std::size_t N>
Status read_codec(const json::Value &value, std::string_view field,
                  const std::array<std::string_view, N> &offered, std::string &into)
{
    if (value.is_null())
        return {};
    auto text = value.string();
    if (!text)
        return wrong(field, "a string");
    if (std::find(offered.begin(), offered.end(), *text) == offered.end())
        return fail(ErrorCode::unprocessable,
                    "the wish \"" + std::string(field) + "\" cannot be met: there is no such format here");
    into = *text;
    return {};
}

Status read_number(const json::Value &value, std::string_view field, std::int64_t least, std::int64_t most,
                   std::int64_t &into)
{
    if (value.is_null())
        return {};
    auto number = value.integer();
    if (!number || *number < least || *number > most)
        return wrong(field, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    into = *number;
    return {};
}

Status read_flag(const json::Value &value, std::string_view field, bool &into)
{
    if (value.is_null())
        return {};
    auto flag = value.boolean();
    if (!flag)
        return wrong(field, "true or false");
    into = *flag;
    return {};
}

// A language tag is letters, digits and hyphens (BCP 47); it travels in URLs.
bool is_language(std::string_view text)
{
    return !text.empty() && text.size() <= 35 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
}

Status read_video(const json::Value &video, Wishes &wishes)
{
    if (!video.is_null() && !video.is_object())
        return wrong("video", "an object");
    if (auto read = read_codec(video["codec"], "video.codec", video_codecs, wishes.video_codec); !read)
        return read;
    std::int64_t height = 0;
    if (auto read = read_number(video["max_height"], "video.max_height", least_height, most_height, height);
        !read)
        return read;
    wishes.max_height = static_cast<unsigned>(height);
    if (auto value = video["quality"]; !value.is_null()) {
        auto word = value.string();
        wishes.quality = word ? media::quality_from(*word) : std::nullopt;
        if (!wishes.quality)
            return wrong("video.quality", "one of low, medium, high, best, original");
    }
    return {};
}

Status read_audio(const json::Value &audio, Wishes &wishes)
{
    if (!audio.is_null() && !audio.is_object())
        return wrong("audio", "an object");
    if (auto read = read_codec(audio["codec"], "audio.codec", audio_codecs, wishes.audio_codec); !read)
        return read;
    // People write 128 and mean kb/s, programs write 128000 and mean bit/s; the two ranges do not touch.
    std::int64_t bitrate = 0;
    if (auto read = read_number(audio["bitrate"], "audio.bitrate", least_bitrate_kbps,
                                most_bitrate_kbps * 1000, bitrate);
        !read)
        return read;
    if (bitrate > most_bitrate_kbps && bitrate < least_bitrate_kbps * 1000)
        return wrong("audio.bitrate", "32 to 320 in kb/s, or 32000 to 320000 in bit/s");
    wishes.audio_bitrate_bps =
        static_cast<std::uint64_t>(bitrate <= most_bitrate_kbps ? bitrate * 1000 : bitrate);
    if (auto value = audio["language"]; !value.is_null()) {
        auto text = value.string();
        if (!text || !is_language(*text))
            return wrong("audio.language", "a language tag such as \"es\" or \"en-GB\"");
        wishes.audio_language = *text;
    }
    if (auto read = read_flag(audio["normalize"], "audio.normalize", wishes.normalize); !read)
        return read;
    if (auto read = read_flag(audio["night"], "audio.night", wishes.night); !read)
        return read;
    for (auto [wished, name] :
         {std::pair(wishes.normalize, "audio.normalize"), {wishes.night, "audio.night"}})
        if (wished && wishes.audio_codec == "copy")
            return fail(ErrorCode::unprocessable,
                        std::string("the wish \"") + name +
                            "\" cannot be met together with \"audio.codec\": a copy "
                            "sounds as the original does");
    return {};
}

Status read_subtitles(const json::Value &subtitles, Wishes &wishes)
{
    if (subtitles.is_null())
        return {};
    if (!subtitles.is_object())
        return wrong("subtitles", "an object");
    auto &wish = wishes.subtitles.emplace();
    if (auto value = subtitles["language"]; !value.is_null()) {
        auto text = value.string();
        if (!text || !is_language(*text))
            return wrong("subtitles.language", "a language tag such as \"es\" or \"en-GB\"");
        wish.language = *text;
    }
    if (!subtitles["index"].is_null()) {
        std::int64_t index = 0;
        if (auto read = read_number(subtitles["index"], "subtitles.index", 0, most_track, index); !read)
            return read;
        wish.index = static_cast<unsigned>(index);
    }
    if (auto value = subtitles["mode"]; !value.is_null()) {
        auto word = value.string();
        if (!word || (*word != "track" && *word != "burn"))
            return wrong("subtitles.mode", "one of track, burn");
        wish.burn = *word == "burn";
    }
    if (wish.burn && wishes.video_codec == "copy")
        return fail(ErrorCode::unprocessable, "the wish \"subtitles.mode\" cannot be met together with "
                                              "\"video.codec\": nothing can be drawn into a copy");
    return {};
}

Status read_container(const json::Value &value, Wishes &wishes)
{
    if (value.is_null())
        return {};
    auto word = value.string();
    wishes.container = word ? container_from(*word) : std::nullopt;
    if (!wishes.container)
        return wrong("container", "one of mp4, ts");
    bool packs_sound =
        wishes.audio_codec.empty() || wishes.audio_codec == "copy" || wishes.audio_codec == "aac";
    bool packs_pictures =
        wishes.video_codec.empty() || wishes.video_codec == "copy" || wishes.video_codec == "h264";
    if (*wishes.container == Container::transport_stream && !(packs_sound && packs_pictures))
        return fail(ErrorCode::unprocessable,
                    std::string("the wish \"container\" cannot be met together with \"") +
                        (packs_sound ? "video.codec" : "audio.codec") +
                        "\": a transport stream holds H.264 and AAC only here");
    return {};
}

} // namespace

Result<Wishes> wishes_from_json(const json::Value &body)
{
    Wishes wishes;
    if (auto read = read_video(body["video"], wishes); !read)
        return fail(read.error());
    if (auto read = read_audio(body["audio"], wishes); !read)
        return fail(read.error());
    if (auto read = read_container(body["container"], wishes); !read)
        return fail(read.error());
    if (auto read = read_subtitles(body["subtitles"], wishes); !read)
        return fail(read.error());
    if (wishes.video_codec == "copy" && wishes.quality && *wishes.quality != media::Quality::original)
        return fail(ErrorCode::unprocessable, "the wish \"video.quality\" cannot be met together with "
                                              "\"video.codec\": a copy has the original's quality");
    if (wishes.audio_codec == "flac" && wishes.audio_bitrate_bps > 0)
        return fail(ErrorCode::unprocessable, "the wish \"audio.bitrate\" cannot be met together with "
                                              "\"audio.codec\": FLAC loses nothing and takes what it needs");
    if (wishes.audio_codec == "copy" && wishes.audio_bitrate_bps > 0)
        return fail(ErrorCode::unprocessable, "the wish \"audio.bitrate\" cannot be met together with "
                                              "\"audio.codec\": a copy has the original's bitrate");
    return wishes;
}

} // namespace butaca::playback
