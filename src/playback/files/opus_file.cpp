// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/files/opus_file.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "src/playback/files/bytes.h"
#include "src/playback/files/file_tags.h"
#include "src/playback/files/packet_maker.h"

namespace butaca::playback::files {

namespace {

// 0.4 s: a page is sent once it is whole. Of 320 kbit/s each packet takes 4 of the 255 lengths that one has.
constexpr std::size_t packets_on_page = 20;
constexpr std::uint64_t packets_per_second = 50;
constexpr std::size_t page_header_bytes = 27; // RFC 3533, 6
constexpr std::uint8_t first_page = 0x02;
constexpr std::uint8_t last_page = 0x04;
constexpr std::uint32_t header_pages = 2;

std::size_t lengths_of(std::size_t packet_bytes) { return packet_bytes / 255 + 1; }

} // namespace

OpusFile::OpusFile(AudioRendition rendition, const media::Tags &tags, unsigned source_rate)
    : FileFormat(std::move(rendition)),
      packet_bytes_(this->rendition().transform.bitrate_bps / 8 / packets_per_second)
{
    // Any number does that another file is unlikely to have; the identity is a hash in hexadecimal digits.
    serial_ =
        static_cast<std::uint32_t>(std::strtoul(this->rendition().id.substr(0, 8).c_str(), nullptr, 16));
    const std::uint64_t pre_skip = std::uint64_t{timeline().lead_frames} * timeline().frame_samples;
    const std::string head = "OpusHead" + little(1, 1) + little(this->rendition().transform.channels, 1) +
                             little(pre_skip, 2) + little(source_rate, 4) + little(0, 2) + little(0, 1);
    const std::string comments = "OpusTags" + vorbis_comment(tags);
    set_head(page({first_page, 0, 0}, {head}) + page({0, 0, 1}, {comments}));
}

std::string OpusFile::page(const Page &page, const std::vector<std::string_view> &packets) const
{
    std::string lengths;
    std::string body;
    for (const auto packet : packets) {
        lengths.append(packet.size() / 255, '\xff');
        lengths += static_cast<char>(packet.size() % 255);
        body += packet;
    }
    std::string out = "OggS" + little(0, 1) + little(page.flags, 1) + little(page.granule, 8) +
                      little(serial_, 4) + little(page.number, 4) + little(0, 4) + little(lengths.size(), 1) +
                      lengths + body;
    constexpr std::size_t crc_at = 22;
    out.replace(crc_at, 4, little(OggCrc::of(out), 4));
    return out;
}

std::uint32_t OpusFile::pages_before(std::size_t piece) const
{
    std::uint32_t pages = header_pages;
    for (std::size_t k = 0; k < piece; k++)
        pages += static_cast<std::uint32_t>((packets_in(k) + packets_on_page - 1) / packets_on_page);
    return pages;
}

std::optional<std::uint64_t> OpusFile::piece_bytes(std::size_t piece) const
{
    const std::uint64_t packets = packets_in(piece);
    return (packets + packets_on_page - 1) / packets_on_page * page_header_bytes +
           packets * (lengths_of(packet_bytes_) + packet_bytes_);
}

// Packets gathered to pages.
class OpusFile::Pages final : public PacketMaker {
public:
    Pages(const OpusFile &file, std::size_t piece)
        : PacketMaker(file.packets_in(piece)), file_(file), packets_(file.timeline().borders[piece]),
          number_(file.pages_before(piece))
    {
    }

private:
    Status take(ByteView packet, std::string &out) override
    {
        if (packet.size() != file_.packet_bytes_)
            return fail(ErrorCode::internal, "an Opus packet has another size than its rate says");
        held_.emplace_back(reinterpret_cast<const char *>(packet.data()), packet.size());
        if (held_.size() == packets_on_page)
            end(out);
        return {};
    }
    void end(std::string &out) override
    {
        if (held_.empty())
            return;
        packets_ += held_.size();
        const auto &timeline = file_.timeline();
        const bool last = packets_ == timeline.frames();
        const std::uint64_t granule = std::min<std::uint64_t>(
            packets_ * timeline.frame_samples, static_cast<std::uint64_t>(timeline.total_samples));
        out += file_.page({last ? last_page : std::uint8_t{0}, granule, number_++},
                          {held_.begin(), held_.end()});
        held_.clear();
    }

    const OpusFile &file_;
    std::vector<std::string> held_;
    std::uint64_t packets_;
    std::uint32_t number_;
};

std::unique_ptr<PieceMaker> OpusFile::begin(std::size_t piece)
{
    return std::make_unique<Pages>(*this, piece);
}

} // namespace butaca::playback::files
