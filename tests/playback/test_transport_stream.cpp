// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <map>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

#include "plugins/mux/fragment.h"
#include "plugins/mux/init_segment.h"
#include "src/playback/container.h"
#include "src/playback/ts/packager.h"
#include "tests/playback/read_stream.h"

using namespace butaca;
using namespace butaca::playback;
using mux::Bytes;
using test::at;
using test::Pes;
using test::read;

namespace {

constexpr unsigned frame_ticks = 417; // 24 frames a second
constexpr unsigned sound_ticks = 1024;

Bytes film_init()
{
    mux::Track track;
    track.codec = mux::Codec::avc;
    track.timescale = 10008;
    track.width = 640;
    track.height = 360;
    track.configuration = {1, 100, 0, 31, 0xff, 0xe1, 0, 3, 0x67, 1, 2, 1, 0, 2, 0x68, 3};
    return *mux::init_segment(track);
}

Bytes sound_init(Bytes configuration = {0x11, 0x90})
{
    mux::Track track;
    track.codec = mux::Codec::aac;
    track.timescale = 48000;
    track.channels = 2;
    track.sample_rate_hz = 48000;
    track.configuration = std::move(configuration);
    return *mux::init_segment(track);
}

// A picture of one NAL unit that says which frame it is.
Bytes picture(unsigned frame, std::size_t size_bytes)
{
    Bytes bytes(size_bytes, static_cast<std::uint8_t>(frame));
    const auto length = static_cast<std::uint32_t>(size_bytes - 4);
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = static_cast<std::uint8_t>(length >> (24 - 8 * i));
    bytes[4] = frame == 0 ? 0x65 : 0x41;
    return bytes;
}

void append(Bytes &out, const Bytes &more) { out.insert(out.end(), more.begin(), more.end()); }

struct Made {
    Bytes bytes;
    std::vector<std::size_t> chunk_ends;
};

Made fragments(std::uint64_t decode_time, const std::vector<mux::FragmentSample> &samples,
               const std::vector<Bytes> &payloads, std::uint32_t default_flags, std::size_t chunk_samples)
{
    Made made;
    append(made.bytes, mux::segment_type(true, false));
    for (std::size_t at = 0; at < samples.size(); at += chunk_samples) {
        auto some = std::span(samples).subspan(at, std::min(chunk_samples, samples.size() - at));
        append(made.bytes, mux::fragment_head({1, decode_time, default_flags, some}));
        for (std::size_t i = at; i < at + some.size(); i++) {
            append(made.bytes, payloads[i]);
            decode_time += samples[i].duration;
        }
        made.chunk_ends.push_back(made.bytes.size());
    }
    return made;
}

constexpr unsigned segment_frames = 48;

// In which place the n-th picture in decoding order is shown: I0 P3 B1 B2 P6 B4 B5 ... P47 B46.
unsigned shown_place(unsigned n)
{
    if (n == 0 || n >= segment_frames - 2)
        return n == 0 ? 0 : 2 * segment_frames - 3 - n;
    return n % 3 == 1 ? n + 2 : n - 1;
}

// Decode ticks as docs/segments.md has them: two frames early, none before 0.
std::int64_t decoded_at(unsigned frame)
{
    return frame < 3 ? frame * frame_ticks / 3 : (frame - 2) * frame_ticks;
}

// Segment `number` of a film, of pictures of very different sizes.
Made film_segment(unsigned number, std::size_t chunk_samples = 6)
{
    std::vector<mux::FragmentSample> samples;
    std::vector<Bytes> payloads;
    const unsigned first = number * segment_frames;
    for (unsigned i = 0; i < segment_frames; i++) {
        payloads.push_back(picture(i, i == 0 ? 40000 : 5 + (i * 37 + number * 101) % 900));
        const std::int64_t shown = (first + shown_place(i)) * frame_ticks;
        samples.push_back({static_cast<std::uint32_t>(payloads.back().size()),
                           static_cast<std::uint32_t>(decoded_at(first + i + 1) - decoded_at(first + i)),
                           static_cast<std::int32_t>(shown - decoded_at(first + i)),
                           i == 0 ? mux::sync_flags : mux::difference_flags});
    }
    return fragments(static_cast<std::uint64_t>(decoded_at(first)), samples, payloads, mux::difference_flags,
                     chunk_samples);
}

// Ticks of a film on the stream's clock, rounded up.
std::uint64_t clock_at(std::int64_t ticks)
{
    return ts::zero_time + (static_cast<std::uint64_t>(ticks) * 90000 + 10007) / 10008;
}

Made sound_segment(unsigned number, unsigned frames)
{
    std::vector<mux::FragmentSample> samples;
    std::vector<Bytes> payloads;
    for (unsigned i = 0; i < frames; i++) {
        payloads.emplace_back(200 + i * 3, static_cast<std::uint8_t>(i));
        samples.push_back(
            {static_cast<std::uint32_t>(payloads.back().size()), sound_ticks, 0, mux::sync_flags});
    }
    return fragments(std::uint64_t{number} * frames * sound_ticks, samples, payloads, mux::sync_flags,
                     frames);
}

std::string pack(const Bytes &init, const Made &segment, std::int64_t number)
{
    auto packager = ts::Packager::make(init, number);
    EXPECT_TRUE(packager) << packager.error().detail;
    std::string out;
    std::size_t begin = 0;
    for (std::size_t end : segment.chunk_ends) {
        auto packets = packager->feed(std::span(segment.bytes).subspan(begin, end - begin));
        EXPECT_TRUE(packets) << packets.error().detail;
        out += *packets;
        begin = end;
    }
    auto rest = packager->finish();
    EXPECT_TRUE(rest) << rest.error().detail;
    return out + *rest;
}

} // namespace

TEST(TransportStream, HoldsEachPictureWithItsTimesAsAnAccessUnit)
{
    auto stream = read(pack(film_init(), film_segment(2), 2));
    ASSERT_EQ(stream.units.size(), segment_frames);
    for (unsigned i = 0; i < segment_frames; i++) {
        const Pes &unit = stream.units[i];
        EXPECT_EQ(unit.shown, clock_at((2 * segment_frames + shown_place(i)) * frame_ticks)) << i;
        ASSERT_TRUE(unit.clock);
        EXPECT_EQ(*unit.clock, unit.decoded - ts::lead_time);
        EXPECT_EQ(unit.random_access, i == 0);
        std::string expected("\0\0\0\1\x09\xf0", 6);
        if (i == 0)
            expected += std::string("\0\0\0\1\x67\1\2\0\0\0\1\x68\3", 13);
        auto sample = picture(i, i == 0 ? 40000 : 5 + (i * 37 + 202) % 900);
        expected += std::string("\0\0\0\1", 4) + std::string(sample.begin() + 4, sample.end());
        EXPECT_EQ(unit.payload, expected) << i;
    }
}

TEST(TransportStream, DecodesEachSegmentAsMuchLaterThanTheTitleAsItIsShownLater)
{
    std::uint64_t last = 0;
    for (unsigned k = 0; k < 5; k++) {
        auto stream = read(pack(film_init(), film_segment(k), k));
        ASSERT_EQ(stream.units.size(), segment_frames);
        // Two frames before time 0, on a whole microsecond.
        const auto title_begin = ts::zero_time - 2 * 3750 - (k == 0 ? 6 : 0);
        EXPECT_EQ(stream.units[0].decoded,
                  title_begin + clock_at(k * segment_frames * frame_ticks) - ts::zero_time);
        for (unsigned i = 0; i < segment_frames; i++) {
            const Pes &unit = stream.units[i];
            EXPECT_GT(unit.decoded, last) << k << ", " << i;
            EXPECT_LE(unit.decoded, unit.shown) << k << ", " << i;
            if (k > 0 || i > 2) {
                EXPECT_EQ(unit.decoded, clock_at(decoded_at(k * segment_frames + i)));
            }
            last = unit.decoded;
        }
    }
}

TEST(TransportStream, OfFewerPicturesThanAreReorderedIsInOrderToo)
{
    // A title of two pictures, both decoded before the second is shown; and one of a single picture.
    std::vector<mux::FragmentSample> samples = {{9, 417, 0, mux::sync_flags},
                                                {9, 1251, 417, mux::difference_flags}};
    auto two = fragments(0, samples, {picture(0, 9), picture(1, 9)}, mux::difference_flags, 2);
    auto stream = read(pack(film_init(), two, 0));
    ASSERT_EQ(stream.units.size(), 2U);
    EXPECT_EQ(stream.units[1].shown, ts::zero_time + 7500);
    EXPECT_EQ(stream.units[1].decoded, ts::zero_time);
    EXPECT_EQ(stream.units[0].decoded, ts::zero_time - 7500 - 6) << "on a whole microsecond";
    auto one = fragments(0, {samples[0]}, {picture(0, 9)}, mux::difference_flags, 1);
    stream = read(pack(film_init(), one, 0));
    ASSERT_EQ(stream.units.size(), 1U);
    EXPECT_EQ(stream.units[0].decoded, ts::zero_time);
}

TEST(TransportStream, HoldsSoundAsAdtsFrames)
{
    auto stream = read(pack(sound_init(), sound_segment(1, 21), 1));
    ASSERT_EQ(stream.units.size(), 21U);
    for (unsigned i = 0; i < 21; i++) {
        EXPECT_EQ(stream.units[i].shown, ts::zero_time + (21 + i) * 1920);
        std::string_view first = stream.units[i].payload;
        const std::size_t length = (at(first, 3) & 3) << 11 | at(first, 4) << 3 | at(first, 5) >> 5;
        EXPECT_EQ(at(first, 0) << 8 | at(first, 1), 0xfff1U);
        EXPECT_EQ(at(first, 2), 1U << 6 | 3 << 2) << "low complexity at 48 kHz";
        EXPECT_EQ(at(first, 3) >> 6, 2U) << "stereo";
        ASSERT_EQ(length, 207 + i * 3);
        EXPECT_EQ(first.substr(7, length - 7), std::string(200 + i * 3, static_cast<char>(i)));
        EXPECT_EQ(first.size(), length);
    }
}

TEST(TransportStream, CountsItsPacketsWithoutAGapOverEveryBorder)
{
    std::map<unsigned, std::vector<unsigned>> counters;
    for (unsigned k = 0; k < 40; k++)
        for (const auto &[pid, some] : read(pack(film_init(), film_segment(k), k)).counters)
            counters[pid].insert(counters[pid].end(), some.begin(), some.end());
    ASSERT_EQ(counters.size(), 3U) << "PAT, PMT and the picture";
    for (const auto &[pid, all] : counters)
        for (std::size_t i = 0; i < all.size(); i++)
            ASSERT_EQ(all[i], i % 16) << "PID " << pid << ", packet " << i;
}

TEST(TransportStream, StretchesEvenTheSmallestLastUnit)
{
    for (std::uint32_t size_bytes = 0; size_bytes < 400; size_bytes++) {
        Bytes payload(size_bytes, 7);
        mux::FragmentSample sample{size_bytes, sound_ticks, 0, mux::sync_flags};
        auto stream = read(pack(sound_init(), fragments(0, {sample}, {payload}, mux::sync_flags, 1), 0));
        ASSERT_EQ(stream.units.size(), 1U);
        ASSERT_EQ(stream.counters[0x101].size() % 16, 0U);
        ASSERT_EQ(stream.units[0].payload.substr(7), std::string(size_bytes, 7));
    }
}

TEST(TransportStream, IsTheSameInWhateverPiecesItsSegmentComes)
{
    auto made = film_segment(3);
    const std::string whole = pack(film_init(), made, 3);
    for (std::size_t step : {1U, 7U, 188U, 5000U}) {
        made.chunk_ends.clear();
        for (std::size_t end = step; end < made.bytes.size(); end += step)
            made.chunk_ends.push_back(end);
        made.chunk_ends.push_back(made.bytes.size());
        EXPECT_EQ(pack(film_init(), made, 3), whole) << step;
    }
}

TEST(TransportStream, GivesOutPicturesWhileTheSegmentIsStillMade)
{
    auto made = film_segment(0);
    auto packager = ts::Packager::make(film_init(), 0);
    ASSERT_TRUE(packager);
    auto packets = packager->feed(std::span(made.bytes).first(made.chunk_ends[0]));
    ASSERT_TRUE(packets);
    EXPECT_GT(packets->size(), 40000U);
}

TEST(TransportStream, RefusesWhatAdtsCannotDescribe)
{
    const std::map<const char *, Bytes> configurations = {{"HE-AAC", {0x2b, 0x92, 0x08, 0x00}},
                                                          {"a rate of its own", {0x17, 0x80}},
                                                          {"channels of its own", {0x11, 0x80}}};
    for (const auto &[what, configuration] : configurations) {
        auto packager = ts::Packager::make(sound_init(configuration), 0);
        ASSERT_FALSE(packager) << what;
        EXPECT_EQ(packager.error().code, ErrorCode::unsupported) << what;
    }
}

TEST(TransportStream, RefusesASegmentThatBreaksOff)
{
    auto made = film_segment(0);
    for (std::size_t size : {100UL, made.chunk_ends[0] - 1, made.chunk_ends[0] + 20, made.bytes.size() - 1}) {
        auto packager = ts::Packager::make(film_init(), 0);
        ASSERT_TRUE(packager);
        ASSERT_TRUE(packager->feed(std::span(made.bytes).first(size)));
        EXPECT_FALSE(packager->finish()) << size;
    }
}

TEST(TransportStream, SurvivesAnyDamage)
{
    std::mt19937 chance(5);
    const auto init = film_init();
    const auto made = film_segment(0);
    const auto damage = [&](Bytes bytes) {
        for (int i = 0; i < 4; i++)
            bytes[chance() % std::min<std::size_t>(bytes.size(), 700)] = static_cast<std::uint8_t>(chance());
        return bytes;
    };
    unsigned refused = 0;
    for (int i = 0; i < 3000; i++) {
        auto packager = ts::Packager::make(i % 2 ? damage(init) : init, i);
        if (!packager)
            refused++;
        else if (auto packets = packager->feed(i % 2 ? made.bytes : damage(made.bytes)); !packets)
            refused++;
        else
            (void)packager->finish();
    }
    EXPECT_GT(refused, 300U) << "the damage should have been noticed at times";
}

TEST(TransportStream, NeedsNoMoreOfTheLineThanIsAnnounced)
{
    auto made = film_segment(1);
    const double duration_s = 1.0 * segment_frames * frame_ticks / 10008;
    const auto bps = [&](std::size_t bytes) {
        return static_cast<std::uint64_t>(static_cast<double>(bytes) * 8 / duration_s);
    };
    auto announced = ts::bandwidth({bps(made.bytes.size()), bps(made.bytes.size()), true}, ts::Codec::h264,
                                   24, 1 / duration_s);
    auto real = bps(pack(film_init(), made, 1).size());
    EXPECT_GE(announced.peak_bps * 110 / 100, real);
    EXPECT_LE(announced.peak_bps * 90 / 100, real);
    // Ten bytes a picture: each takes a packet all the same.
    EXPECT_GE(ts::bandwidth({1920, 1920, true}, ts::Codec::h264, 24, 0.5).average_bps, 24U * 188 * 8);
}

TEST(Container, SuitsThePlayer)
{
    EXPECT_EQ(container_for("Lavf/59.27.100"), Container::transport_stream);
    EXPECT_EQ(container_for("Lavf/61.7.100"), Container::transport_stream);
    EXPECT_EQ(container_for("Lavf/62.0.100"), Container::mp4);
    EXPECT_EQ(container_for("libmpv"), Container::transport_stream);
    EXPECT_EQ(container_for("Lavf/"), Container::mp4);
    EXPECT_EQ(container_for(""), Container::mp4);
    EXPECT_EQ(container_for("Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0"), Container::mp4);
}
