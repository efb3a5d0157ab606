// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/files/flac_file.h"

#include <bit>

#include "src/playback/files/boxes.h"
#include "src/playback/files/bytes.h"
#include "src/playback/files/file_tags.h"
#include "src/playback/files/packet_maker.h"

namespace butaca::playback::files {

namespace {

constexpr std::size_t stream_info_bytes = 34;

std::string_view text(ByteView bytes) { return {reinterpret_cast<const char *>(bytes.data()), bytes.size()}; }

// Numbers in the manner of UTF-8, up to 36 bits (RFC 9639, 9.1.5).
std::string coded(std::uint32_t number)
{
    if (number < 0x80)
        return {static_cast<char>(number)};
    const unsigned bits = 32 - static_cast<unsigned>(std::countl_zero(number));
    const unsigned more = (bits - 2) / 5; // bytes after the first one, each with six bits
    std::string out;
    out += static_cast<char>((0xff << (7 - more)) | (number >> (6 * more)));
    for (unsigned i = more; i > 0; i--)
        out += static_cast<char>(0x80 | ((number >> (6 * (i - 1))) & 0x3f));
    return out;
}

std::size_t coded_bytes(std::uint8_t first)
{
    const auto ones = static_cast<std::size_t>(std::countl_one(first));
    return ones == 0 ? 1 : ones;
}

} // namespace

Result<std::string> renumbered_flac_frame(ByteView frame, std::uint32_t number)
{
    constexpr std::size_t fixed_bytes = 4;
    constexpr std::size_t crc16_bytes = 2;
    const auto broken = [] { return fail(ErrorCode::internal, "a FLAC frame makes no sense"); };
    if (frame.size() < fixed_bytes + 4 || frame[0] != 0xff || frame[1] != 0xf8)
        return broken();
    const unsigned block = frame[2] >> 4;
    const unsigned rate = frame[2] & 0xf;
    const std::size_t more = (block == 6   ? 1
                              : block == 7 ? 2
                                           : 0) +
                             (rate == 12                 ? 1
                              : rate == 13 || rate == 14 ? 2
                                                         : 0);
    const std::size_t rest_at = fixed_bytes + coded_bytes(frame[4]);
    const std::size_t crc8_at = rest_at + more;
    if (frame.size() < crc8_at + 1 + crc16_bytes)
        return broken();
    std::string out(text(frame.first(fixed_bytes)));
    out += coded(number);
    out += text(frame.subspan(rest_at, more));
    out += static_cast<char>(FlacCrc8::of(out));
    out += text(frame.subspan(crc8_at + 1, frame.size() - crc8_at - 1 - crc16_bytes));
    return out + big(FlacCrc16::of(out), crc16_bytes);
}

FlacFile::FlacFile(AudioRendition rendition, const media::Tags &tags, const std::string &stream_info)
    : FileFormat(std::move(rendition)), sizes_(pieces())
{
    constexpr char last_block = '\x84'; // VORBIS_COMMENT, and none after it
    const std::string comments = vorbis_comment(tags);
    set_head("fLaC" + big(stream_info_bytes, 4) + stream_info + last_block + big(comments.size(), 3) +
             comments);
}

Result<std::shared_ptr<FileFormat>> FlacFile::make(AudioRendition rendition, const media::Tags &tags,
                                                   ByteView init)
{
    auto entry = sample_entry(init);
    // The box's version, then a metadata block with its header.
    constexpr std::size_t at = 8;
    auto dfla = entry ? child_of_sound(*entry, "dfLa") : std::nullopt;
    if (!dfla || dfla->size() < at + stream_info_bytes)
        return fail(ErrorCode::internal, "the init segment is none of FLAC");
    std::string info(text(dfla->subspan(at, stream_info_bytes)));
    const auto frame = rendition.timeline.frame_samples;
    const auto total = static_cast<std::uint64_t>(rendition.timeline.total_samples);
    // Block sizes, no frame sizes, all bits before the number of samples as they are, that, no MD5
    // (RFC 9639, 8.2).
    info.replace(0, 10, big(frame, 2) + big(frame, 2) + big(0, 6));
    info[13] = static_cast<char>((static_cast<unsigned char>(info[13]) & 0xf0) | (total >> 32 & 0xf));
    info.replace(14, 4, big(total, 4));
    info.replace(18, 16, std::string(16, '\0'));
    return std::make_shared<FlacFile>(std::move(rendition), tags, info);
}

// Frames with the numbers that they have in the whole.
class FlacFile::Frames final : public PacketMaker {
public:
    Frames(FlacFile &file, std::size_t piece)
        : PacketMaker(file.packets_in(piece)), file_(file), piece_(piece),
          number_(file.timeline().borders[piece])
    {
    }

private:
    Status take(ByteView packet, std::string &out) override
    {
        auto frame = renumbered_flac_frame(packet, number_++);
        if (!frame)
            return fail(frame.error());
        out += *frame;
        bytes_ += frame->size();
        return {};
    }
    void end(std::string &) override { file_.sizes_[piece_] = bytes_; }

    FlacFile &file_;
    std::size_t piece_;
    std::uint32_t number_;
    std::uint64_t bytes_ = 0;
};

std::unique_ptr<PieceMaker> FlacFile::begin(std::size_t piece)
{
    return std::make_unique<Frames>(*this, piece);
}

} // namespace butaca::playback::files
