// SPDX-License-Identifier: LGPL-2.1-or-later
// Segments of real films and music: the same bytes in any order and from any worker, with exactly the frames
// and samples that the timeline promises.
#include <algorithm>
#include <array>
#include <cstdio>
#include <ostream>
#include <random>

#include <gtest/gtest.h>

#include "pipelines/workshop.h"
#include "src/base/files.h"
#include "tests/pipelines/films.h"
#include "tests/pipelines/track_times.h"

using namespace butaca;
using namespace butaca::pipelines;
using namespace butaca::pipelines::test;

namespace {

Made make(Workshop &workshop, Activity &activity, const Job &job)
{
    Made made;
    const SegmentOutput output{[&made](std::string_view bytes) { made.init += bytes; },
                               [&made](std::string_view bytes) { made.media += bytes; }};
    activity.begin();
    auto notes = workshop.make(job, output);
    activity.end();
    made.ok = notes.has_value();
    if (notes)
        made.filled = notes->frames_filled;
    else
        made.error = notes.error().message + ": " + notes.error().detail;
    return made;
}

// All jobs in the given order, in one warm workshop, or in a new one for each.
std::vector<Made> make_all(const std::vector<Job> &jobs, const std::vector<std::size_t> &order, bool fresh)
{
    std::vector<Made> made(jobs.size());
    Activity activity;
    auto workshop = std::make_unique<Workshop>(activity, true);
    for (auto index : order) {
        if (fresh)
            workshop = std::make_unique<Workshop>(activity, true);
        made[index] = make(*workshop, activity, jobs[index]);
        EXPECT_TRUE(made[index].ok) << "segment " << index << ": " << made[index].error;
    }
    return made;
}

// In order, backwards, at random and each by itself: the same bytes. Returns the whole as one file's content.
std::string expect_pure(const std::vector<Job> &jobs)
{
    EXPECT_FALSE(jobs.empty());
    std::vector<std::size_t> order(jobs.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    const auto first = make_all(jobs, order, false);
    const auto expect_same = [&](const std::vector<Made> &other, const char *how) {
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            EXPECT_TRUE(first[i].media == other[i].media) << how << ", segment " << i;
            EXPECT_TRUE(first[0].init == other[i].init) << how << ", init of segment " << i;
        }
    };
    std::reverse(order.begin(), order.end());
    expect_same(make_all(jobs, order, false), "backwards");
    std::mt19937 random(5);
    std::shuffle(order.begin(), order.end(), random);
    expect_same(make_all(jobs, order, false), "at random");
    expect_same(make_all(jobs, order, true), "each by itself");
    std::string whole = first.empty() ? "" : first[0].init;
    for (const auto &made : first) {
        whole += made.media;
        EXPECT_EQ(made.filled, 0U);
    }
    return whole;
}

std::string output_of(const std::string &command)
{
    std::string text;
    FILE *pipe = popen(command.c_str(), "r");
    std::array<char, 4096> part{};
    while (pipe && fgets(part.data(), part.size(), pipe))
        text += part.data();
    if (pipe)
        pclose(pipe);
    return text;
}

// What ffmpeg decodes from it: the number of frames, or of samples.
long decoded(const std::string &file, bool video)
{
    const std::string path = testing::TempDir() + "butaca-making.mp4";
    if (!write_file_atomically(path, file))
        return -1;
    const std::string lines = output_of(
        video ? "ffprobe -v error -count_frames -show_entries stream=nb_read_frames -of csv=p=0 " + path
              : "ffprobe -v error -show_entries frame=nb_samples -of csv=p=0 " + path);
    remove(path.c_str());
    long sum = 0;
    for (std::size_t at = 0; at < lines.size(); at = lines.find('\n', at) + 1) {
        sum += strtol(lines.c_str() + at, nullptr, 10);
        if (lines.find('\n', at) == std::string::npos)
            break;
    }
    return sum;
}

struct Music {
    const char *file;
    const char *demuxer;
    const char *pad;
    const char *caps;
    std::uint32_t source_rate;
    std::uint32_t rate;
    std::int64_t total_samples;
};

void PrintTo(const Music &music, std::ostream *out) { *out << music.file; }

constexpr const char *aac = "audio/mpeg, mpegversion=(int)4, stream-format=(string)raw";

class Films : public testing::TestWithParam<Film> {};
class Musics : public testing::TestWithParam<Music> {};

} // namespace

TEST_P(Films, GiveTheSameSegmentsInAnyOrder)
{
    const Film &film = GetParam();
    const auto path = media_file(film.file);
    if (path.empty())
        GTEST_SKIP() << "BUTACA_MEDIA has no " << film.file;
    auto jobs = video_jobs(file_origin(path, film.demuxer, film.pad, film.caps), film.rate_num, film.rate_den,
                           film.segment_frames);
    if (jobs.size() > 6)
        jobs.resize(6);
    ASSERT_FALSE(jobs.empty());
    const auto whole = expect_pure(jobs);
    EXPECT_EQ(decoded(whole, true), jobs.back().video.ticks.back() / film.rate_den);
}

INSTANTIATE_TEST_SUITE_P(
    Real, Films,
    testing::Values(Film{"sintel-trailer-720p.mp4", "qtdemux", "video_0", avc, 24, 1, 48},
                    Film{"sintel-trailer-h264-opus.mkv", "matroskademux", "video_0", avc, 24, 1, 48},
                    Film{"tears-of-steel-battle.webm", "matroskademux", "video_0", "video/x-vp8", 24, 1, 48},
                    Film{"vp9-opus-60fps-sync.webm", "matroskademux", "video_0", "video/x-vp9", 60, 1, 120},
                    Film{"hevc-bframes-480p.mp4", "qtdemux", "video_0", "video/x-h265", 30, 1, 10},
                    Film{"h264-444-bframes-editlist.mp4", "qtdemux", "video_0", avc, 1, 1, 4},
                    Film{"flower-540p.mp4", "qtdemux", "video_0", avc, 30000, 1001, 30},
                    Film{"theora-vorbis-anamorphic.ogg", "oggdemux", "", "video/x-theora", 30, 1, 60},
                    Film{"sintel-trailer-msmpeg4-adpcm.avi", "avidemux", "video_0",
                         "video/x-msmpeg, msmpegversion=(int)42", 24, 1, 48},
                    Film{"timecode-300s.mp4", "qtdemux", "video_0", avc, 24, 1, 240}));

TEST_P(Musics, GiveTheSameSegmentsInAnyOrder)
{
    const Music &music = GetParam();
    const auto path = media_file(music.file);
    if (path.empty())
        GTEST_SKIP() << "BUTACA_MEDIA has no " << music.file;
    const auto jobs = audio_jobs(file_origin(path, music.demuxer, music.pad, music.caps), music.source_rate,
                                 music.rate, music.total_samples, 94);
    const auto whole = expect_pure(jobs);
    EXPECT_EQ(decoded(whole, false), (music.total_samples + 1023) / 1024 * 1024);
}

INSTANTIATE_TEST_SUITE_P(
    Real, Musics,
    testing::Values(
        Music{"sintel-trailer-720p.mp4", "qtdemux", "audio_0", aac, 48000, 48000, 480'000},
        Music{"corelli-trio-sonata.m4a", "qtdemux", "audio_0", aac, 44100, 48000, 480'000},
        Music{
            "corelli-trio-sonata.wav", "wavparse", "src",
            "audio/x-raw, format=(string)S16LE, layout=(string)interleaved, rate=(int)44100, channels=(int)2",
            44100, 48000, 480'000},
        Music{"corelli-trio-sonata.flac", "flacparse", "src", "audio/x-flac, framed=(boolean)true", 44100,
              44100, 441'000},
        Music{"wesnoth-traveling-minstrels.ogg", "oggdemux", "", "audio/x-vorbis", 44100, 44100, 441'000},
        Music{"sintel-trailer-h264-opus.mkv", "matroskademux", "audio_0",
              "audio/x-opus, channel-mapping-family=(int)0", 48000, 48000, 480'000}));

TEST(Making, InitAloneIsTheInitOfEverySegment)
{
    const auto path = media_file("sintel-trailer-720p.mp4");
    if (path.empty())
        GTEST_SKIP() << "BUTACA_MEDIA is not there";
    auto jobs = video_jobs(file_origin(path, "qtdemux", "video_0", avc), 24, 1, 48);
    ASSERT_GT(jobs.size(), 9U);
    auto only = jobs[0];
    only.init_only = true;
    const auto made = make_all({jobs[9], only}, {0, 1}, true);
    EXPECT_FALSE(made[1].init.empty());
    EXPECT_TRUE(made[0].init == made[1].init);
    EXPECT_TRUE(made[1].media.empty());
}

TEST(Making, ASegmentOfTwoFramesSharesTheInitOfLongOnes)
{
    const auto path = media_file("sintel-trailer-720p.mp4");
    if (path.empty())
        GTEST_SKIP() << "BUTACA_MEDIA is not there";
    const auto origin = file_origin(path, "qtdemux", "video_0", avc);
    const std::vector<Job> jobs{video_jobs(origin, 24, 1, 48)[0], video_jobs(origin, 24, 1, 2)[0],
                                video_jobs(origin, 24, 1, 1)[0]};
    const auto made = make_all(jobs, {0, 1, 2}, true);
    EXPECT_TRUE(made[0].init == made[1].init);
    EXPECT_TRUE(made[0].init == made[2].init);
}

TEST(Making, GoingBackToTheBeginningLosesNoFrame)
{
    const auto path = media_file("sintel-trailer-h264-opus.mkv");
    if (path.empty())
        GTEST_SKIP() << "BUTACA_MEDIA is not there";
    const auto job = video_jobs(file_origin(path, "matroskademux", "video_0", avc), 24, 1, 12)[0];
    auto init = job;
    init.init_only = true;
    const auto alone = make_all({job}, {0}, true)[0];
    // What was under way when the stream went back is a matter of luck: once more may show what once did not.
    for (int round = 0; round < 20; ++round) {
        const auto after = make_all({init, job}, {0, 1}, false)[1];
        EXPECT_EQ(after.filled, 0U) << "round " << round;
        EXPECT_TRUE(after.media == alone.media) << "round " << round;
    }
}

TEST(Making, CopiesAreTheSourcesOwnPackets)
{
    const auto path = media_file("sintel-trailer-720p.mp4");
    if (path.empty())
        GTEST_SKIP() << "BUTACA_MEDIA is not there";
    const auto origin = file_origin(path, "qtdemux", "video_0", avc);
    const auto times = track_times(origin);
    auto whole_track = video_jobs(origin, 24, 1, times.pts_ns.size());
    ASSERT_EQ(whole_track.size(), 1U);
    std::vector<Job> jobs;
    for (std::size_t k = 0; k < times.keyframes_ns.size(); ++k) {
        const auto &all = whole_track[0].video;
        const auto index_of = [&](std::int64_t ns) {
            return std::lower_bound(all.pts_ns.begin(), all.pts_ns.end(), ns) - all.pts_ns.begin();
        };
        const auto from = index_of(times.keyframes_ns[k]);
        const auto to = k + 1 < times.keyframes_ns.size() ? index_of(times.keyframes_ns[k + 1])
                                                          : static_cast<std::ptrdiff_t>(all.pts_ns.size());
        Job job = whole_track[0];
        job.segment = static_cast<std::uint32_t>(k);
        job.video.copy = true;
        job.video.ticks.assign(all.ticks.begin() + from, all.ticks.begin() + to + 1);
        job.video.pts_ns.assign(all.pts_ns.begin() + from, all.pts_ns.begin() + to);
        job.video.seek_ns = times.keyframes_ns[k];
        jobs.push_back(std::move(job));
    }
    EXPECT_EQ(decoded(expect_pure(jobs), true), static_cast<long>(times.pts_ns.size()));
}

TEST(Making, BareStreamsAreCountedFromAByte)
{
    const auto path = media_file("asc-machine-wars.mp3");
    if (path.empty())
        GTEST_SKIP() << "BUTACA_MEDIA is not there";
    auto jobs = audio_jobs(file_origin(path, "mpegaudioparse", "src",
                                       "audio/mpeg, mpegversion=(int)1, layer=(int)3, parsed=(boolean)true"),
                           22050, 44100, 441'000, 94);
    for (auto &job : jobs) {
        // From the first packet on, which is the plainest byte position that is known.
        job.audio.byte_offset = 0;
        job.audio.byte_offset_pts_ns = 0;
        job.audio.packet_samples = 576;
    }
    const auto from_start = expect_pure(jobs);
    EXPECT_EQ(decoded(from_start, false), (441'000 + 1023) / 1024 * 1024);
}

TEST(Making, FlacEnteredAtAByteIsHeardWhereItsPacketsSay)
{
    const auto path = media_file("corelli-trio-sonata.flac");
    if (path.empty())
        GTEST_SKIP() << "BUTACA_MEDIA is not there";
    auto jobs = audio_jobs(file_origin(path, "flacparse", "src", "audio/x-flac, framed=(boolean)true"), 44100,
                           44100, 176'400, 94);
    for (auto &job : jobs)
        job.audio.packet_samples = 4096;
    auto by_byte = jobs;
    for (auto &job : by_byte)
        job.audio.byte_offset = first_flac_frame(path);
    const auto wanted = make_all(jobs, {0, 1}, true);
    const auto made = make_all(by_byte, {0, 1}, true);
    EXPECT_TRUE(made[0].media == wanted[0].media && made[1].media == wanted[1].media);
}

TEST(Making, RefusesFilesUnlessAllowed)
{
    Activity activity;
    Workshop workshop(activity, false);
    Job job;
    job.origin = file_origin("/etc/passwd", "qtdemux", "video_0", avc);
    EXPECT_FALSE(make(workshop, activity, job).ok);
}

TEST(Making, DamagedFilesEndInAnErrorOrAFullSegment)
{
    for (const char *name :
         {"bad-mdat-too-long.mp4", "bad-zero-empty-stsc.mp4", "bad-fuzz-1185230.mp4",
          "bad-chunk-out-of-range.mp4", "bad-box-overflow.mp4", "bad-negative-duration.mp4"}) {
        const auto path = media_file(name);
        if (path.empty())
            GTEST_SKIP() << "BUTACA_MEDIA has no " << name;
        Job job;
        job.origin = file_origin(path, "qtdemux", "video_0", avc);
        job.video.timescale = 25;
        for (std::int64_t i = 0; i <= 25; ++i)
            job.video.ticks.push_back(i);
        for (std::int64_t i = 0; i < 25; ++i)
            job.video.pts_ns.push_back(i * 40'000'000);
        job.video.width = 320;
        job.video.height = 180;
        job.video.frame_rate_num = 25;
        Activity activity;
        Workshop workshop(activity, true);
        const auto made = make(workshop, activity, job);
        if (made.ok)
            EXPECT_EQ(decoded(made.init + made.media, true), 25) << name;
        else
            EXPECT_FALSE(made.error.empty()) << name;
    }
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
