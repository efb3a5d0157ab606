// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/reasons.h"

#include <algorithm>
#include <iterator>
#include <map>

namespace butaca::playback {

std::string name_of(const std::string &codec)
{
    static const std::map<std::string, std::string, std::less<>> names = {
        {"h264", "H.264"}, {"hevc", "HEVC"}, {"vp9", "VP9"},   {"av1", "AV1"},
        {"aac", "AAC"},    {"opus", "Opus"}, {"flac", "FLAC"}, {"mp3", "MP3"}};
    auto known = names.find(codec);
    return known == names.end() ? codec : known->second;
}

std::string words(media::Size size) { return std::to_string(size.width) + "×" + std::to_string(size.height); }

Reason why_not_copied(const media::VideoTrack &track, const media::VideoTimeline &timeline,
                      const Wishes &wishes)
{
    // What was asked for may still not be sent as it is: only H.264 is cut without being made anew.
    if (track.codec != "h264" && wishes.video_codec == track.codec)
        return {"this format was asked for", "se pidió este formato"};
    if (track.codec != "h264" || media::copied_codec_string(track).empty())
        return {"its format (" + track.codec + ") does not play everywhere",
                "su formato (" + track.codec + ") no se reproduce en todas partes"};
    static constexpr std::string_view playable[] = {"baseline", "constrained-baseline", "main",
                                                    "high",     "progressive-high",     "constrained-high"};
    if (std::find(std::begin(playable), std::end(playable), track.profile) == std::end(playable) ||
        track.bit_depth != 8)
        return {"its colour format does not play everywhere",
                "su formato de color no se reproduce en todas partes"};
    if (wishes.subtitles && wishes.subtitles->burn)
        return {"subtitles are drawn into it", "se le dibujan subtítulos"};
    if (track.interlaced)
        return {"it is interlaced", "es entrelazado"};
    if (track.rotation != 0)
        return {"it must be turned upright", "hay que girarlo"};
    if (timeline.copy_borders.empty())
        return {"it has too few points at which playing can start",
                "tiene muy pocos puntos desde los que empezar"};
    if (wishes.max_height > 0 && media::display_size(track).height > wishes.max_height)
        return {"it is larger than was asked for", "es más grande de lo pedido"};
    if (wishes.quality && *wishes.quality != media::Quality::original &&
        *wishes.quality != media::Quality::best)
        return {"another quality was asked for", "se pidió otra calidad"};
    return {};
}

} // namespace butaca::playback
