// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/planner.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "src/media/colour.h"
#include "src/media/levels.h"
#include "src/playback/bandwidth.h"
#include "src/playback/identity.h"
#include "src/playback/reasons.h"
#include "src/playback/sound_planner.h"

namespace butaca::playback {

namespace {

using media::Quality;
using media::VideoTrack;

constexpr unsigned keyframe_height_most = 360;

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

    // After video(): the small pictures, in the codec of the others. None where nothing encodes it.
    void keyframes(const VideoTrack &track)
    {
        const std::string codec =
            wishes_.video_codec.empty() || wishes_.video_codec == "copy" ? "h264" : wishes_.video_codec;
        auto encoder = encoders_.find(codec);
        if (encoder == encoders_.end())
            return;
        VideoRendition &rendition = out_.keyframes.emplace();
        rendition.track = track.index;
        rendition.timeline = timeline_;
        const unsigned height = wishes_.max_height > 0 ? std::min(wishes_.max_height, keyframe_height_most)
                                                       : keyframe_height_most;
        rendition.size = media::ladder(track, height).front();
        rendition.frame_rate = average_rate(*timeline_);
        auto &transform = rendition.transform;
        transform.keyframes = true;
        transform.codec = codec;
        transform.width = rendition.size.width;
        transform.height = rendition.size.height;
        transform.mirrored = track.mirrored;
        transform.rotation = track.rotation;
        transform.constant_quality = media::constant_quality(Quality::medium, codec);
        // The encoder's bucket holds one second of this: the most that the one picture can take.
        transform.max_bitrate_bps = media::keyframe_cap_bits(rendition.size);
        transform.level =
            media::level_for(codec, rendition.size, rendition.frame_rate, transform.max_bitrate_bps);
        rendition.codecs = media::codec_string(transform);
        rendition.id = media::rendition_identity(out_.asset->digest, track.index, transform,
                                                 video_grid(track, timeline_->borders),
                                                 encoder->second + toolchain(encoders_));
        rendition.bandwidth = keyframe_bandwidth(transform.max_bitrate_bps, *timeline_);
    }

    // After video().
    void thumbnails(const VideoTrack &track)
    {
        if (auto encoder = encoders_.find("jpeg"); encoder != encoders_.end())
            out_.thumbnails = plan_thumbnails(*out_.asset, track, out_.index->video[track.index], *timeline_,
                                              encoder->second + toolchain(encoders_));
    }

    // The grid of the pictures; null while there are none.
    const media::VideoTimeline *timeline() const { return timeline_.get(); }

private:
    std::string video_grid(const VideoTrack &track, const std::vector<std::uint32_t> &borders) const
    {
        return video_grid_digest(*out_.asset, track, out_.index->video[track.index], *timeline_, borders);
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
        rendition.range = media::video_range(track.colorimetry);
        rendition.id =
            media::rendition_identity(out_.asset->digest, track.index, rendition.transform,
                                      video_grid(track, timeline_->copy_borders), toolchain(encoders_));
        rendition.copied_bytes = copied_sizes(out_.index->video[track.index], *timeline_);
        rendition.bandwidth = copied_bandwidth(rendition.copied_bytes, segment_durations_s(rendition));
        const Reason why = why_copied(track);
        out_.plan.push_back({"video " + std::to_string(track.index), "copy",
                             name_of(track.codec) + " " + words(rendition.size), why.en, why.es});
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
            transform.mirrored = track.mirrored;
            transform.rotation = track.rotation;
            transform.constant_quality = media::constant_quality(quality, transform.codec);
            transform.max_bitrate_bps =
                std::min(media::bitrate_cap_bps(size, rendition.frame_rate, quality, transform.codec),
                         worthwhile_cap_bps(track, out_.index->video[track.index], *timeline_, size));
            transform.level = media::level_for(codec, size, rendition.frame_rate, transform.max_bitrate_bps);
            rendition.codecs = media::codec_string(transform);
            rendition.id = media::rendition_identity(out_.asset->digest, track.index, transform,
                                                     video_grid(track, timeline_->borders),
                                                     encoder->second + toolchain(encoders_));
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

    Presentation &out_;
    const Wishes &wishes_;
    const Encoders &encoders_;
    std::shared_ptr<const media::VideoTimeline> timeline_;
};

} // namespace

std::string toolchain(const Encoders &encoders)
{
    auto found = encoders.find("media");
    return found == encoders.end() ? "" : found->second;
}

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

    const VideoTrack *track = asset->kind == media::Kind::video && wishes.file_format.empty()
                                  ? playable_video(*asset, *index)
                                  : nullptr;
    if (track) {
        if (auto planned = planner.video(*track); !planned)
            return fail(planned.error());
        planner.keyframes(*track);
        planner.thumbnails(*track);
    }
    if (auto planned = SoundPlanner(presentation, wishes, encoders, planner.timeline()).add_all(); !planned)
        return fail(planned.error());
    if (presentation.video.empty() && presentation.audio.empty())
        return fail(ErrorCode::unsupported, "nothing in this original can be played here");
    return presentation;
}

} // namespace butaca::playback
