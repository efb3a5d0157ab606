// SPDX-License-Identifier: LGPL-2.1-or-later
// Segments of one keyframe each: the film's own picture, whichever way it was reached, and one packet read
// for it where the film has a keyframe there.
#include <algorithm>

#include <gtest/gtest.h>

#include "pipelines/workshop.h"
#include "tests/pipelines/films.h"
#include "tests/pipelines/track_times.h"

using namespace butaca;
using namespace butaca::pipelines;
using namespace butaca::pipelines::test;

namespace {

// The first picture of each segment, shown as long as the segment lasts.
std::vector<Job> keyframe_jobs(const Film &film, const std::string &path)
{
    auto jobs = video_jobs(file_origin(path, film.demuxer, film.pad, film.caps), film.rate_num, film.rate_den,
                           film.segment_frames);
    for (Job &job : jobs) {
        VideoJob &video = job.video;
        video.keyframe = true;
        video.ticks = {video.ticks.front(), video.ticks.back()};
        if (video.pts_ns.size() > 1)
            video.after_ns = video.pts_ns[1];
        video.pts_ns.resize(1);
    }
    return jobs;
}

Made make(Workshop &workshop, Activity &activity, const Job &job)
{
    Made made;
    const SegmentOutput output{[&made](std::string_view bytes) { made.init += bytes; },
                               [&made](std::string_view bytes) { made.media += bytes; }};
    activity.begin();
    auto notes = workshop.make(job, output);
    activity.end();
    made.ok = notes.has_value();
    made.filled = notes ? notes->frames_filled : 0;
    made.error = notes ? "" : notes.error().message + ": " + notes.error().detail;
    return made;
}

Made make_alone(const Job &job)
{
    Activity activity;
    Workshop workshop(activity, true);
    return make(workshop, activity, job);
}

class Keyframes : public testing::TestWithParam<Film> {};

} // namespace

TEST_P(Keyframes, AreTheSameInAnyOrderAndByEveryWay)
{
    const Film &film = GetParam();
    const auto path = media_file(film.file);
    if (path.empty())
        GTEST_SKIP() << "BUTACA_MEDIA has no " << film.file;
    auto jobs = keyframe_jobs(film, path);
    ASSERT_GT(jobs.size(), 1U);
    jobs.resize(std::min<std::size_t>(jobs.size(), 6));
    Activity activity;
    Workshop workshop(activity, true);
    std::vector<Made> forwards(jobs.size());
    for (std::size_t k = 0; k < jobs.size(); k++) {
        forwards[k] = make(workshop, activity, jobs[k]);
        ASSERT_TRUE(forwards[k].ok) << k << ": " << forwards[k].error;
        EXPECT_EQ(forwards[k].filled, 0U) << k;
    }
    for (std::size_t k = jobs.size(); k-- > 0;) {
        const auto backwards = make(workshop, activity, jobs[k]);
        EXPECT_TRUE(backwards.media == forwards[k].media && backwards.init == forwards[0].init) << k;
        EXPECT_TRUE(make_alone(jobs[k]).media == forwards[k].media) << k;
        // Decoded on from the film's first keyframe instead of read by itself.
        Job long_way = jobs[k];
        long_way.video.seek_ns = jobs[0].video.seek_ns;
        EXPECT_TRUE(make_alone(long_way).media == forwards[k].media) << k;
    }
    EXPECT_TRUE(forwards[0].media != forwards[jobs.size() - 1].media);
}

TEST_P(Keyframes, LeaveTheStreamFitForWholeSegments)
{
    const Film &film = GetParam();
    const auto path = media_file(film.file);
    if (path.empty())
        GTEST_SKIP() << "BUTACA_MEDIA has no " << film.file;
    const auto whole = video_jobs(file_origin(path, film.demuxer, film.pad, film.caps), film.rate_num,
                                  film.rate_den, film.segment_frames);
    ASSERT_GT(whole.size(), 1U);
    const auto alone = make_alone(whole[1]);
    ASSERT_TRUE(alone.ok) << alone.error;
    Activity activity;
    Workshop workshop(activity, true);
    ASSERT_TRUE(make(workshop, activity, keyframe_jobs(film, path)[0]).ok);
    const auto after = make(workshop, activity, whole[1]);
    EXPECT_TRUE(after.media == alone.media) << after.error;
    EXPECT_EQ(after.filled, 0U);
}

// Tiles so near to each other that the decoder just goes on from one to the next.
TEST_P(Keyframes, OnSheetsAreTheSameWhateverWasDecodedBefore)
{
    const Film &film = GetParam();
    const auto path = media_file(film.file);
    if (path.empty())
        GTEST_SKIP() << "BUTACA_MEDIA has no " << film.file;
    auto job = keyframe_jobs(film, path)[0];
    const auto frames = video_jobs(job.origin, film.rate_num, film.rate_den, 1);
    ASSERT_GE(frames.size(), 30U);
    job.is_sheet = true;
    job.sheet.tile_width = 64;
    job.sheet.tile_height = 36;
    job.sheet.columns = 3;
    for (std::size_t i = 0; i < 8; i++) {
        const VideoJob &frame = frames[i < 4 ? i : 8 + 2 * i].video;
        job.sheet.tiles.push_back({frame.pts_ns[0], 5'000'000, frame.seek_ns});
    }
    const auto alone = make_alone(job);
    ASSERT_TRUE(alone.ok) << alone.error;
    EXPECT_EQ(alone.filled, 0U);
    EXPECT_EQ(alone.media.substr(0, 2), "\xff\xd8");
    EXPECT_TRUE(alone.init.empty());
    Activity activity;
    Workshop workshop(activity, true);
    for (int round = 0; round < 5; round++)
        EXPECT_TRUE(make(workshop, activity, job).media == alone.media) << round;
    Job one = job;
    one.sheet.tiles.resize(1);
    const auto small = make(workshop, activity, one);
    ASSERT_TRUE(small.ok) << small.error;
    EXPECT_LT(small.media.size(), alone.media.size());
}

// Jumps in this film land late, for its pictures are decoded three seconds before they are shown: so several
// jumps and ends of the stream follow each other at once.
TEST(KeyframesAfterJumpsInARow, NeverKeepTheStreamWaiting)
{
    const Film film{"h264-444-bframes-editlist.mp4", "qtdemux", "video_0", avc, 1, 1, 2};
    const auto path = media_file(film.file);
    if (path.empty())
        GTEST_SKIP() << "BUTACA_MEDIA has no " << film.file;
    const auto jobs = keyframe_jobs(film, path);
    ASSERT_EQ(jobs.size(), 6U);
    for (int round = 0; round < 3; round++) {
        Activity activity;
        Workshop workshop(activity, true);
        for (const std::size_t k : {4U, 3U, 4U, 5U, 4U}) {
            const auto made = make(workshop, activity, jobs[k]);
            ASSERT_TRUE(made.ok) << round << ", " << k << ": " << made.error;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Real, Keyframes,
    testing::Values(Film{"sintel-trailer-720p.mp4", "qtdemux", "video_0", avc, 24, 1, 48},
                    Film{"sintel-trailer-h264-opus.mkv", "matroskademux", "video_0", avc, 24, 1, 48},
                    Film{"tears-of-steel-battle.webm", "matroskademux", "video_0", "video/x-vp8", 24, 1, 48},
                    Film{"hevc-bframes-480p.mp4", "qtdemux", "video_0", "video/x-h265", 30, 1, 10},
                    Film{"flower-540p.mp4", "qtdemux", "video_0", avc, 30000, 1001, 30},
                    Film{"theora-vorbis-anamorphic.ogg", "oggdemux", "", "video/x-theora", 30, 1, 60},
                    Film{"sintel-trailer-msmpeg4-adpcm.avi", "avidemux", "video_0",
                         "video/x-msmpeg, msmpegversion=(int)42", 24, 1, 48}));
