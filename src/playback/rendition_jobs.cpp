// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/rendition_jobs.h"

#include <algorithm>

#include "src/playback/job_parts.h"

namespace butaca::playback {

namespace {

// What both kinds share: where the bytes are, and which segment numbers exist.
class RenditionJobs : public JobSource {
public:
    RenditionJobs(std::shared_ptr<const Presentation> presentation, Origins &origins)
        : presentation_(std::move(presentation)), origins_(origins)
    {
    }

    Result<pipelines::Job> job(std::int64_t number) const override
    {
        if (number < init_segment || number >= segments())
            return fail(ErrorCode::not_found, "there is no such segment");
        auto origin = job_origin(*presentation_->asset, origins_);
        if (!origin)
            return fail(origin.error());
        pipelines::Job job;
        job.rendition = rendition();
        job.segment = static_cast<std::uint32_t>(std::max<std::int64_t>(0, number));
        job.init_only = number == init_segment;
        job.origin = std::move(*origin);
        fill(job, static_cast<std::size_t>(job.segment));
        return job;
    }

    void origin_result(bool delivered) const override
    {
        if (auto route = origins_.route(presentation_->asset->digest))
            origins_.report(route->hosts, delivered);
    }

protected:
    virtual void fill(pipelines::Job &job, std::size_t segment) const = 0;
    const Presentation &presentation() const { return *presentation_; }
    const Origins &origins() const { return origins_; }

private:
    std::shared_ptr<const Presentation> presentation_;
    Origins &origins_;
};

class VideoJobs final : public RenditionJobs {
public:
    // `rendition` is one of the presentation's.
    VideoJobs(std::shared_ptr<const Presentation> presentation, const VideoRendition &rendition,
              Origins &origins)
        : RenditionJobs(std::move(presentation), origins), rendition_(rendition)
    {
    }

    const std::string &rendition() const override { return video().id; }
    SegmentKey key(std::int64_t number) const override
    {
        return {number < segments() ? video().id_of(number) : video().id, number};
    }
    std::int64_t segments() const override { return static_cast<std::int64_t>(video().borders().size()) - 1; }
    std::chrono::nanoseconds duration(std::int64_t number) const override
    {
        const auto &borders = video().borders();
        const auto &timeline = *video().timeline;
        auto k = static_cast<std::size_t>(std::clamp<std::int64_t>(number, 0, segments() - 1));
        return std::chrono::nanoseconds(media::ns_from_ticks(
            timeline.ticks[borders[k + 1]] - timeline.ticks[borders[k]], timeline.timescale));
    }
    std::string cost_class() const override
    {
        const auto &transform = video().transform;
        return transform.copy ? "copy"
                              : (transform.keyframes ? "keyframes/" : "encode/") + transform.codec + "/" +
                                    std::to_string(transform.height);
    }

private:
    const VideoRendition &video() const { return rendition_; }

    void fill(pipelines::Job &job, std::size_t k) const override
    {
        const auto &rendition = video();
        const auto &timeline = *rendition.timeline;
        const auto &track = presentation().asset->video[rendition.track];
        const auto &packets = presentation().index->video[rendition.track];
        std::uint32_t first = rendition.borders()[k];
        std::uint32_t last = rendition.borders()[k + 1];
        job.origin.pad = track.source.pad;
        job.origin.caps = track.source.caps;
        job.is_video = true;
        auto &video = job.video;
        video.timescale = timeline.timescale;
        video.interlaced = track.interlaced;
        video.keyframe = rendition.transform.keyframes;
        if (video.keyframe) {
            video.ticks = {timeline.ticks[first], timeline.ticks[last]};
        } else {
            video.ticks.assign(timeline.ticks.begin() + first, timeline.ticks.begin() + last + 1);
            video.decode_ticks = media::decode_ticks(timeline, first, last,
                                                     rendition.transform.copy
                                                         ? packets.reorder
                                                         : media::encoded_reorder(rendition.transform.codec));
        }
        // From here on the source's own frames.
        first /= timeline.pictures_per_frame;
        last = video.keyframe ? first + 1 : last / timeline.pictures_per_frame;
        video.pts_ns.assign(packets.pts_ns.begin() + first, packets.pts_ns.begin() + last);
        if (first > 0)
            video.before_ns = packets.pts_ns[first - 1];
        if (last < packets.pts_ns.size())
            video.after_ns = packets.pts_ns[last];
        video.seek_ns = keyframe_before(packets, first);
        const auto &transform = rendition.transform;
        video.copy = transform.copy;
        video.codec = transform.codec;
        video.width = transform.width;
        video.height = transform.height;
        video.mirrored = transform.mirrored;
        video.rotation = transform.rotation;
        video.level = transform.level;
        video.constant_quality = transform.constant_quality;
        video.max_bitrate_bps = transform.max_bitrate_bps;
        const media::Rational rate = encoder_rate(timeline, transform.codec);
        video.frame_rate_num = rate.num;
        video.frame_rate_den = rate.den;
        if (!rendition.burned.empty() && rendition.burned[k])
            video.burn = {origins().subtitles_path(presentation().asset->subtitles[*presentation().burned]),
                          presentation().zero_ns};
    }

    const VideoRendition &rendition_;
};

class AudioJobs final : public RenditionJobs {
public:
    AudioJobs(std::shared_ptr<const Presentation> presentation, std::size_t position, Origins &origins)
        : RenditionJobs(std::move(presentation), origins), position_(position)
    {
    }

    const std::string &rendition() const override { return audio().id; }
    std::int64_t segments() const override { return static_cast<std::int64_t>(audio().timeline.segments()); }
    std::chrono::nanoseconds duration(std::int64_t number) const override
    {
        const auto &grid = audio().timeline;
        auto k = static_cast<std::size_t>(std::clamp<std::int64_t>(number, 0, segments() - 1));
        return std::chrono::nanoseconds(media::ns_from_ticks(
            grid.start_of(grid.borders[k + 1]) - grid.start_of(grid.borders[k]), grid.rate));
    }
    std::string cost_class() const override
    {
        return audio().transform.copy ? "copy" : "encode/" + audio().transform.codec;
    }

private:
    const AudioRendition &audio() const { return presentation().audio[position_]; }

    void fill(pipelines::Job &job, std::size_t k) const override
    {
        const auto &rendition = audio();
        const auto &grid = rendition.timeline;
        const auto &track = presentation().asset->audio[rendition.track];
        const auto &packets = presentation().index->audio[rendition.track];
        job.origin.pad = track.source.pad;
        job.origin.caps = track.source.caps;
        job.is_video = false;
        auto &audio = job.audio;
        audio.source_rate = track.rate;
        audio.rate = grid.rate;
        audio.frame_samples = grid.frame_samples;
        audio.first_frame = grid.borders[k];
        audio.frame_count = grid.borders[k + 1] - grid.borders[k];
        audio.total_samples = grid.total_samples;
        audio.lead_frames = grid.lead_frames;
        audio.cut_samples = grid.cut_samples;
        audio.zero_ns = presentation().zero_ns;
        const std::int64_t begin_ns =
            audio.zero_ns +
            media::ns_from_ticks((audio.first_frame - audio.lead_frames) * audio.frame_samples, audio.rate);
        if (packets.contiguous && packets.frame_samples > 0) {
            audio.packet_samples = packets.frame_samples;
            audio.packets_from_ns = packets.pts_ns.front();
        } else if (packets.contiguous) {
            audio.told_at_end = packets.told_at_end;
            audio.packets_from_ns = packets.pts_ns.front();
            audio.anchor_ns = packet_before(packets, begin_ns);
        }
        const auto &transform = rendition.transform;
        audio.copy = transform.copy;
        audio.codec = transform.codec;
        audio.bitrate_bps = transform.bitrate_bps;
        audio.constant_rate = transform.constant_rate;
        audio.gain_mdb = transform.gain_mdb;
        audio.night = transform.night;
        audio.channels = transform.channels;
        if (audio.copy)
            audio.seek_ns = packets.pts_ns[rendition.first_packet + grid.borders[k]];
        if (audio.copy && audio.codec != "aac")
            set_byte_position(audio, packets, audio.seek_ns);
        else if (!audio.copy)
            set_byte_position(audio, packets, begin_ns);
    }

    // When the last packet that begins at or before `time_ns` begins; the first one where there is none.
    static std::int64_t packet_before(const media::AudioPackets &packets, std::int64_t time_ns)
    {
        auto after = std::upper_bound(packets.pts_ns.begin(), packets.pts_ns.end(), time_ns);
        return after == packets.pts_ns.begin() ? packets.pts_ns.front() : *(after - 1);
    }

    // Bare streams are read from a byte position of the index: their parsers' clocks are guesses after a
    // seek. One second of lead-in is more than any codec needs to converge, the bit reservoir of MP3
    // included; for the night, one more is looked at.
    static void set_byte_position(pipelines::AudioJob &audio, const media::AudioPackets &packets,
                                  std::int64_t begin_ns)
    {
        if (packets.offset.empty())
            return;
        constexpr std::int64_t lead_in_ns = 1'000'000'000;
        std::int64_t wanted_ns = begin_ns - (audio.night ? 2 : 1) * lead_in_ns;
        auto after = std::upper_bound(packets.pts_ns.begin(), packets.pts_ns.end(), wanted_ns);
        auto at = after == packets.pts_ns.begin()
                      ? 0
                      : static_cast<std::size_t>(after - packets.pts_ns.begin()) - 1;
        audio.byte_offset = static_cast<std::int64_t>(packets.offset[at]);
        audio.byte_offset_pts_ns = packets.pts_ns[at];
    }

    std::size_t position_;
};

} // namespace

std::shared_ptr<const JobSource> video_jobs(std::shared_ptr<const Presentation> presentation,
                                            std::size_t position, Origins &origins)
{
    const VideoRendition &rendition = presentation->video[position];
    return std::make_shared<VideoJobs>(std::move(presentation), rendition, origins);
}

std::shared_ptr<const JobSource> keyframe_jobs(std::shared_ptr<const Presentation> presentation,
                                               Origins &origins)
{
    const VideoRendition &rendition = *presentation->keyframes;
    return std::make_shared<VideoJobs>(std::move(presentation), rendition, origins);
}

std::shared_ptr<const JobSource> audio_jobs(std::shared_ptr<const Presentation> presentation,
                                            std::size_t position, Origins &origins)
{
    return std::make_shared<AudioJobs>(std::move(presentation), position, origins);
}

} // namespace butaca::playback
