// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/files/mp3_file.h"

#include <algorithm>

#include "src/media/sound.h"
#include "src/playback/files/bytes.h"
#include "src/playback/files/file_tags.h"
#include "src/playback/files/packet_maker.h"

namespace butaca::playback::files {

namespace {

// What any decoder of layer III lags behind its input, which players add to the delay that the tag tells.
constexpr std::int64_t decoder_delay_samples = 529;

// The header of an MPEG-1 layer III frame without padding (ISO/IEC 11172-3, 2.4.1.3).
std::string frame_header(const media::AudioTransform &transform)
{
    const auto &steps = media::mp3_steps_kbps;
    const auto *step = std::find(steps.begin(), steps.end(), transform.bitrate_bps / 1000);
    const auto bitrate_index = static_cast<unsigned>(step == steps.end() ? 0 : step - steps.begin() + 1);
    const unsigned rate_index = transform.rate == 32000 ? 2 : 1;
    const unsigned mode = transform.channels == 1 ? 3 : 1; // single, joint stereo
    return {'\xff', '\xfb', static_cast<char>(bitrate_index << 4 | rate_index << 2),
            static_cast<char>(mode << 6)};
}

// CRC-16 as LAME counts it over its own tag: the lowest bit first.
std::uint16_t tag_crc(std::string_view bytes)
{
    std::uint16_t crc = 0;
    for (const char byte : bytes) {
        crc ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; bit++)
            crc = static_cast<std::uint16_t>(crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1);
    }
    return crc;
}

// Frames as they are.
class Frames final : public PacketMaker {
public:
    Frames(std::uint32_t packets, std::size_t frame_bytes) : PacketMaker(packets), frame_bytes_(frame_bytes)
    {
    }

private:
    Status take(ByteView packet, std::string &out) override
    {
        if (packet.size() != frame_bytes_)
            return fail(ErrorCode::internal, "an MP3 frame has another size than its rate says");
        out.append(reinterpret_cast<const char *>(packet.data()), packet.size());
        return {};
    }
    std::size_t frame_bytes_;
};

} // namespace

Mp3File::Mp3File(AudioRendition rendition, const media::Tags &tags)
    : FileFormat(std::move(rendition)),
      frame_bytes_(144 * this->rendition().transform.bitrate_bps / this->rendition().transform.rate)
{
    set_head(id3_tag(tags) + info_frame());
}

// A silent frame whose data say how long the file is (the Xing header, as "Info" for a constant rate), with
// LAME's extension for the samples to skip at both ends. At 32 kbit/s it needs a larger frame than the
// others.
std::string Mp3File::info_frame() const
{
    constexpr std::size_t tag_bytes = 4 + 4 + 4 + 4 + 100 + 4 + 36;
    auto transform = rendition().transform;
    const std::size_t side_bytes = transform.channels == 1 ? 17 : 32;
    for (const std::uint64_t bps : {64'000, 80'000, 96'000, 128'000})
        if (144 * transform.bitrate_bps / transform.rate < 4 + side_bytes + tag_bytes)
            transform.bitrate_bps = bps;
    const std::size_t bytes = 144 * transform.bitrate_bps / transform.rate;
    const std::uint64_t frames = timeline().frames();
    std::string frame = frame_header(transform) + std::string(side_bytes, '\0') + "Info";
    frame += big(0xf, 4) + big(frames, 4) + big(bytes + frames * frame_bytes_, 4);
    for (unsigned i = 0; i < 100; i++)
        frame += static_cast<char>(i * 256 / 100);
    frame += big(0, 4); // quality: not told
    const std::int64_t lead = std::int64_t{timeline().lead_frames} * timeline().frame_samples;
    const std::int64_t begin = std::max<std::int64_t>(0, lead - decoder_delay_samples);
    const std::int64_t end = static_cast<std::int64_t>(frames) * timeline().frame_samples - lead -
                             heard_samples() + decoder_delay_samples;
    constexpr unsigned constant_rate = 1;
    frame += "LAME3.100" + big(constant_rate, 1) + big(0, 1) + big(0, 8) + big(0, 1);
    frame += big(std::min<std::uint64_t>(255, rendition().transform.bitrate_bps / 1000), 1);
    frame += big(static_cast<std::uint64_t>(begin << 12 | std::min<std::int64_t>(end, 0xfff)), 3);
    frame += big(0, 4) + big(bytes + frames * frame_bytes_, 4) + big(0, 2);
    frame += big(tag_crc(frame), 2);
    frame.resize(bytes, '\0');
    return frame;
}

std::optional<std::uint64_t> Mp3File::piece_bytes(std::size_t piece) const
{
    return std::uint64_t{packets_in(piece)} * frame_bytes_;
}

std::unique_ptr<PieceMaker> Mp3File::begin(std::size_t piece)
{
    return std::make_unique<Frames>(packets_in(piece), frame_bytes_);
}

} // namespace butaca::playback::files
