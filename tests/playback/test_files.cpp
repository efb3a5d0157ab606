// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/playback/files/bytes.h"
#include "src/playback/files/file_format.h"
#include "src/playback/files/flac_file.h"

using namespace butaca;
using namespace butaca::playback;
using files::ByteView;

namespace {

Presentation sound(const std::string &codec, std::uint64_t bitrate_bps, std::uint32_t frame_samples,
                   std::uint32_t lead_frames)
{
    auto asset = std::make_shared<media::Asset>();
    asset->tags.title = "Canción";
    asset->audio.emplace_back().rate = 44100;
    AudioRendition rendition;
    rendition.id = "0123456789abcdef";
    rendition.transform.codec = codec;
    rendition.transform.bitrate_bps = bitrate_bps;
    rendition.transform.rate = 48000;
    rendition.timeline = {
        48000, frame_samples, std::int64_t{frame_samples} * 300 - 5, {0, 120, 300}, lead_frames};
    Presentation presentation;
    presentation.asset = std::move(asset);
    presentation.audio.push_back(std::move(rendition));
    return presentation;
}

std::vector<std::uint8_t> bytes_of(const std::string &text) { return {text.begin(), text.end()}; }

// A segment of one moof and mdat, as segmentmux writes it.
std::vector<std::uint8_t> segment(std::size_t packets, std::size_t packet_bytes)
{
    using files::big;
    const auto box = [](const std::string &type, const std::string &body) {
        return big(body.size() + 8, 4) + type + body;
    };
    std::string sizes;
    for (std::size_t i = 0; i < packets; i++)
        sizes += big(packet_bytes, 4);
    const std::string traf = box("tfhd", big(0x020000, 4) + big(1, 4)) + box("tfdt", big(0, 4) + big(0, 4)) +
                             box("trun", big(0x000201, 4) + big(packets, 4) + big(0, 4) + sizes);
    return bytes_of(box("moof", box("traf", traf)) + box("mdat", std::string(packets * packet_bytes, 'x')));
}

} // namespace

TEST(Files, OfMp3AreAsLongAsTheirRateSays)
{
    auto file = files::make_file("mp3", sound("mp3", 128'000, 1152, 1), {});
    ASSERT_TRUE(file);
    EXPECT_EQ((*file)->size_bytes(), (*file)->head().size() + 300 * 384);
    auto piece = (*file)->piece(0, segment(120, 384));
    ASSERT_TRUE(piece);
    EXPECT_EQ(piece->size(), 120U * 384);
    EXPECT_FALSE((*file)->piece(0, segment(119, 384))) << "a frame is missing";
    EXPECT_FALSE((*file)->piece(0, segment(120, 383))) << "frames of another size";
    EXPECT_FALSE((*file)->piece(0, ByteView()));
}

TEST(Files, OfOpusHavePagesOfKnownSizes)
{
    for (const std::uint64_t kbps : {32, 102, 320}) {
        auto file = files::make_file("opus", sound("opus", kbps * 1000, 960, 4), {});
        ASSERT_TRUE(file);
        std::uint64_t size = (*file)->head().size();
        for (std::size_t k = 0; k < 2; k++) {
            auto piece = (*file)->piece(k, segment(k == 0 ? 120 : 180, kbps * 1000 / 8 / 50));
            ASSERT_TRUE(piece) << kbps << piece.error().message;
            EXPECT_EQ(piece->size(), (*file)->piece_bytes(k));
            EXPECT_EQ(piece->substr(0, 4), "OggS");
            size += piece->size();
        }
        EXPECT_EQ((*file)->size_bytes(), size);
    }
}

TEST(Files, KnowNoSizeOfFlacUntilItIsMade)
{
    EXPECT_FALSE(files::make_file("flac", sound("flac", 0, 4096, 0), {})) << "without an init segment";
    files::FlacFile file(sound("flac", 0, 4096, 0).audio.front(), {}, std::string(34, '\0'));
    EXPECT_FALSE(file.size_bytes());
    EXPECT_FALSE(file.piece(0, segment(120, 100))) << "these are no frames of FLAC";
}

TEST(Files, GiveFlacFramesTheirNumbers)
{
    // A frame of constant subframes, numbered 0: sync, block size and rate, channels and bits, number,
    // checksum.
    std::string frame = "\xff\xf8\xc9\x18";
    frame += '\0';
    frame += static_cast<char>(files::FlacCrc8::of(frame));
    frame += "body";
    frame += files::big(files::FlacCrc16::of(frame), 2);
    for (const std::uint32_t number : {0U, 127U, 128U, 2047U, 2048U, 70000U, 3000000U}) {
        auto other = files::renumbered_flac_frame(bytes_of(frame), number);
        ASSERT_TRUE(other);
        EXPECT_EQ(files::FlacCrc16::of(*other), 0) << "the checksum over itself";
        auto back = files::renumbered_flac_frame(bytes_of(*other), 0);
        ASSERT_TRUE(back);
        EXPECT_EQ(*back, frame) << number;
    }
    for (std::size_t size = 0; size < 8; size++)
        EXPECT_FALSE(files::renumbered_flac_frame(bytes_of(frame.substr(0, size)), 1)) << size;
}
