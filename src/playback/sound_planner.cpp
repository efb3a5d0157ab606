// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/sound_planner.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "src/media/sound.h"
#include "src/playback/bandwidth.h"
#include "src/playback/identity.h"

namespace butaca::playback {

using media::AudioTrack;
using media::Quality;

namespace {

AudioRendition described(const AudioTrack &track)
{
    AudioRendition rendition;
    rendition.track = track.index;
    rendition.language = track.language;
    rendition.name = track.title;
    return rendition;
}

Reason joined(const Reason &first, const Reason &second)
{
    if (second.none())
        return first;
    return {first.en + "; " + second.en, first.es + "; " + second.es};
}

// Whoever asks for a range waits for a piece's source to be decoded; in M4A each piece costs a place's spare
// room.
media::FileGrid file_grid(const media::AudioTransform &transform)
{
    constexpr std::int64_t short_ns = 1'000'000'000;
    media::FileGrid grid;
    grid.lead_frames = transform.lead_frames;
    if (transform.constant_rate || transform.codec == "mp3")
        grid.segment_ns = short_ns;
    return grid;
}

// tsdemux 1.22 loses the first packets after a jump to the beginning: a copy of them could not be made.
// Others cut sound anywhere, so that parsers lose what they land in.
bool cuts_exactly(const std::string &demuxer, const std::string &codec)
{
    static constexpr std::array<std::string_view, 6> exact = {"qtdemux",        "matroskademux", "oggdemux",
                                                              "mpegaudioparse", "flacparse",     "ac3parse"};
    return codec == "aac" ? demuxer != "tsdemux"
                          : std::find(exact.begin(), exact.end(), demuxer) != exact.end();
}

// What is done to the sound besides another format.
Reason shaping(const Wishes &wishes, const AudioTrack &track)
{
    Reason reason;
    if (wishes.normalize && !track.loudness)
        reason = {"its loudness could not be measured, so it is left as it is",
                  "no se ha podido medir su volumen, así que se deja como está"};
    else if (wishes.normalize)
        reason = {"its loudness is evened out", "se iguala su volumen"};
    if (!wishes.night)
        return reason;
    const Reason night = {"for the night, what is loud is made quieter and what is quiet louder",
                          "para la noche, lo fuerte suena más bajo y lo flojo más alto"};
    return reason.none() ? night : joined(reason, night);
}

} // namespace

Status SoundPlanner::add_all()
{
    auto tracks = usable_tracks();
    const std::size_t first = first_choice(tracks);
    if (!wishes_.file_format.empty()) {
        if (tracks.empty())
            return fail(ErrorCode::unprocessable, "this title has no sound that can be played");
        tracks = {tracks[first]};
    }
    for (const AudioTrack *track : tracks)
        if (auto added = add(*track); !added)
            return added;
    for (std::size_t i = 0; i < out_.audio.size(); i++)
        out_.audio[i].is_default = tracks.size() == 1 || i == first;
    return {};
}

std::vector<const AudioTrack *> SoundPlanner::usable_tracks() const
{
    std::vector<const AudioTrack *> usable;
    for (const AudioTrack &track : out_.asset->audio)
        if (track.decodable && track.channels > 0 && track.rate > 0 &&
            track.index < out_.index->audio.size() && out_.index->audio[track.index].end_ns > out_.zero_ns)
            usable.push_back(&track);
    return usable;
}

std::size_t SoundPlanner::first_choice(const std::vector<const AudioTrack *> &tracks) const
{
    // "es" is served by "es-419" as well.
    auto chosen = std::find_if(tracks.begin(), tracks.end(), [&](const AudioTrack *track) {
        return !wishes_.audio_language.empty() && track->language.starts_with(wishes_.audio_language);
    });
    if (chosen == tracks.end())
        chosen = std::find_if(tracks.begin(), tracks.end(),
                              [](const AudioTrack *track) { return track->is_default; });
    return chosen == tracks.end() ? 0 : static_cast<std::size_t>(chosen - tracks.begin());
}

Status SoundPlanner::add(const AudioTrack &track)
{
    auto copied = media::audio_copy_timeline(track, out_.index->audio[track.index], out_.zero_ns, video_);
    Reason obstacle = why_not_copied(track);
    if (obstacle.none() && !copied)
        obstacle = {"its packets leave gaps or begin late", "sus paquetes dejan huecos o empiezan tarde"};
    // What nobody here can make is there as a copy or not at all.
    const bool only_copy = wishes_.audio_codec == "copy" || (wishes_.audio_codec == track.codec &&
                                                             encoders_.find(track.codec) == encoders_.end());
    if (only_copy && wishes_.file_format.empty() && !obstacle.none())
        return fail(ErrorCode::unprocessable,
                    "the wish \"audio.codec\" cannot be met: the sound cannot be copied, for " + obstacle.en);
    if (!obstacle.none())
        return add_encode(track, obstacle);
    add_copy(track, *copied);
    return {};
}

Reason SoundPlanner::why_not_copied(const AudioTrack &track) const
{
    if (!wishes_.file_format.empty())
        return joined({"a file of this format was asked for", "se pidió un archivo de este formato"},
                      shaping(wishes_, track));
    if (auto reason = shaping(wishes_, track); !reason.none())
        return reason;
    // AAC serves everybody; the others go as they are to who says so.
    const bool asked_for = wishes_.audio_codec == "copy" || wishes_.audio_codec == track.codec;
    if (track.codec != "aac" && !asked_for)
        return {"its format (" + name_of(track.codec) + ") does not play everywhere",
                "su formato (" + name_of(track.codec) + ") no se reproduce en todas partes"};
    if (media::copied_codec_string(track).empty())
        return {"its format (" + name_of(track.codec) + ") cannot be sent as it is",
                "su formato (" + name_of(track.codec) + ") no se puede enviar tal cual"};
    if (track.codec == "aac" && track.channels > 2)
        return {"it has more than two channels", "tiene más de dos canales"};
    if (!cuts_exactly(out_.asset->demuxer, track.codec))
        return {"its container cannot be cut exactly", "su contenedor no se puede cortar con exactitud"};
    if (track.changes)
        return {"its format changes in the middle", "su formato cambia a la mitad"};
    if (wishes_.audio_bitrate_bps > 0)
        return {"another bit rate was asked for", "se pidió otra tasa de bits"};
    if (!wishes_.audio_codec.empty() && wishes_.audio_codec != "copy" && wishes_.audio_codec != track.codec)
        return {"another format was asked for", "se pidió otro formato"};
    if (wishes_.quality == Quality::low && !video_)
        return {"another quality was asked for", "se pidió otra calidad"};
    return {};
}

std::string SoundPlanner::grid(const AudioTrack &track, const media::AudioTimeline &timeline,
                               std::uint32_t first_packet) const
{
    return audio_grid_digest(*out_.asset, track, out_.index->audio[track.index], timeline, out_.zero_ns,
                             first_packet);
}

void SoundPlanner::add_copy(const AudioTrack &track, const media::AudioCopy &copy)
{
    AudioRendition rendition = described(track);
    auto &transform = rendition.transform;
    transform.copy = true;
    transform.codec = track.codec;
    transform.bitrate_bps = 0;
    transform.channels = track.channels;
    transform.rate = track.rate;
    transform.frame_samples = copy.timeline.frame_samples;
    rendition.timeline = copy.timeline;
    rendition.first_packet = copy.first_packet;
    rendition.codecs = media::copied_codec_string(track);
    rendition.id =
        media::rendition_identity(out_.asset->digest, track.index, transform,
                                  grid(track, copy.timeline, copy.first_packet), toolchain(encoders_));
    rendition.copied_bytes = copied_sizes(out_.index->audio[track.index], copy);
    rendition.bandwidth = copied_bandwidth(rendition.copied_bytes, segment_durations_s(rendition));
    const Reason why = why_copied(track.codec == "aac");
    out_.plan.push_back(
        {"audio " + std::to_string(track.index), "copy", name_of(track.codec), why.en, why.es});
    out_.audio.push_back(std::move(rendition));
}

std::string SoundPlanner::wished_codec() const
{
    if (!wishes_.file_format.empty())
        return wishes_.file_format == "m4a" ? "aac" : wishes_.file_format;
    return wishes_.audio_codec.empty() ? "aac" : wishes_.audio_codec;
}

media::AudioTransform SoundPlanner::transform_for(const AudioTrack &track, const std::string &codec) const
{
    media::AudioTransform transform;
    transform.codec = codec;
    transform.channels = std::clamp(track.channels, 1U, 2U);
    transform.rate = media::audio_rate(codec, track.rate);
    transform.frame_samples = media::audio_frame_samples(codec);
    std::uint64_t wished_bps = wishes_.audio_bitrate_bps;
    if (wished_bps == 0)
        wished_bps =
            media::audio_bitrate_bps(wishes_.quality.value_or(Quality::high), codec, transform.channels);
    transform.bitrate_bps = media::legal_audio_bitrate_bps(codec, wished_bps);
    if (!wishes_.file_format.empty()) {
        transform.constant_rate = codec == "opus";
        transform.lead_frames = media::audio_lead_frames(codec);
    }
    if (wishes_.normalize && track.loudness)
        transform.gain_mdb = media::normalising_gain_mdb(*track.loudness);
    transform.night = wishes_.night;
    return transform;
}

std::string SoundPlanner::words_for(const media::AudioTransform &transform) const
{
    if (transform.bitrate_bps == 0)
        return name_of(transform.codec);
    return name_of(transform.codec) + " " + std::to_string(transform.bitrate_bps / 1000) + " kb/s";
}

Status SoundPlanner::add_encode(const AudioTrack &track, const Reason &obstacle)
{
    const std::string codec = wished_codec();
    auto encoder = encoders_.find(codec);
    if (encoder == encoders_.end())
        return wishes_.audio_codec.empty() && wishes_.file_format.empty()
                   ? fail(ErrorCode::unsupported, "no AAC encoder is installed here")
                   : fail(ErrorCode::unprocessable,
                          "the wish \"audio.codec\" cannot be met: no encoder for it is installed here");
    AudioRendition rendition = described(track);
    rendition.transform = transform_for(track, codec);
    const auto &transform = rendition.transform;
    rendition.timeline = media::audio_timeline(
        out_.index->audio[track.index], out_.zero_ns, transform.rate, transform.frame_samples, video_,
        wishes_.file_format.empty() ? media::FileGrid{} : file_grid(transform));
    if (rendition.timeline.segments() == 0)
        return fail(ErrorCode::unprocessable, "this audio track holds no sound");
    rendition.codecs = media::codec_string(transform);
    rendition.id =
        media::rendition_identity(out_.asset->digest, track.index, transform,
                                  grid(track, rendition.timeline, 0), encoder->second + toolchain(encoders_));
    rendition.bandwidth = codec == "flac" ? lossless_bandwidth(transform.rate, transform.channels)
                                          : encoded_bandwidth(transform.bitrate_bps);
    out_.plan.push_back(
        {"audio " + std::to_string(track.index), "encode", words_for(transform), obstacle.en, obstacle.es});
    out_.audio.push_back(std::move(rendition));
    return {};
}

} // namespace butaca::playback
