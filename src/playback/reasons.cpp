// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/reasons.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "src/media/colour.h"
#include "src/media/rendition.h"

namespace butaca::playback {

std::string name_of(const std::string &codec)
{
    static const std::map<std::string, std::string, std::less<>> names = {
        {"h264", "H.264"}, {"hevc", "HEVC"},   {"vp9", "VP9"},   {"av1", "AV1"},
        {"aac", "AAC"},    {"opus", "Opus"},   {"flac", "FLAC"}, {"mp3", "MP3"},
        {"ac3", "AC-3"},   {"eac3", "E-AC-3"}, {"alac", "ALAC"}};
    auto known = names.find(codec);
    return known == names.end() ? codec : known->second;
}

std::string words(media::Size size) { return std::to_string(size.width) + "×" + std::to_string(size.height); }

namespace {

// In H.264 more than 8 bits or less subsampling is rare enough in players to be taken for unplayable.
bool plays_everywhere(const media::VideoTrack &track)
{
    static constexpr std::string_view playable[] = {"baseline", "constrained-baseline", "main",
                                                    "high",     "progressive-high",     "constrained-high"};
    return track.bit_depth == 8 &&
           std::find(std::begin(playable), std::end(playable), track.profile) != std::end(playable);
}

} // namespace

Reason why_not_copied(const media::VideoTrack &track, const media::VideoTimeline &timeline,
                      const Wishes &wishes)
{
    // H.264 serves everybody; the others go as they are to who says so.
    const bool asked_for = wishes.video_codec == "copy" || wishes.video_codec == track.codec;
    if (track.codec != "h264" && !asked_for)
        return {"its format (" + name_of(track.codec) + ") does not play everywhere",
                "su formato (" + name_of(track.codec) + ") no se reproduce en todas partes"};
    if (media::copied_codec_string(track).empty())
        return {"its format (" + name_of(track.codec) + ") cannot be sent as it is",
                "su formato (" + name_of(track.codec) + ") no se puede enviar tal cual"};
    if (track.codec == "h264" && !plays_everywhere(track))
        return {"its colour format does not play everywhere",
                "su formato de color no se reproduce en todas partes"};
    if (wishes.subtitles && wishes.subtitles->burn)
        return {"subtitles are drawn into it", "se le dibujan subtítulos"};
    if (track.interlaced)
        return {"it is interlaced", "es entrelazado"};
    if (track.rotation != 0)
        return {"it must be turned upright", "hay que girarlo"};
    if (track.mirrored)
        return {"left and right must be exchanged", "hay que intercambiar izquierda y derecha"};
    if (track.changes)
        return {"its format changes in the middle", "su formato cambia a la mitad"};
    if (track.unshown)
        return {"some of its pictures are never shown", "algunas de sus imágenes no se muestran nunca"};
    if (timeline.copy_borders.empty())
        return {"it has too few points at which it can be cut exactly",
                "tiene muy pocos puntos por los que cortarlo con exactitud"};
    if (wishes.max_height > 0 && media::display_size(track).height > wishes.max_height)
        return {"it is larger than was asked for", "es más grande de lo pedido"};
    if (wishes.quality && *wishes.quality != media::Quality::original &&
        *wishes.quality != media::Quality::best)
        return {"another quality was asked for", "se pidió otra calidad"};
    return {};
}

Reason why_copied(bool plays_everywhere)
{
    if (plays_everywhere)
        return {"the original plays everywhere as it is",
                "el original se reproduce en todas partes tal cual"};
    return {"the original as it is was asked for", "se pidió el original tal cual"};
}

Reason why_copied(const media::VideoTrack &track)
{
    Reason why = why_copied(track.codec == "h264");
    const std::string range = media::video_range(track.colorimetry);
    if (range != "SDR") {
        why.en += "; its colours are HDR (" + range + ")";
        why.es += "; sus colores son HDR (" + range + ")";
    }
    return why;
}

} // namespace butaca::playback
