// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/planner.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "src/media/levels.h"
#include "src/playback/bandwidth.h"
#include "src/playback/identity.h"
#include "src/playback/reasons.h"

namespace butaca::playback {

namespace {

using media::AudioTrack;
using media::Quality;
using media::VideoTrack;

media::Rational average_rate(const media::VideoTimeline &timeline)
{
    return {static_cast<std::int64_t>(timeline.frames()) * timeline.timescale,
            std::max<std::int64_t>(1, timeline.duration_ticks())};
}

const VideoTrack *playable_video(const media::Asset &asset, const media::PacketIndex &index)
{
    // The largest picture is the film; others are pictures in picture, previews or covers.
    const VideoTrack *best = nullptr;
    for (const auto &track : asset.video) {
        bool usable = track.decodable && track.width > 0 && track.height > 0 &&
                      track.index < index.video.size() && !index.video[track.index].pts_ns.empty();
        if (usable && (!best || track.width * track.height > best->width * best->height))
            best = &track;
    }
    return best;
}

class Planner {
public:
    Planner(Presentation &into, const Wishes &wishes, const Encoders &encoders)
        : out_(into), wishes_(wishes), encoders_(encoders)
    {
    }

    Status video(const VideoTrack &track)
    {
        auto timeline = media::video_timeline(track, out_.index->video[track.index], out_.zero_ns);
        if (!timeline)
            return fail(timeline.error());
        timeline_ = std::make_shared<const media::VideoTimeline>(std::move(*timeline));
        Reason obstacle = why_not_copied(track, *timeline_, wishes_);
        bool only_copy = wishes_.video_codec == "copy";
        if (only_copy && !obstacle.none())
            return fail(ErrorCode::unprocessable,
                        "the wish \"video.codec\" cannot be met: the picture cannot be copied, for " +
                            obstacle.en);
        bool copy = obstacle.none() &&
                    (only_copy || wishes_.video_codec.empty() || wishes_.video_codec == track.codec);
        if (copy)
            add_copy(track);
        if (only_copy || (copy && wishes_.quality == Quality::original))
            return {};
        return add_encodes(track, copy, obstacle);
    }

    Status audio(const AudioTrack &track)
    {
        const auto &packets = out_.index->audio[track.index];
        auto copied = media::audio_copy_timeline(track, packets, out_.zero_ns, timeline_.get());
        Reason obstacle = why_not_copied_audio(track);
        if (obstacle.none() && !copied)
            obstacle = {"its packets leave gaps or begin late", "sus paquetes dejan huecos o empiezan tarde"};
        if (wishes_.audio_codec == "copy" && !obstacle.none())
            return fail(ErrorCode::unprocessable,
                        "the wish \"audio.codec\" cannot be met: the sound cannot be copied, for " +
                            obstacle.en);
        if (obstacle.none())
            add_audio_copy(track, *copied);
        else if (auto added = add_audio_encode(track, packets, obstacle); !added)
            return added;
        return {};
    }

    void choose_default_audio()
    {
        if (out_.audio.empty())
            return;
        auto matches = [&](const AudioRendition &rendition) {
            // "es" is served by "es-419" as well.
            return !wishes_.audio_language.empty() && rendition.language.starts_with(wishes_.audio_language);
        };
        auto chosen = std::find_if(out_.audio.begin(), out_.audio.end(), matches);
        if (chosen == out_.audio.end())
            chosen = std::find_if(out_.audio.begin(), out_.audio.end(),
                                  [](const auto &r) { return r.is_default; });
        std::size_t position =
            chosen == out_.audio.end() ? 0 : static_cast<std::size_t>(chosen - out_.audio.begin());
        for (std::size_t i = 0; i < out_.audio.size(); i++)
            out_.audio[i].is_default = i == position;
    }

private:
    // Demuxers, parsers and decoders have a say in the bytes as well.
    std::string toolchain() const
    {
        auto found = encoders_.find("media");
        return found == encoders_.end() ? "" : found->second;
    }
    std::string video_grid(const VideoTrack &track, const std::vector<std::uint32_t> &borders) const
    {
        return video_grid_digest(*out_.asset, track, out_.index->video[track.index], *timeline_, borders);
    }
    std::string audio_grid(const AudioTrack &track, const media::AudioTimeline &timeline,
                           std::uint32_t first_packet) const
    {
        return audio_grid_digest(*out_.asset, track, out_.index->audio[track.index], timeline, out_.zero_ns,
                                 first_packet);
    }

    void add_copy(const VideoTrack &track)
    {
        VideoRendition rendition;
        rendition.track = track.index;
        rendition.transform.copy = true;
        rendition.timeline = timeline_;
        rendition.size = media::display_size(track);
        rendition.frame_rate = average_rate(*timeline_);
        rendition.codecs = media::copied_codec_string(track);
        rendition.id = media::rendition_identity(out_.asset->digest, track.index, rendition.transform,
                                                 video_grid(track, timeline_->copy_borders), toolchain());
        rendition.bandwidth = copied_bandwidth(out_.index->video[track.index], *timeline_);
        out_.plan.push_back({"video " + std::to_string(track.index), "copy", "H.264 " + words(rendition.size),
                             "the original plays everywhere as it is",
                             "el original se reproduce en todas partes tal cual"});
        out_.video.push_back(std::move(rendition));
    }

    Status add_encodes(const VideoTrack &track, bool copied, const Reason &obstacle)
    {
        const std::string codec = wishes_.video_codec.empty() ? "h264" : wishes_.video_codec;
        auto encoder = encoders_.find(codec);
        if (encoder == encoders_.end()) {
            if (copied)
                return {};
            return wishes_.video_codec.empty()
                       ? fail(ErrorCode::unsupported, "no H.264 encoder is installed here")
                       : fail(ErrorCode::unprocessable,
                              "the wish \"video.codec\" cannot be met: no encoder for it "
                              "is installed here");
        }
        Quality quality = wishes_.quality.value_or(Quality::high);
        media::Size own = media::display_size(track);
        for (media::Size size : media::ladder(track, wishes_.max_height)) {
            if (copied && size == own)
                continue;
            VideoRendition rendition;
            rendition.track = track.index;
            rendition.timeline = timeline_;
            rendition.size = size;
            rendition.frame_rate = average_rate(*timeline_);
            auto &transform = rendition.transform;
            transform.codec = codec;
            transform.width = size.width;
            transform.height = size.height;
            transform.rotation = track.rotation;
            transform.constant_quality = media::constant_quality(quality, transform.codec);
            transform.max_bitrate_bps =
                std::min(media::bitrate_cap_bps(size, rendition.frame_rate, quality, transform.codec),
                         worthwhile_cap_bps(track, out_.index->video[track.index], *timeline_, size));
            transform.level = media::level_for(codec, size, rendition.frame_rate, transform.max_bitrate_bps);
            rendition.codecs = media::codec_string(transform);
            rendition.id = media::rendition_identity(out_.asset->digest, track.index, transform,
                                                     video_grid(track, timeline_->borders),
                                                     encoder->second + toolchain());
            rendition.bandwidth = encoded_bandwidth(transform.max_bitrate_bps, track,
                                                    out_.index->video[track.index], *timeline_, size);
            Reason why = obstacle;
            if (size != own)
                why = wishes_.max_height > 0 && size.height >= wishes_.max_height
                          ? Reason{"the size that was asked for", "el tamaño que se pidió"}
                          : Reason{"a step down for a slower line",
                                   "un escalón más abajo para una línea más lenta"};
            else if (why.none())
                why = {"this format was asked for", "se pidió este formato"};
            out_.plan.push_back({"video " + std::to_string(track.index), "encode",
                                 name_of(codec) + " " + words(size), why.en, why.es});
            out_.video.push_back(std::move(rendition));
        }
        return {};
    }

    Reason why_not_copied_audio(const AudioTrack &track) const
    {
        if (media::copied_codec_string(track).empty() && wishes_.audio_codec == track.codec)
            return {"this format was asked for", "se pidió este formato"};
        if (media::copied_codec_string(track).empty())
            return {"its format (" + track.codec + ") does not play everywhere",
                    "su formato (" + track.codec + ") no se reproduce en todas partes"};
        if (track.channels > 2)
            return {"it has more than two channels", "tiene más de dos canales"};
        // tsdemux 1.22 loses the first packets after a jump to the beginning: a copy of them could not be
        // made.
        if (out_.asset->demuxer == "tsdemux")
            return {"its container cannot be cut exactly", "su contenedor no se puede cortar con exactitud"};
        if (wishes_.audio_bitrate_bps > 0)
            return {"another bit rate was asked for", "se pidió otra tasa de bits"};
        if (!wishes_.audio_codec.empty() && wishes_.audio_codec != "copy" &&
            wishes_.audio_codec != track.codec)
            return {"another format was asked for", "se pidió otro formato"};
        if (wishes_.quality == Quality::low && !timeline_)
            return {"another quality was asked for", "se pidió otra calidad"};
        return {};
    }

    AudioRendition described(const AudioTrack &track) const
    {
        AudioRendition rendition;
        rendition.track = track.index;
        rendition.language = track.language;
        rendition.name = track.title;
        rendition.is_default = track.is_default;
        return rendition;
    }

    void add_audio_copy(const AudioTrack &track, const media::AudioCopy &copy)
    {
        AudioRendition rendition = described(track);
        rendition.transform = {true, track.codec, 0, track.channels, track.rate, copy.timeline.frame_samples};
        rendition.timeline = copy.timeline;
        rendition.first_packet = copy.first_packet;
        rendition.codecs = media::copied_codec_string(track);
        rendition.id =
            media::rendition_identity(out_.asset->digest, track.index, rendition.transform,
                                      audio_grid(track, copy.timeline, copy.first_packet), toolchain());
        rendition.bandwidth = copied_bandwidth(out_.index->audio[track.index], copy);
        out_.plan.push_back({"audio " + std::to_string(track.index), "copy", "AAC",
                             "the original plays everywhere as it is",
                             "el original se reproduce en todas partes tal cual"});
        out_.audio.push_back(std::move(rendition));
    }

    Status add_audio_encode(const AudioTrack &track, const media::AudioPackets &packets,
                            const Reason &obstacle)
    {
        std::string codec = wishes_.audio_codec.empty() ? "aac" : wishes_.audio_codec;
        auto encoder = encoders_.find(codec);
        if (encoder == encoders_.end())
            return wishes_.audio_codec.empty()
                       ? fail(ErrorCode::unsupported, "no AAC encoder is installed here")
                       : fail(ErrorCode::unprocessable,
                              "the wish \"audio.codec\" cannot be met: no encoder for it is installed here");
        AudioRendition rendition = described(track);
        auto &transform = rendition.transform;
        transform.codec = codec;
        transform.channels = std::clamp(track.channels, 1U, 2U);
        transform.rate = media::audio_rate(codec, track.rate);
        transform.frame_samples = codec == "opus" ? 960 : codec == "flac" ? 4096 : 1024;
        // FLAC takes what it needs.
        transform.bitrate_bps = codec == "flac" ? 0
                                : wishes_.audio_bitrate_bps > 0
                                    ? wishes_.audio_bitrate_bps
                                    : media::audio_bitrate_bps(wishes_.quality.value_or(Quality::high), codec,
                                                               transform.channels);
        rendition.timeline = media::audio_timeline(track, packets, out_.zero_ns, transform.rate,
                                                   transform.frame_samples, timeline_.get());
        if (rendition.timeline.segments() == 0)
            return fail(ErrorCode::unprocessable, "this audio track holds no sound");
        rendition.codecs = media::codec_string(transform);
        rendition.id = media::rendition_identity(out_.asset->digest, track.index, transform,
                                                 audio_grid(track, rendition.timeline, 0),
                                                 encoder->second + toolchain());
        rendition.bandwidth = codec == "flac" ? lossless_bandwidth(transform.rate, transform.channels)
                                              : encoded_bandwidth(transform.bitrate_bps);
        out_.plan.push_back(
            {"audio " + std::to_string(track.index), "encode",
             codec == "flac" ? name_of(codec)
                             : name_of(codec) + " " + std::to_string(transform.bitrate_bps / 1000) + " kb/s",
             obstacle.en, obstacle.es});
        out_.audio.push_back(std::move(rendition));
        return {};
    }

    Presentation &out_;
    const Wishes &wishes_;
    const Encoders &encoders_;
    std::shared_ptr<const media::VideoTimeline> timeline_;
};

} // namespace

Result<Presentation> plan(const std::shared_ptr<const media::Asset> &asset,
                          const std::shared_ptr<const media::PacketIndex> &index, const Wishes &wishes,
                          const Encoders &encoders)
{
    if (asset->broken)
        return fail(ErrorCode::unsupported,
                    asset->reason.empty() ? "this original cannot be played" : asset->reason);
    Presentation presentation;
    presentation.asset = asset;
    presentation.index = index;
    presentation.zero_ns = media::presentation_zero_ns(*index);
    Planner planner(presentation, wishes, encoders);

    if (const VideoTrack *track = playable_video(*asset, *index); track && asset->kind == media::Kind::video)
        if (auto planned = planner.video(*track); !planned)
            return fail(planned.error());
    for (const AudioTrack &track : asset->audio) {
        bool usable = track.decodable && track.channels > 0 && track.rate > 0 &&
                      track.index < index->audio.size() &&
                      index->audio[track.index].end_ns > presentation.zero_ns;
        if (!usable)
            continue;
        if (auto planned = planner.audio(track); !planned)
            return fail(planned.error());
    }
    planner.choose_default_audio();
    if (presentation.video.empty() && presentation.audio.empty())
        return fail(ErrorCode::unsupported, "nothing in this original can be played here");
    return presentation;
}

} // namespace butaca::playback
