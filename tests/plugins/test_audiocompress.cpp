// SPDX-License-Identifier: LGPL-2.1-or-later
// audiocompress: the same bytes, exact times, true delays, and seams that cannot be found again.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include <gst/audio/audio.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include "plugins/audio/codec_table.h"
#include "tests/plugins/run_launch.h"

using namespace butaca;
using test_support::Made;
using test_support::run_launch;

namespace {

constexpr const char *source_caps =
    "appsrc name=samples format=time caps=audio/x-raw,format=S16LE,layout=interleaved,"
    "channel-mask=(bitmask)3,channels=2,rate=48000 ! ";

// Interleaved stereo, 16 bits, 48 kHz.
using Samples = std::vector<std::int16_t>;

std::string as_bytes(std::span<const std::int16_t> samples)
{
    return {reinterpret_cast<const char *>(samples.data()), samples.size_bytes()};
}

Samples as_samples(const std::string &bytes)
{
    Samples samples(bytes.size() / 2);
    std::memcpy(samples.data(), bytes.data(), samples.size() * 2);
    return samples;
}

// Something like music: gliding tones with attacks, differing in left and right.
Samples melody(std::size_t frames)
{
    Samples samples;
    double left = 0, right = 0;
    for (std::size_t i = 0; i < frames; i++) {
        const double t = static_cast<double>(i) / 48000;
        left += 2 * M_PI * (330 + 110 * std::sin(3 * t)) / 48000;
        right += 2 * M_PI * (500 + 60 * std::cos(5 * t)) / 48000;
        const double attack = std::exp(-6 * std::fmod(t, 0.25));
        samples.push_back(
            static_cast<std::int16_t>(9000 * std::sin(left) + 7000 * attack * std::sin(7 * left)));
        samples.push_back(
            static_cast<std::int16_t>(9000 * std::sin(right) + 5000 * attack * std::sin(5 * right)));
    }
    return samples;
}

Samples music(const char *name, std::size_t from_frame, std::size_t frames)
{
    const char *folder = g_getenv("BUTACA_MEDIA");
    const std::string path = std::string(folder ? folder : "/nonexistent") + "/" + name;
    if (!g_file_test(path.c_str(), G_FILE_TEST_EXISTS))
        return {};
    const Samples all =
        as_samples(run_launch("filesrc location=" + path +
                              " ! decodebin ! audioconvert dithering=none ! audioresample "
                              "! audio/x-raw,format=S16LE,layout=interleaved,channels=2,rate=48000")
                       .bytes());
    if (all.size() < 2 * (from_frame + frames))
        return {};
    return {all.begin() + static_cast<std::ptrdiff_t>(2 * from_frame),
            all.begin() + static_cast<std::ptrdiff_t>(2 * (from_frame + frames))};
}

Made encode(const std::string &properties, std::span<const std::int16_t> samples)
{
    return run_launch(source_caps + ("audiocompress " + properties), as_bytes(samples));
}

// Decodes packets as a player would that knows nothing of priming.
Samples decode(const Made &made)
{
    const auto caps = adopt(gst_caps_to_string(made.caps.get()));
    Owned<GError> error;
    const bool opus = std::string(caps.get()).starts_with("audio/x-opus");
    const auto pipeline = butaca::sink(gst_parse_launch(
        (std::string("appsrc name=in format=time ! ") + (opus ? "opusdec plc=false" : "decodebin") +
         " ! audioconvert dithering=none ! audioresample ! audio/x-raw,format=S16LE,"
         "layout=interleaved,channels=2,rate=48000 ! appsink name=out sync=false")
            .c_str(),
        Out(error)));
    const auto in = adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "in"));
    const auto out = adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
    g_object_set(in.get(), "caps", made.caps.get(), nullptr);
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    GstFlowReturn flow;
    for (const auto &packet : made.packets) {
        GstBuffer *buffer = gst_buffer_new_memdup(packet.bytes.data(), packet.bytes.size());
        GST_BUFFER_PTS(buffer) = packet.pts;
        GST_BUFFER_DURATION(buffer) = packet.duration;
        g_signal_emit_by_name(in.get(), "push-buffer", buffer, &flow);
        gst_buffer_unref(buffer);
    }
    g_signal_emit_by_name(in.get(), "end-of-stream", &flow);
    std::string bytes;
    for (;;) {
        GstSample *sample = nullptr;
        g_signal_emit_by_name(out.get(), "pull-sample", &sample);
        const auto owned = adopt(sample);
        if (!sample)
            break;
        MappedBuffer map(gst_sample_get_buffer(sample));
        if (map)
            bytes.append(map.bytes().begin(), map.bytes().end());
    }
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    return as_samples(bytes);
}

// Which shift of `late` (in sample frames, -range to range) fits `early` best.
int best_shift(const Samples &early, const Samples &late, int range)
{
    int best = 0;
    double best_sum = -1e300;
    const int from = 4 * range, to = static_cast<int>(std::min(early.size(), late.size()) / 2) - 2 * range;
    for (int shift = -range; shift <= range; shift++) {
        double sum = 0;
        for (int i = from; i < to; i++)
            sum += static_cast<double>(early[static_cast<std::size_t>(2 * i)]) *
                   late[static_cast<std::size_t>(2 * (i + shift))];
        if (sum > best_sum)
            best_sum = sum, best = shift;
    }
    return best;
}

// Ratio of signal to difference in decibels over sample frames [from, to).
double snr_db(const Samples &wanted, const Samples &got, std::size_t from, std::size_t to)
{
    double signal = 1, noise = 1;
    for (std::size_t i = 2 * from; i < 2 * to; i++) {
        const double difference = static_cast<double>(wanted[i]) - got[i];
        signal += static_cast<double>(wanted[i]) * wanted[i];
        noise += difference * difference;
    }
    return 10 * std::log10(signal / noise);
}

const audio::Encoder &row_of(const std::string &codec, const std::string &encoder = {})
{
    return *audio::choose({.codec = codec, .encoder = encoder}, [](const char *) { return true; });
}

struct Seams {
    double at_seams_db = 0, elsewhere_db = 0, worst_loss_db = 0;
};

// Encodes `sound` as separate segments of `per_segment` packets with `run_up` packets of pre-roll, decodes
// the packets in one go, and compares the neighbourhood of each seam with the unbroken encode.
Seams measure_seams(const std::string &properties, const audio::Encoder &row, const Samples &sound,
                    int run_up)
{
    const int frame = row.frame_samples, delay = audio::delay_samples(row) / frame, per_segment = 47;
    const int packets = static_cast<int>(sound.size() / 2) / frame;
    const Made whole = encode(properties + " skip-packets=" + std::to_string(delay), sound);
    Made pieces;
    for (int first = 0; first < packets; first += per_segment) {
        const int early = std::min(first, run_up), count = std::min(per_segment, packets - first);
        const std::size_t from =
            static_cast<std::size_t>(first - early) * static_cast<std::size_t>(frame) * 2;
        const std::size_t until = std::min(sound.size(), static_cast<std::size_t>(first + count + delay + 2) *
                                                             static_cast<std::size_t>(frame) * 2);
        Made piece = encode(properties + " skip-packets=" + std::to_string(delay + early) + " max-packets=" +
                                std::to_string(count) + " first-packet=" + std::to_string(first),
                            std::span(sound).subspan(from, until - from));
        EXPECT_EQ(piece.packets.size(), static_cast<std::size_t>(count)) << "segment at " << first;
        for (auto &packet : piece.packets) {
            EXPECT_EQ(packet.pts, whole.packets[pieces.packets.size()].pts);
            pieces.packets.push_back(std::move(packet));
        }
        pieces.caps = std::move(piece.caps);
    }
    const Samples unbroken = decode(whole), broken = decode(pieces);
    Seams seams;
    int n = 0;
    for (int first = per_segment; first + 4 < packets; first += per_segment, n++) {
        const std::size_t seam = static_cast<std::size_t>(first) * static_cast<std::size_t>(frame),
                          half = static_cast<std::size_t>(frame);
        const double smooth = snr_db(sound, unbroken, seam - half, seam + half),
                     cut = snr_db(sound, broken, seam - half, seam + half);
        seams.at_seams_db += cut;
        seams.elsewhere_db += smooth;
        seams.worst_loss_db = std::max(seams.worst_loss_db, smooth - cut);
    }
    seams.at_seams_db /= std::max(1, n);
    seams.elsewhere_db /= std::max(1, n);
    return seams;
}

} // namespace

struct Codec {
    const char *properties, *codec, *encoder;
};

class CompressWith : public testing::TestWithParam<Codec> {};

TEST_P(CompressWith, MakesTheSameBytesFromTheSameSamples)
{
    const Samples sound = melody(30000);
    const Made once = encode(GetParam().properties, sound), again = encode(GetParam().properties, sound);
    ASSERT_EQ(once.error, "");
    ASSERT_GT(once.packets.size(), 5U);
    EXPECT_EQ(once.sha256(), again.sha256());
    const std::string tone =
        std::string(
            "audiotestsrc wave=sine num-buffers=40 ! audio/x-raw,format=F32LE,rate=44100,channels=2 ! ") +
        "audiocompress rate=48000 " + GetParam().properties;
    EXPECT_EQ(run_launch(tone).sha256(), test_support::sha256_in_another_process(tone));
}

TEST_P(CompressWith, HasTheDelayThatTheTableStates)
{
    const Samples sound = melody(48000);
    const audio::Encoder &row = row_of(GetParam().codec, GetParam().encoder);
    const int frames = audio::delay_samples(row) / row.frame_samples;
    const Made made =
        encode(GetParam().properties + std::string(" skip-packets=") + std::to_string(frames), sound);
    ASSERT_EQ(made.error, "");
    EXPECT_EQ(best_shift(sound, decode(made), 1300), 0);
}

TEST_P(CompressWith, CountsTimeInPacketsAndLosesNoSample)
{
    const std::size_t samples = 48000 + 123;
    const audio::Encoder &row = row_of(GetParam().codec, GetParam().encoder);
    const auto frame = static_cast<std::size_t>(row.frame_samples);
    const int skip = audio::delay_samples(row) / row.frame_samples;
    const Made made = encode(GetParam().properties + std::string(" first-packet=1000000007 skip-packets=") +
                                 std::to_string(skip),
                             melody(samples));
    ASSERT_EQ(made.packets.size(), (samples + frame - 1) / frame) << made.error;
    for (std::size_t n = 0; n < made.packets.size(); n++) {
        const guint64 start = gst_util_uint64_scale((1000000007 + n) * frame, GST_SECOND, 48000);
        EXPECT_EQ(made.packets[n].pts, start);
        EXPECT_EQ(made.packets[n].pts + made.packets[n].duration,
                  gst_util_uint64_scale((1000000008 + n) * frame, GST_SECOND, 48000));
    }
}

INSTANTIATE_TEST_SUITE_P(Codecs, CompressWith,
                         testing::Values(Codec{"codec=aac encoder=butacaaacenc", "aac", "butacaaacenc"},
                                         Codec{"codec=aac encoder=voaacenc", "aac", "voaacenc"},
                                         Codec{"codec=opus", "opus", ""}, Codec{"codec=mp3", "mp3", ""},
                                         Codec{"codec=flac", "flac", ""}));

TEST(Compress, LeavesNoSeamBetweenSegmentsOfRealMusic)
{
    struct Case {
        const char *properties, *codec, *encoder;
        int run_up;
    };
    const Samples sound = music("corelli-trio-sonata.flac", 48000, 6 * 48000);
    if (sound.empty())
        GTEST_SKIP() << "no media folder";
    for (const Case &c :
         {Case{"codec=aac encoder=butacaaacenc", "aac", "butacaaacenc", 4},
          Case{"codec=aac encoder=voaacenc", "aac", "voaacenc", 4}, Case{"codec=opus", "opus", "", 8},
          Case{"codec=opus constant-rate=true", "opus", "", 8}, Case{"codec=mp3", "mp3", "", 4}}) {
        const Seams good = measure_seams(c.properties, row_of(c.codec, c.encoder), sound, c.run_up);
        if (g_getenv("BUTACA_SEAM_SWEEP"))
            for (const int run_up : {1, 2, 4, 6, 8, 12, 16}) {
                const Seams other = measure_seams(c.properties, row_of(c.codec, c.encoder), sound, run_up);
                std::printf("  run-up %d: mean loss %.2f dB, worst %.2f dB\n", run_up,
                            other.elsewhere_db - other.at_seams_db, other.worst_loss_db);
            }
        const Seams none = measure_seams(c.properties, row_of(c.codec, c.encoder), sound, 0);
        std::printf("%s: SNR at seams %.2f dB, unbroken there %.2f dB, worst loss %.2f dB; without run-up "
                    "%.2f dB, worst loss %.2f dB\n",
                    c.properties, good.at_seams_db, good.elsewhere_db, good.worst_loss_db, none.at_seams_db,
                    none.worst_loss_db);
        // libavcodec's rate control takes a quite different way when it begins anew, for as long as a segment
        // lasts: more run-up changes nothing.
        const bool wanders = std::string_view(c.encoder) == "butacaaacenc";
        EXPECT_GT(good.at_seams_db, good.elsewhere_db - (wanders ? 4 : 1.5)) << c.properties;
        EXPECT_LT(good.worst_loss_db, wanders ? 8 : 5) << c.properties;
        EXPECT_GT(none.worst_loss_db, good.worst_loss_db)
            << c.properties << ": without run-up it must be worse, or this shows nothing";
    }
}

TEST(Compress, DropsSamplesBeforeItEncodes)
{
    const Samples sound = melody(48000);
    const Made whole = encode("codec=flac skip-samples=5000", sound);
    EXPECT_EQ(whole.sha256(), encode("codec=flac", std::span(sound).subspan(10000)).sha256());
}

TEST(Compress, TakesTheNearestRateAndChannelsThatTheCodecHas)
{
    struct Case {
        const char *in, *properties;
        int rate, channels;
    };
    for (const Case &c :
         {Case{"rate=44100,channels=2", "codec=opus", 48000, 2},
          Case{"rate=37000,channels=1", "codec=aac", 44100, 1},
          Case{"rate=192000,channels=2", "codec=aac", 96000, 2},
          Case{"rate=48000,channels=6,channel-mask=(bitmask)0x3f", "codec=aac", 48000, 6},
          Case{"rate=48000,channels=6,channel-mask=(bitmask)0x60f", "codec=aac", 48000, 6},
          Case{"rate=48000,channels=8,channel-mask=(bitmask)0xc3f", "codec=aac", 48000, 6},
          Case{"rate=48000,channels=8,channel-mask=(bitmask)0xc3f", "codec=opus", 48000, 8},
          Case{"rate=48000,channels=6,channel-mask=(bitmask)0x3f", "codec=aac channels=2", 48000, 2},
          Case{"rate=48000,channels=6,channel-mask=(bitmask)0x3f", "codec=mp3", 48000, 2}}) {
        const Made made = run_launch(
            std::string("audiotestsrc num-buffers=20 ! audio/x-raw,format=S16LE,layout=interleaved,") + c.in +
            " ! audiocompress " + c.properties);
        ASSERT_FALSE(made.packets.empty()) << c.in << " " << c.properties << ": " << made.error;
        int rate = 0, channels = 0;
        gst_structure_get_int(gst_caps_get_structure(made.caps.get(), 0), "rate", &rate);
        gst_structure_get_int(gst_caps_get_structure(made.caps.get(), 0), "channels", &channels);
        EXPECT_EQ(rate, c.rate) << c.in << " " << c.properties;
        EXPECT_EQ(channels, c.channels) << c.in << " " << c.properties;
    }
}

TEST(Compress, TellsOpusPlayersToSkipNothing)
{
    const Made made = encode("codec=opus", melody(9600));
    const GValue *headers =
        gst_structure_get_value(gst_caps_get_structure(made.caps.get(), 0), "streamheader");
    ASSERT_NE(headers, nullptr);
    MappedBuffer head(gst_value_get_buffer(gst_value_array_get_value(headers, 0)));
    ASSERT_TRUE(head);
    EXPECT_EQ(head.bytes()[10] | head.bytes()[11], 0);
}

TEST(Compress, SaysWhatIsMissingWhenNoEncoderIs)
{
    EXPECT_NE(run_launch("audiotestsrc num-buffers=3 ! audiocompress encoder=no-such-thing").error, "");
    EXPECT_NE(run_launch("audiotestsrc num-buffers=3 ! audiocompress codec=wma").error, "");
}
