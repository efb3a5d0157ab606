// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/files/m4a_file.h"

#include <array>
#include <cstdio>

#include "src/playback/files/boxes.h"
#include "src/playback/files/bytes.h"
#include "src/playback/files/file_tags.h"

namespace butaca::playback::files {

namespace {

std::string text(ByteView bytes) { return {reinterpret_cast<const char *>(bytes.data()), bytes.size()}; }
std::string again(const Box &found) { return box(found.type, text(found.body)); }

// What to skip at both ends and how much is between, as iTunes tells it. Not an edit list: in fragmented
// files FFmpeg and its kin move the times by it but play what lies before 0 all the same.
std::string gapless(std::int64_t skip_samples, std::int64_t rest_samples, std::int64_t heard_samples)
{
    std::array<char, 160> text{};
    std::snprintf(text.data(), text.size(), " 00000000 %08X %08X %016llX 00000000 00000000 00000000 00000000",
                  static_cast<unsigned>(skip_samples), static_cast<unsigned>(rest_samples),
                  static_cast<unsigned long long>(heard_samples));
    return box("----", box("mean", big(0, 4) + "com.apple.iTunes") + box("name", big(0, 4) + "iTunSMPB") +
                           box("data", big(1, 4) + big(0, 4) + text.data()));
}

// iTunes' metadata ("udta/meta/ilst"): text of type 1.
std::string titles(const media::Tags &tags, std::string items)
{
    constexpr std::pair<std::string_view, std::string_view> names[] = {{"TITLE", "\xa9nam"},
                                                                       {"ARTIST", "\xa9"
                                                                                  "ART"},
                                                                       {"ALBUM", "\xa9"
                                                                                 "alb"},
                                                                       {"ALBUMARTIST", "aART"},
                                                                       {"GENRE", "\xa9gen"},
                                                                       {"DATE", "\xa9"
                                                                                "day"}};
    for (const auto &[field, value] : told(tags))
        for (const auto &[name, type] : names)
            if (name == field)
                items += box(type, box("data", big(1, 4) + big(0, 4) + value));
    if (tags.track)
        items += box("trkn", box("data", big(0, 4) + big(0, 4) + big(0, 2) + big(tags.track, 2) + big(0, 4)));
    const std::string handler = box("hdlr", big(0, 8) + "mdirappl" + std::string(9, '\0'));
    return box("udta", box("meta", big(0, 4) + handler + box("ilst", items)));
}

// The segment as it is, and free space behind it.
class Place final : public PieceMaker {
public:
    explicit Place(std::uint64_t bytes) : bytes_(bytes) {}
    Result<std::string> feed(ByteView bytes) override
    {
        segment_ += text(bytes);
        return std::string();
    }
    Result<std::string> finish() override
    {
        constexpr std::size_t header_bytes = 8;
        if (segment_.size() + header_bytes > bytes_)
            return fail(ErrorCode::too_large, "a segment of sound is larger than its place in the file");
        return segment_ + box("free", std::string(bytes_ - segment_.size() - header_bytes, '\0'));
    }

private:
    std::uint64_t bytes_;
    std::string segment_;
};

} // namespace

M4aFile::M4aFile(AudioRendition rendition, const media::Tags &tags, ByteView moov)
    : FileFormat(std::move(rendition))
{
    set_head(box("ftyp", "M4A " + big(0, 4) + "M4A isomiso6mp42") + movie(moov, tags) + index());
}

Result<std::shared_ptr<FileFormat>> M4aFile::make(AudioRendition rendition, const media::Tags &tags,
                                                  ByteView init)
{
    auto moov = find_box(init, "moov");
    if (!moov || !sample_entry(init))
        return fail(ErrorCode::internal, "the init segment is none of AAC");
    return std::make_shared<M4aFile>(std::move(rendition), tags, moov->body);
}

std::string M4aFile::movie(ByteView moov, const media::Tags &tags) const
{
    const std::int64_t lead = std::int64_t{timeline().lead_frames} * timeline().frame_samples;
    const std::int64_t rest =
        std::int64_t{timeline().frames()} * timeline().frame_samples - timeline().total_samples;
    std::string out;
    for (const Box &child : boxes_in(moov))
        out += again(child);
    return box("moov", out + titles(tags, gapless(lead, rest, heard_samples())));
}

// Segment index (ISO/IEC 14496-12, 8.16.3): every place begins with a sample that needs no other.
std::string M4aFile::index() const
{
    std::string body = big(0x01000000, 4) + big(1, 4) + big(timeline().rate, 4) + big(0, 8) + big(0, 8) +
                       big(0, 2) + big(pieces(), 2);
    for (std::size_t k = 0; k < pieces(); k++) {
        const auto samples =
            timeline().start_of(timeline().borders[k + 1]) - timeline().start_of(timeline().borders[k]);
        constexpr std::uint64_t starts_with_sap_1 = 0x90000000;
        body +=
            big(*piece_bytes(k), 4) + big(static_cast<std::uint64_t>(samples), 4) + big(starts_with_sap_1, 4);
    }
    return box("sidx", body);
}

// Encoders keep the rate over a second or so and may spend more on a packet or two; boxes take the rest.
std::optional<std::uint64_t> M4aFile::piece_bytes(std::size_t piece) const
{
    const auto &transform = rendition().transform;
    const std::uint64_t packets = packets_in(piece);
    const std::uint64_t sound =
        transform.bitrate_bps * packets * timeline().frame_samples / transform.rate / 8;
    constexpr std::uint64_t boxes_bytes = 1024; // of several chunks
    constexpr std::uint64_t entry_bytes = 16;
    constexpr std::uint64_t largest_packet_bytes = 768; // of one channel (ISO/IEC 14496-3, 4.5.3.3)
    return sound * 5 / 4 + packets * entry_bytes + boxes_bytes +
           2 * largest_packet_bytes * transform.channels;
}

std::unique_ptr<PieceMaker> M4aFile::begin(std::size_t piece)
{
    return std::make_unique<Place>(*piece_bytes(piece));
}

} // namespace butaca::playback::files
