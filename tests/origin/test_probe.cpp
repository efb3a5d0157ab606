// SPDX-License-Identifier: LGPL-2.1-or-later
// The probe on real films and music, compared with what ffprobe decodes.
#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>

#include "src/base/json.h"
#include "tests/origin/support.h"

namespace butaca::origin {

namespace {

// What ffprobe prints for `arguments` and the file; empty when it is not installed.
json::Value ffprobe(const std::string &arguments, const std::string &path)
{
    std::string command = "ffprobe -v quiet -of json " + arguments + " '" + path + "'";
    FILE *pipe = popen(command.c_str(), "r");
    std::string text;
    std::array<char, 65536> buffer;
    while (std::size_t got = fread(buffer.data(), 1, buffer.size(), pipe))
        text.append(buffer.data(), got);
    pclose(pipe);
    auto value = json::Value::parse(text, {std::size_t{1} << 28, 32});
    return value ? *value : json::Value();
}

// The times of all frames that ffmpeg shows of the n-th video stream, in nanoseconds, in their order.
std::vector<std::int64_t> shown_by_ffmpeg(const std::string &path, unsigned index)
{
    json::Value found = ffprobe("-select_streams V:" + std::to_string(index) +
                                    " -show_entries stream=time_base:frame=best_effort_timestamp",
                                path);
    std::vector<std::int64_t> times;
    auto streams = found["streams"].items();
    if (streams.empty())
        return times;
    long long num = 0;
    long long den = 1;
    if (std::sscanf(streams[0]["time_base"].string_or("").c_str(), "%lld/%lld", &num, &den) != 2)
        return times;
    for (const json::Value &frame : found["frames"].items()) {
        if (auto ticks = frame["best_effort_timestamp"].integer())
            times.push_back(
                static_cast<std::int64_t>(static_cast<__int128>(*ticks) * num * 1'000'000'000 / den));
    }
    std::sort(times.begin(), times.end());
    return times;
}

struct Film {
    const char *name;
    // How much later ffmpeg's axis begins: it keeps the start time of a transport stream, and moves the first
    // frame inside an edit list to 0, although the edit begins before it.
    std::int64_t ffmpeg_later_ns = 0;
};

template <typename T> std::string name_of_case(const testing::TestParamInfo<T> &tested)
{
    std::string name = tested.param.name;
    for (char &letter : name) {
        if (!std::isalnum(static_cast<unsigned char>(letter)))
            letter = '_';
    }
    return name;
}

class ProbeFilm : public testing::TestWithParam<Film> {};

TEST_P(ProbeFilm, HasTheFramesThatFfmpegShows)
{
    std::string path = test::media_file(GetParam().name);
    if (path.empty() || std::system("ffprobe -version >/dev/null 2>&1") != 0)
        GTEST_SKIP() << "no media or no ffprobe";
    ProbeResult result = test::probe_file(path);
    ASSERT_FALSE(result.asset.broken) << result.asset.reason;
    ASSERT_FALSE(result.index.video.empty());
    for (unsigned index = 0; index < result.index.video.size(); index++) {
        const auto &pts_ns = result.index.video[index].pts_ns;
        std::vector<std::int64_t> expected = shown_by_ffmpeg(path, index);
        ASSERT_EQ(pts_ns.size(), expected.size());
        for (std::size_t i = 0; i < pts_ns.size(); i++)
            ASSERT_NEAR(static_cast<double>(pts_ns[i] + GetParam().ffmpeg_later_ns - expected[i]), 0, 2)
                << "frame " << i;
        EXPECT_GT(result.index.video[index].end_ns, pts_ns.back());
        EXPECT_FALSE(result.index.video[index].keyframes.empty());
    }
    auto back = media::PacketIndex::parse(result.index.serialize());
    ASSERT_TRUE(back);
    EXPECT_EQ(back->video[0].pts_ns, result.index.video[0].pts_ns);
}

INSTANTIATE_TEST_SUITE_P(
    Media, ProbeFilm,
    testing::Values(Film{"av1-hdr10-portrait.mp4"}, Film{"chapters-444.mkv"}, Film{"chapters-quicktime.mp4"},
                    Film{"elephants-dream-multitrack.mkv"}, Film{"flower-540p-fragmented.mp4"},
                    Film{"flower-540p-vp8.webm"}, Film{"flower-540p.mp4"}, Film{"friday-audio-first.mp4"},
                    Film{"h264-444-bframes-editlist.mp4", -500'000'000}, Film{"hevc-bframes-480p.mp4"},
                    Film{"interlaced-dv-pal.mov"}, Film{"interlaced-hdv-1080i60-anamorphic.mov"},
                    Film{"long-6min-1080p-lowbitrate.mp4"}, Film{"mjpeg-2997.mov"},
                    Film{"mpeg2-mp2.ts", 700'000'000}, Film{"nasa-multistream.mp4"},
                    Film{"pgs-subtitles.mkv"}, Film{"phone-rotated-180-no-audio.mp4"},
                    Film{"prores-422-10bit.mov"}, Film{"sintel-trailer-720p.mp4"},
                    Film{"sintel-trailer-anamorphic.m4v"}, Film{"sintel-trailer-h264-opus.mkv"},
                    Film{"sintel-trailer-msmpeg4-adpcm.avi"}, Film{"sintel-trailer-wmv2-wma2.wmv"},
                    Film{"ssa-subtitles.mkv"}, Film{"surveillance-no-audio-10fps.mp4"},
                    Film{"tears-of-steel-battle.webm"}, Film{"theora-vorbis-anamorphic.ogg"},
                    Film{"timecode-300s.mp4"}, Film{"vfr-portrait-h264.mp4"}, Film{"vp9-10bit-23976.webm"},
                    Film{"vp9-opus-60fps-sync.webm"}, Film{"vp9-opus-portrait.webm"},
                    Film{"xdcam-422-720p60.mov"}),
    name_of_case<Film>);

// In a transport stream each keyframe comes with its parameter sets, and the parsers mark that as a header.
TEST(Probe, KeyframesThatBringTheirParameterSetsAreFrames)
{
    test::TemporaryFolder folder;
    for (const char *encoder :
         {"libx264 -bf 3", "libx265 -x265-params log-level=error", "mpeg2video -bf 2"}) {
        const std::string path = folder.path("recorded.ts");
        const std::string line = "ffmpeg -v error -nostdin -y -f lavfi -i testsrc=s=128x96:r=25:d=4 -c:v " +
                                 std::string(encoder) + " -g 25 " + path;
        if (std::system(line.c_str()) != 0)
            GTEST_SKIP() << "no ffmpeg";
        ProbeResult result = test::probe_file(path);
        ASSERT_EQ(result.index.video.size(), 1U) << encoder;
        EXPECT_EQ(result.index.video[0].pts_ns.size(), 100U) << encoder;
        EXPECT_GE(result.index.video[0].keyframes.size(), 4U) << encoder;
    }
}

// qtdemux ends an edit with the first packet in decoding order beyond it and so loses a frame that is decoded
// after it and shown before; the index holds what a pipeline can deliver.
TEST(Probe, AnEditsLastReorderedFrameIsLostByTheDemuxer)
{
    std::string path = test::media_file("hevc-main10-iphone-rotated-editlist.mp4");
    if (path.empty())
        GTEST_SKIP() << "no media";
    ProbeResult result = test::probe_file(path);
    ASSERT_EQ(result.index.video.size(), 1U);
    EXPECT_EQ(result.index.video[0].pts_ns.size(), 76U);
    EXPECT_EQ(result.asset.video[0].rotation, 90U);
    EXPECT_EQ(result.asset.video[0].bit_depth, 10U);
}

struct Song {
    const char *name;
    std::int64_t samples; // that are to be heard, by decoding with ffmpeg
    std::int64_t off;     // samples by which the index may differ, where the container rounds
};

class ProbeSong : public testing::TestWithParam<Song> {};

TEST_P(ProbeSong, LastsAsManySamplesAsAreHeard)
{
    std::string path = test::media_file(GetParam().name);
    if (path.empty())
        GTEST_SKIP() << "no media";
    ProbeResult result = test::probe_file(path);
    ASSERT_FALSE(result.asset.broken) << result.asset.reason;
    ASSERT_EQ(result.index.audio.size(), 1U);
    EXPECT_TRUE(result.asset.video.empty());
    EXPECT_EQ(result.asset.kind, media::Kind::audio);
    const media::AudioPackets &audio = result.index.audio[0];
    std::int64_t start_ns = std::max<std::int64_t>(0, audio.pts_ns.front());
    auto samples = static_cast<std::int64_t>(
        (static_cast<__int128>(audio.end_ns - start_ns) * result.asset.audio[0].rate + 500'000'000) /
        1'000'000'000);
    EXPECT_NEAR(static_cast<double>(samples), static_cast<double>(GetParam().samples),
                static_cast<double>(GetParam().off));
    EXPECT_TRUE(audio.frame_samples == 0 || audio.contiguous);
}

INSTANTIATE_TEST_SUITE_P(
    Media, ProbeSong,
    testing::Values(Song{"asc-machine-wars.mp3", 6407424, 0}, Song{"corelli-trio-sonata.flac", 447720, 0},
                    Song{"corelli-trio-sonata.wav", 447327, 0}, Song{"flac-51.flac", 357223, 0},
                    Song{"flac-with-jpeg-cover.flac", 220026, 0},
                    Song{"flow-theory-paul-allen-song.mp3", 7998336, 0}, Song{"guitar-mono.wav", 1006848, 0},
                    Song{"mp3-huge-id3-cover.mp3", 44100, 0}, Song{"mp3-vbr-no-xing.mp3", 442368, 0},
                    Song{"opus-51.opus", 496011, 0}, Song{"speech-jfk.flac", 485100, 0},
                    Song{"warzone2100-track3.opus", 14356482, 6},
                    Song{"kevin-macleod-vibe-ace.ogg", 2710336, 0},
                    Song{"wesnoth-traveling-minstrels.ogg", 9484325, 0}),
    name_of_case<Song>);

// Bare streams are read by byte position.
TEST(Probe, KnowsThePositionOfEachPacketOfABareStream)
{
    for (const char *name : {"flow-theory-paul-allen-song.mp3", "mp3-huge-id3-cover.mp3",
                             "mp3-vbr-no-xing.mp3", "asc-machine-wars.mp3", "corelli-trio-sonata.flac"}) {
        std::string path = test::media_file(name);
        if (path.empty() || std::system("ffprobe -version >/dev/null 2>&1") != 0)
            GTEST_SKIP() << "no media or no ffprobe";
        auto packets = ffprobe("-select_streams a -show_entries packet=pos,size", path)["packets"].items();
        ProbeResult result = test::probe_file(path);
        ASSERT_EQ(result.index.audio.size(), 1U);
        const media::AudioPackets &audio = result.index.audio[0];
        ASSERT_EQ(audio.offset.size(), packets.size()) << name;
        for (std::size_t i = 0; i < packets.size(); i++) {
            ASSERT_EQ(std::to_string(audio.offset[i]), packets[i]["pos"].string_or("")) << name << " " << i;
            ASSERT_EQ(std::to_string(audio.size_bytes[i]), packets[i]["size"].string_or(""))
                << name << " " << i;
        }
    }
}

TEST(Probe, ReadsTagsLanguagesAndSubtitles)
{
    std::string song = test::media_file("flow-theory-paul-allen-song.mp3");
    std::string film = test::media_file("elephants-dream-multitrack.mkv");
    if (song.empty() || film.empty())
        GTEST_SKIP() << "no media";
    media::Asset asset = test::probe_file(song).asset;
    EXPECT_EQ(asset.tags.title, "The Paul Allen Song");
    EXPECT_EQ(asset.tags.artist, "Flow Theory");
    EXPECT_EQ(asset.tags.year, 2009U);
    EXPECT_EQ(asset.demuxer, "mpegaudioparse");
    asset = test::probe_file(film).asset;
    EXPECT_EQ(asset.audio.size(), 2U);
    ASSERT_EQ(asset.subtitles.size(), 8U);
    EXPECT_EQ(asset.subtitles[1].language, "hu");
    EXPECT_EQ(asset.subtitles[1].format, "srt");
    EXPECT_EQ(asset.audio[0].source.pad, "audio_0");
    EXPECT_NE(asset.video[0].source.caps.find("codec_data"), std::string::npos);
}

TEST(Probe, KnowsTheSizeOfTheoraInOgg)
{
    const std::string path = test::media_file("theora-vorbis-anamorphic.ogg");
    if (path.empty())
        GTEST_SKIP() << "no media";
    const ProbeResult result = test::probe_file(path);
    ASSERT_EQ(result.asset.video.size(), 1U);
    EXPECT_EQ(result.asset.video[0].width, 360U);
    EXPECT_EQ(result.asset.video[0].height, 240U);
    EXPECT_EQ(result.asset.video[0].pixel_aspect.num, 40);
    EXPECT_EQ(result.asset.video[0].pixel_aspect.den, 33);
}

TEST(Probe, NeverDiesOfADamagedFile)
{
    std::string folder = test::media_file(".");
    if (folder.empty())
        GTEST_SKIP() << "no media";
    unsigned count = 0;
    for (const auto &file : std::filesystem::directory_iterator(folder)) {
        if (!file.path().filename().string().starts_with("bad-"))
            continue;
        count++;
        ProbeResult result = test::probe_file(file.path().string());
        EXPECT_EQ(result.asset.broken, !result.asset.reason.empty()) << file.path();
        EXPECT_EQ(result.index.video.size(), result.asset.video.size());
        EXPECT_TRUE(result.asset.broken || !result.index.video.empty() || !result.index.audio.empty());
    }
    EXPECT_GT(count, 0U);
}

} // namespace

} // namespace butaca::origin
