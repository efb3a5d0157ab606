// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/identity.h"

#include "src/base/encoding.h"

namespace butaca::playback {

namespace {

constexpr std::size_t digest_digits = 16; // goes into a longer hash

class Digest {
public:
    Digest &operator<<(const std::string &text)
    {
        text_ += text;
        text_ += '\n';
        return *this;
    }
    Digest &operator<<(std::int64_t number) { return *this << std::to_string(number); }
    template <typename T> Digest &operator<<(const std::vector<T> &numbers)
    {
        for (T number : numbers)
            text_ += std::to_string(number) + ",";
        return *this << "";
    }
    std::string done() const { return sha256_hex(text_).substr(0, digest_digits); }

private:
    std::string text_;
};

} // namespace

std::string video_grid_digest(const media::Asset &asset, const media::VideoTrack &track,
                              const media::VideoPackets &packets, const media::VideoTimeline &timeline,
                              const std::vector<std::uint32_t> &borders)
{
    Digest digest;
    digest << asset.demuxer << track.source.pad << track.source.caps << track.interlaced;
    digest << packets.pts_ns << packets.keyframes << packets.reorder;
    digest << timeline.timescale << timeline.rate.num << timeline.rate.den << timeline.ticks << borders;
    return digest.done();
}

std::string audio_grid_digest(const media::Asset &asset, const media::AudioTrack &track,
                              const media::AudioPackets &packets, const media::AudioTimeline &timeline,
                              std::int64_t zero_ns, std::uint32_t first_packet)
{
    Digest digest;
    digest << asset.demuxer << track.source.pad << track.source.caps << zero_ns << first_packet;
    digest << packets.pts_ns << packets.offset << packets.frame_samples << packets.contiguous;
    digest << timeline.rate << timeline.frame_samples << timeline.total_samples << timeline.borders;
    return digest.done();
}

} // namespace butaca::playback
