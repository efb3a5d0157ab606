// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads a track once to know its times.
#include "tests/pipelines/track_times.h"

#include <algorithm>

#include <unistd.h>

#include "pipelines/elements.h"
#include "pipelines/video_graph.h"
#include "pipelines/warm_stream.h"
#include "src/base/files.h"

namespace butaca::pipelines::test {

std::string media_file(const std::string &name)
{
    const char *folder = g_getenv("BUTACA_MEDIA");
    const std::string path = std::string(folder ? folder : "") + "/" + name;
    return access(path.c_str(), R_OK) == 0 ? path : std::string();
}

// Behind the metadata blocks (RFC 9639, 8.1).
std::int64_t first_flac_frame(const std::string &path)
{
    const auto bytes = read_file(path, 1U << 24).value_or("");
    std::size_t at = 4;
    for (bool last = false; !last && at + 4 <= bytes.size();) {
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[at + i]); };
        last = byte(0) & 0x80;
        at += 4 + (byte(1) << 16 | byte(2) << 8 | byte(3));
    }
    return static_cast<std::int64_t>(at);
}

Origin file_origin(const std::string &path, std::string demuxer, std::string pad, std::string caps)
{
    return {"file", {path}, "", "", std::move(demuxer), std::move(pad), std::move(caps)};
}

TrackTimes track_times(const Origin &origin)
{
    TrackTimes times;
    Activity activity;
    activity.begin();
    auto stream =
        WarmStream::open(video_packet_graph(origin, parser_for(origin.caps).value_or("")), activity);
    if (!stream || !(*stream)->seek(0))
        return times;
    for (;;) {
        auto packet = (*stream)->next();
        if (!packet || !*packet)
            break;
        times.pts_ns.push_back(packet->time_ns);
        if (!GST_BUFFER_FLAG_IS_SET(gst_sample_get_buffer(packet->sample.get()), GST_BUFFER_FLAG_DELTA_UNIT))
            times.keyframes_ns.push_back(packet->time_ns);
    }
    std::sort(times.pts_ns.begin(), times.pts_ns.end());
    // What the edit list cuts off is not presented.
    times.pts_ns.erase(times.pts_ns.begin(), std::lower_bound(times.pts_ns.begin(), times.pts_ns.end(), 0));
    return times;
}

std::vector<Job> video_jobs(const Origin &origin, std::int64_t num, std::int64_t den, std::size_t frames)
{
    const auto times = track_times(origin);
    std::vector<Job> jobs;
    for (std::size_t from = 0; from < times.pts_ns.size(); from += frames) {
        const std::size_t to = std::min(from + frames, times.pts_ns.size());
        Job job;
        job.id = jobs.size();
        job.segment = static_cast<std::uint32_t>(jobs.size());
        job.rendition = "test";
        job.origin = origin;
        job.video.timescale = static_cast<std::uint32_t>(num);
        for (std::size_t i = from; i <= to; ++i)
            job.video.ticks.push_back(static_cast<std::int64_t>(i) * den);
        job.video.pts_ns.assign(times.pts_ns.begin() + static_cast<std::ptrdiff_t>(from),
                                times.pts_ns.begin() + static_cast<std::ptrdiff_t>(to));
        for (auto key : times.keyframes_ns)
            if (key <= job.video.pts_ns.front())
                job.video.seek_ns = key;
        job.video.width = 320;
        job.video.height = 180;
        job.video.frame_rate_num = num;
        job.video.frame_rate_den = den;
        jobs.push_back(std::move(job));
    }
    return jobs;
}

std::vector<Job> audio_jobs(const Origin &origin, std::uint32_t source_rate, std::uint32_t rate,
                            std::int64_t total_samples, std::int64_t frames)
{
    std::vector<Job> jobs;
    const std::int64_t all = (total_samples + 1023) / 1024;
    for (std::int64_t from = 0; from < all; from += frames) {
        Job job;
        job.id = jobs.size();
        job.segment = static_cast<std::uint32_t>(jobs.size());
        job.rendition = "test";
        job.origin = origin;
        job.is_video = false;
        job.audio.source_rate = source_rate;
        job.audio.rate = rate;
        job.audio.frame_samples = 1024;
        job.audio.first_frame = from;
        job.audio.frame_count = std::min(frames, all - from);
        job.audio.total_samples = total_samples;
        jobs.push_back(std::move(job));
    }
    return jobs;
}

} // namespace butaca::pipelines::test
