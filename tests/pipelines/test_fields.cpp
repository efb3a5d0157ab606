// SPDX-License-Identifier: LGPL-2.1-or-later
// Interlaced films at full motion: a bar that moves by two pixels from field to field must do so in what is
// made of it, in whatever order its fields come.
#include <cstdio>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pipelines/workshop.h"
#include "src/base/files.h"
#include "tests/pipelines/track_times.h"

using namespace butaca;
using namespace butaca::pipelines;
using namespace butaca::pipelines::test;

namespace {

constexpr std::size_t width = 320, height = 128;

std::string output_of(const std::string &command)
{
    std::string bytes;
    FILE *pipe = popen(command.c_str(), "r");
    std::vector<char> part(1U << 16);
    for (std::size_t read = 0; pipe && (read = fread(part.data(), 1, part.size(), pipe)) > 0;)
        bytes.append(part.data(), read);
    if (pipe)
        pclose(pipe);
    return bytes;
}

// A white bar on black, 20 pixels from the left at first, 2 further in each of 50 pictures a second, which
// `fields` makes into frames.
std::string make_film(const std::string &name, const std::string &fields, const std::string &encoder)
{
    const std::string path = testing::TempDir() + name;
    output_of("ffmpeg -v error -y -f lavfi -i color=black:s=320x128:r=50:d=2 -f lavfi -i "
              "color=white:s=16x128:r=50:d=2 -filter_complex \"[0][1]overlay=x='n*2+20':y=0," +
              fields + ",format=yuv420p\" -g 12 " + encoder + " " + path + " 2>&1");
    return path;
}

// Where the middle of what is bright lies in each picture.
std::vector<double> middles(const std::string &film)
{
    const std::string path = testing::TempDir() + "butaca-fields-out.mp4";
    if (!write_file_atomically(path, film))
        return {};
    const std::string grey =
        output_of("ffmpeg -v error -i " + path + " -vsync passthrough -pix_fmt gray -f rawvideo -");
    remove(path.c_str());
    std::vector<double> result;
    for (std::size_t at = 0; at + width * height <= grey.size(); at += width * height) {
        double sum = 0, weighted = 0;
        for (std::size_t i = 0; i < width * height; i++) {
            const auto value = static_cast<unsigned char>(grey[at + i]);
            if (value < 64)
                continue;
            sum += value;
            weighted += value * static_cast<double>(i % width);
        }
        result.push_back(weighted / std::max(sum, 1.0));
    }
    return result;
}

// Segments of 10 frames, each made alone, one after the other.
std::string made_of(const std::string &path, const std::string &caps, unsigned rate)
{
    auto jobs = video_jobs(file_origin(path, "qtdemux", "video_0", caps), rate, 1, 10);
    std::string whole;
    Activity activity;
    for (auto &job : jobs) {
        auto &video = job.video;
        video.interlaced = true;
        video.width = width, video.height = height;
        video.timescale = 2 * rate;
        video.frame_rate_num = 2 * rate;
        const std::int64_t first = video.ticks.front(), last = video.ticks.back();
        video.ticks.clear();
        for (std::int64_t tick = 2 * first; tick <= 2 * last; ++tick)
            video.ticks.push_back(tick);
        std::string init, media;
        const SegmentOutput output{[&](std::string_view bytes) { init += bytes; },
                                   [&](std::string_view bytes) { media += bytes; }};
        Workshop workshop(activity, true);
        activity.begin();
        auto notes = workshop.make(job, output);
        activity.end();
        EXPECT_TRUE(notes) << notes.error().message << notes.error().detail;
        whole += (whole.empty() ? init : "") + media;
    }
    return whole;
}

constexpr const char *mpeg2 = "video/mpeg, mpegversion=(int)2, systemstream=(boolean)false";
constexpr const char *avc = "video/x-h264, stream-format=(string)avc, alignment=(string)au";

struct Case {
    const char *name;
    const char *fields;
    const char *encoder;
    const char *caps;
};
void PrintTo(const Case &one, std::ostream *out) { *out << one.name; }

class Fields : public testing::TestWithParam<Case> {};

} // namespace

TEST_P(Fields, MoveByEveryPictureInTheirOwnOrder)
{
    const Case &one = GetParam();
    const auto path = make_film(std::string(one.name) + ".mov", one.fields, one.encoder);
    const auto where = middles(made_of(path, one.caps, 25));
    remove(path.c_str());
    ASSERT_EQ(where.size(), 100U);
    for (std::size_t i = 0; i < where.size(); i++)
        EXPECT_NEAR(where[i] - where[0], 2 * static_cast<double>(i), 0.7) << "picture " << i;
}

INSTANTIATE_TEST_SUITE_P(Made, Fields,
                         testing::Values(Case{"top-first", "tinterlace=interleave_top",
                                              "-c:v mpeg2video -q:v 2 -flags +ilme+ildct -top 1", mpeg2},
                                         Case{"bottom-first", "tinterlace=interleave_bottom",
                                              "-c:v mpeg2video -q:v 2 -flags +ilme+ildct -top 0", mpeg2},
                                         Case{"avc-top-first", "tinterlace=interleave_top",
                                              "-c:v libx264 -flags +ilme+ildct -x264-params tff=1", avc},
                                         Case{"avc-bottom-first", "tinterlace=interleave_bottom",
                                              "-c:v libx264 -flags +ilme+ildct -x264-params bff=1", avc}));

TEST(ProgressiveFrames, AreShownTwiceInAnInterlacedTrack)
{
    const auto path = make_film("progressive.mov", "fps=25", "-c:v mpeg2video -q:v 2");
    const auto where = middles(made_of(path, mpeg2, 25));
    remove(path.c_str());
    ASSERT_EQ(where.size(), 100U);
    for (std::size_t i = 0; i < where.size(); i += 2)
        EXPECT_NEAR(where[i], where[i + 1], 0.2) << "picture " << i;
    EXPECT_NEAR(where[98] - where[0], 49 * 4, 1);
}
