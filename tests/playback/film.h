// SPDX-License-Identifier: LGPL-2.1-or-later
// Originals made up for the tests of what is pure: facts and an index that fit together.
#pragma once

#include <memory>

#include "src/media/facts.h"
#include "src/media/index.h"
#include "src/playback/planner.h"

namespace butaca::test {

// The bandwidths of a presentation's renditions as they were planned, by position.
struct PlannedBandwidth {
    std::vector<playback::Bandwidth> video;
    std::vector<playback::Bandwidth> audio;

    explicit PlannedBandwidth(const playback::Presentation &presentation)
    {
        for (const auto &rendition : presentation.video)
            video.push_back(rendition.bandwidth);
        for (const auto &rendition : presentation.audio)
            audio.push_back(rendition.bandwidth);
    }
};

struct Original {
    std::shared_ptr<media::Asset> asset;
    std::shared_ptr<media::PacketIndex> index;

    Result<playback::Presentation> plan(const playback::Wishes &wishes = {}) const
    {
        return playback::plan(asset, index, wishes,
                              {{"h264", "x264enc 1"},
                               {"hevc", "x265enc 1"},
                               {"vp9", "vp9enc 1"},
                               {"aac", "avenc_aac 1"},
                               {"opus", "opusenc 1"},
                               {"flac", "flacenc 1"}});
    }
};

// 60 s of 1280x720 at 24 frames a second with a clean keyframe every 2 s, H.264 High, and AAC-LC stereo at 48
// kHz.
inline Original film()
{
    Original made{std::make_shared<media::Asset>(), std::make_shared<media::PacketIndex>()};
    made.asset->digest = std::string(64, 'a');
    made.asset->demuxer = "qtdemux";
    media::VideoTrack &video = made.asset->video.emplace_back();
    video.source = {"video_0", "video/x-h264, codec_data=(buffer)0164001fffe1001967"};
    video.codec = "h264";
    video.profile = "high";
    video.width = 1280;
    video.height = 720;
    video.frame_rate = {24, 1};
    media::AudioTrack &audio = made.asset->audio.emplace_back();
    audio.source = {"audio_0", "audio/mpeg, codec_data=(buffer)1190"};
    audio.codec = "aac";
    audio.channels = 2;
    audio.rate = 48000;

    media::VideoPackets &frames = made.index->video.emplace_back();
    for (std::uint32_t i = 0; i < 1440; i++) {
        frames.pts_ns.push_back(std::int64_t{i} * 1'000'000'000 / 24);
        frames.size_bytes.push_back(i % 48 == 0 ? 40000 : 5000);
        if (i % 48 == 0)
            frames.keyframes.push_back(i);
    }
    frames.clean_keyframes = frames.keyframes;
    frames.end_ns = 60'000'000'000;
    frames.reorder = 2;
    media::AudioPackets &packets = made.index->audio.emplace_back();
    for (std::int64_t i = 0; i < 2813; i++) {
        packets.pts_ns.push_back(i * 1024 * 1'000'000'000 / 48000);
        packets.size_bytes.push_back(340);
    }
    packets.end_ns = 60'000'000'000;
    packets.frame_samples = 1024;
    packets.contiguous = true;
    return made;
}

} // namespace butaca::test
