// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/hls.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "src/playback/bandwidth.h"
#include "src/playback/chapter_texts.h"

namespace butaca::playback {

namespace {

constexpr std::string_view audio_group = "audio";
constexpr std::string_view subtitle_group = "subtitles";

// A quoted-string may hold neither line breaks nor quotes (RFC 8216, 4.2); track titles come from hostile
// files.
std::string quoted(std::string_view text)
{
    std::string out = "\"";
    for (char c : text)
        if (c == '"')
            out += '\'';
        else if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f)
            out += c;
    return out + "\"";
}

std::string decimals(double value, int digits)
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.*f", digits, value);
    return text.data();
}

std::string bandwidth_attributes(const Bandwidth &video, const Bandwidth &audio)
{
    std::uint64_t peak = std::max<std::uint64_t>(1, video.peak_bps + audio.peak_bps);
    std::uint64_t average = std::clamp<std::uint64_t>(video.average_bps + audio.average_bps, 1, peak);
    return "BANDWIDTH=" + std::to_string(peak) + ",AVERAGE-BANDWIDTH=" + std::to_string(average);
}

std::string playlist_uri(const std::string &rendition, Container container)
{
    return rendition + "/" + std::string(media_playlist_name(container));
}

std::string audio_name(const AudioRendition &rendition, std::size_t position)
{
    // NAME must differ within a group (RFC 8216, 4.3.4.1.1).
    std::string base = !rendition.name.empty()       ? rendition.name
                       : !rendition.language.empty() ? rendition.language
                                                     : "Audio";
    return position == 0 ? base : base + " " + std::to_string(position + 1);
}

// What a device chooses by: of those that are alike in that, one may say that it can be chosen (RFC 8216,
// 4.3.4.1.1).
bool alike(const AudioRendition &one, const AudioRendition &other) { return one.language == other.language; }
bool alike(const SubtitleRendition &one, const SubtitleRendition &other)
{
    return one.language == other.language && one.forced == other.forced &&
           one.hearing_impaired == other.hearing_impaired;
}

// The default one of those that are alike, else the first.
template <typename Rendition> std::string selection(const std::vector<Rendition> &all, std::size_t position)
{
    const Rendition &own = all[position];
    bool chosen = true;
    for (std::size_t i = 0; i < all.size() && !own.is_default; i++)
        chosen = chosen && (i == position || !alike(all[i], own) || (i > position && !all[i].is_default));
    return std::string(",DEFAULT=") + (own.is_default ? "YES" : "NO") +
           ",AUTOSELECT=" + (chosen ? "YES" : "NO");
}

std::string audio_media(const Presentation &presentation, Container container)
{
    std::string out;
    for (std::size_t i = 0; i < presentation.audio.size(); i++) {
        const auto &rendition = presentation.audio[i];
        out += "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=" + quoted(audio_group) +
               ",NAME=" + quoted(audio_name(rendition, i));
        out += ",LANGUAGE=" + quoted(rendition.language.empty() ? "und" : rendition.language);
        out += selection(presentation.audio, i);
        out += ",CHANNELS=" + quoted(std::to_string(rendition.transform.channels));
        out += ",URI=" + quoted(playlist_uri(rendition.id, container)) + "\n";
    }
    return out;
}

// NAME must differ within a group.
std::string subtitle_name(const Presentation &presentation, std::size_t position)
{
    const auto &own = presentation.subtitles[position];
    std::string name = own.forced ? own.name + " (forced)" : own.name;
    std::size_t same = 0;
    for (std::size_t i = 0; i < position; i++)
        same += presentation.subtitles[i].name == own.name && presentation.subtitles[i].forced == own.forced;
    return same == 0 ? name : name + " " + std::to_string(same + 1);
}

std::string subtitle_media(const Presentation &presentation, Container container)
{
    std::string out;
    for (std::size_t i = 0; i < presentation.subtitles.size(); i++) {
        const auto &rendition = presentation.subtitles[i];
        out += "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=" + quoted(subtitle_group) +
               ",NAME=" + quoted(subtitle_name(presentation, i));
        out += ",LANGUAGE=" + quoted(rendition.language.empty() ? "und" : rendition.language);
        // Forced lines show by themselves; the others only to who asks, or whose device is set so.
        out += selection(presentation.subtitles, i);
        out += std::string(",FORCED=") + (rendition.forced ? "YES" : "NO");
        if (rendition.hearing_impaired)
            out += ",CHARACTERISTICS=" + quoted("public.accessibility.transcribes-spoken-dialog,"
                                                "public.accessibility.describes-music-and-sound");
        out += ",URI=" + quoted(playlist_uri(rendition.id, container)) + "\n";
    }
    return out;
}

// The largest of the group: whichever a viewer picks must fit (RFC 8216, 4.3.4.2).
Bandwidth largest(const std::vector<Bandwidth> &all)
{
    Bandwidth most;
    for (const auto &one : all) {
        most.peak_bps = std::max(most.peak_bps, one.peak_bps);
        most.average_bps = std::max(most.average_bps, one.average_bps);
    }
    return most;
}

// Players of transport streams are mostly old ones, which need not know what came after EXT-X-MEDIA.
std::string begin(Container container)
{
    return container == Container::mp4 ? "#EXTM3U\n#EXT-X-VERSION:7\n" : "#EXTM3U\n#EXT-X-VERSION:4\n";
}

std::string header(unsigned target_duration_s, Container container)
{
    return begin(container) + "#EXT-X-TARGETDURATION:" + std::to_string(target_duration_s) +
           "\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n" +
           (container == Container::mp4 ? "#EXT-X-MAP:URI=\"init.mp4\"\n" : "");
}

// Rounded down for transport streams: players that add these up to find a segment must not look for its
// keyframe after its begin (docs/decisions/transport-streams.md).
std::string extinf(double duration_s, Container container)
{
    constexpr double micro = 1e6;
    // What is a whole number of microseconds must stay so, though it is no whole number in binary.
    constexpr double noise = 1e-3;
    return decimals(container == Container::mp4 ? duration_s : std::floor(duration_s * micro + noise) / micro,
                    6);
}

std::string segments(const std::vector<double> &durations_s, Container container)
{
    std::string out;
    out.reserve(durations_s.size() * 32);
    for (std::size_t k = 0; k < durations_s.size(); k++)
        out.append("#EXTINF:" + extinf(durations_s[k], container) + ",\n" + std::to_string(k))
            .append(segment_suffix(container))
            .append("\n");
    return out + "#EXT-X-ENDLIST\n";
}

// RFC 8216, 4.3.4.3: a variant of its own, without sound and without a rate of frames.
std::string keyframe_variant(const VideoRendition &rendition, const Bandwidth &bandwidth, Container container)
{
    return "#EXT-X-I-FRAME-STREAM-INF:" + bandwidth_attributes(bandwidth, {}) +
           ",CODECS=" + quoted(rendition.codecs) + ",RESOLUTION=" + std::to_string(rendition.size.width) +
           "x" + std::to_string(rendition.size.height) +
           ",URI=" + quoted(playlist_uri(rendition.id, container)) + "\n";
}

} // namespace

std::string multivariant_playlist(const Presentation &presentation,
                                  const std::vector<Bandwidth> &video_bandwidth,
                                  const std::vector<Bandwidth> &audio_bandwidth, Container container,
                                  const std::optional<Bandwidth> &keyframe_bandwidth)
{
    std::string out = begin(container) + "#EXT-X-INDEPENDENT-SEGMENTS\n";
    if (!media::chapters_of(*presentation.asset).empty())
        out +=
            "#EXT-X-SESSION-DATA:DATA-ID=\"com.apple.hls.chapters\",URI=" + quoted(chapters_json_name) + "\n";
    if (presentation.video.empty()) {
        // Music: each track is a variant of its own, the default one first.
        for (std::size_t i : presentation.audio_by_preference())
            out += "#EXT-X-STREAM-INF:" + bandwidth_attributes({}, audio_bandwidth[i]) +
                   ",CODECS=" + quoted(presentation.audio[i].codecs) + "\n" +
                   playlist_uri(presentation.audio[i].id, container) + "\n";
        return out;
    }
    const std::string media = audio_media(presentation, container) + subtitle_media(presentation, container);
    // Old players count time from the first packet of what is named first, and have to see the pictures
    // there, which are decoded first (docs/decisions/transport-streams.md).
    if (container == Container::mp4)
        out += media;
    Bandwidth audio = largest(audio_bandwidth);
    const bool bright = std::any_of(presentation.video.begin(), presentation.video.end(),
                                    [](const VideoRendition &one) { return one.range != "SDR"; });
    for (std::size_t i = 0; i < presentation.video.size(); i++) {
        const auto &rendition = presentation.video[i];
        std::string codecs = rendition.codecs;
        if (!presentation.audio.empty())
            codecs += "," + presentation.audio.front().codecs;
        double rate =
            static_cast<double>(rendition.frame_rate.num) / static_cast<double>(rendition.frame_rate.den);
        out += "#EXT-X-STREAM-INF:" + bandwidth_attributes(video_bandwidth[i], audio) +
               ",CODECS=" + quoted(codecs) + ",RESOLUTION=" + std::to_string(rendition.size.width) + "x" +
               std::to_string(rendition.size.height) + ",FRAME-RATE=" + decimals(rate, 3);
        // Nobody has to be told where all are alike (draft-pantos-hls-rfc8216bis, 4.4.6.2).
        if (bright)
            out += ",VIDEO-RANGE=" + rendition.range;
        if (!presentation.audio.empty())
            out += ",AUDIO=" + quoted(audio_group);
        if (!presentation.subtitles.empty())
            out += ",SUBTITLES=" + quoted(subtitle_group);
        out += "\n" + playlist_uri(rendition.id, container) + "\n";
    }
    if (presentation.keyframes)
        out += keyframe_variant(*presentation.keyframes,
                                keyframe_bandwidth.value_or(presentation.keyframes->bandwidth), container);
    return container == Container::mp4 ? out : out + media;
}

std::string media_playlist(const VideoRendition &rendition, unsigned target_s, Container container)
{
    return header(target_s, container) + (rendition.transform.keyframes ? "#EXT-X-I-FRAMES-ONLY\n" : "") +
           segments(segment_durations_s(rendition), container);
}

std::string media_playlist(const AudioRendition &rendition, unsigned target_s, Container container)
{
    return header(target_s, container) + segments(segment_durations_s(rendition), container);
}

std::string media_playlist(const SubtitleRendition &rendition, Container container)
{
    std::string list;
    double longest_s = 1;
    for (std::size_t k = 0; k + 1 < rendition.borders_ns.size(); k++) {
        double duration_s = static_cast<double>(rendition.borders_ns[k + 1] - rendition.borders_ns[k]) / 1e9;
        longest_s = std::max(longest_s, duration_s);
        list.append("#EXTINF:" + extinf(duration_s, container) + ",\n" + std::to_string(k))
            .append(text_segment_suffix(container))
            .append("\n");
    }
    // Longer than the pictures' segments, as it may be (Apple's authoring specification, 5.7).
    return begin(container) + "#EXT-X-TARGETDURATION:" + std::to_string(std::lround(longest_s)) +
           "\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n" + list + "#EXT-X-ENDLIST\n";
}

std::string_view text_segment_suffix(Container container)
{
    return container == Container::mp4 ? ".vtt" : ".ts.vtt";
}

std::string_view media_playlist_name(Container container)
{
    return container == Container::mp4 ? "index.m3u8" : "ts.m3u8";
}

std::string_view segment_suffix(Container container) { return container == Container::mp4 ? ".m4s" : ".ts"; }

unsigned target_duration_s(const Presentation &presentation)
{
    double longest = 1;
    for (const auto &rendition : presentation.video)
        for (double duration_s : segment_durations_s(rendition))
            longest = std::max(longest, duration_s);
    for (const auto &rendition : presentation.audio)
        for (double duration_s : segment_durations_s(rendition))
            longest = std::max(longest, duration_s);
    return static_cast<unsigned>(std::lround(longest));
}

} // namespace butaca::playback
