// SPDX-License-Identifier: LGPL-2.1-or-later
// A packet has one time, whichever track came first in the file and wherever reading began.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>

#include "pipelines/video_graph.h"
#include "pipelines/warm_stream.h"
#include "tests/pipelines/track_times.h"

using namespace butaca;
using namespace butaca::pipelines;
using namespace butaca::pipelines::test;

namespace {

constexpr const char *avc = "video/x-h264, stream-format=(string)avc, alignment=(string)au";

// Ten seconds of H.264 with a keyframe every two and of AAC, whose encoder's delay makes the picture begin
// 21 ms after the sound, although it comes first in the file. Empty without ffmpeg.
std::string make_film(const std::string &options)
{
    const std::string path = testing::TempDir() + "butaca-axis.mkv";
    const std::string line = "ffmpeg -v error -nostdin -y -f lavfi -i testsrc=s=64x64:r=25:d=10"
                             " -f lavfi -i sine=r=48000:d=10 -c:v libx264 -preset ultrafast -bf 3 -g 50"
                             " -c:a aac " +
                             options + " " + path;
    return std::system(line.c_str()) == 0 ? path : std::string();
}

// Whatever keyframe one jumps to, all frames from there on come, at the times that they have when one reads
// from the beginning.
void expect_same_times(const Origin &origin, std::size_t frames, std::size_t keyframes)
{
    const auto times = track_times(origin);
    ASSERT_EQ(times.pts_ns.size(), frames);
    ASSERT_EQ(times.keyframes_ns.size(), keyframes);
    Activity activity;
    activity.begin();
    auto stream = WarmStream::open(video_packet_graph(origin, "h264parse"), activity);
    ASSERT_TRUE(stream) << stream.error().message;
    for (const std::int64_t key_ns : {times.keyframes_ns.back(), times.keyframes_ns.front(),
                                      times.keyframes_ns[keyframes / 2], times.keyframes_ns.back()}) {
        ASSERT_TRUE((*stream)->seek(key_ns));
        std::vector<std::int64_t> reached;
        for (;;) {
            auto packet = (*stream)->next();
            if (!packet || !*packet)
                break;
            reached.push_back(packet->time_ns);
        }
        std::sort(reached.begin(), reached.end());
        const auto from = std::lower_bound(times.pts_ns.begin(), times.pts_ns.end(), key_ns);
        const auto begin = std::lower_bound(reached.begin(), reached.end(), key_ns);
        EXPECT_TRUE(std::equal(begin, reached.end(), from, times.pts_ns.end()))
            << key_ns << ": " << reached.end() - begin << " of " << times.pts_ns.end() - from;
    }
}

} // namespace

TEST(MatroskaAxis, APictureThatComesFirstInTheFileKeepsItsDistanceToTheSound)
{
    const std::string path = make_film("");
    if (path.empty())
        GTEST_SKIP() << "no ffmpeg";
    const auto times = track_times(file_origin(path, "matroskademux", "video_0", avc));
    remove(path.c_str());
    ASSERT_EQ(times.pts_ns.size(), 250U);
    EXPECT_EQ(times.pts_ns.front(), 21'000'000);
    EXPECT_EQ(times.pts_ns.back(), 21'000'000 + 249 * 40'000'000LL);
}

TEST(MatroskaAxis, SeeksCountFromWhereTheFileBegins)
{
    const std::string path = make_film("-output_ts_offset 100");
    if (path.empty())
        GTEST_SKIP() << "no ffmpeg";
    expect_same_times(file_origin(path, "matroskademux", "video_0", avc), 250, 5);
    remove(path.c_str());
}

TEST(FragmentedMp4, EachPacketHasTheSameTimeHoweverItIsReached)
{
    const auto path = media_file("flower-540p-fragmented.mp4");
    if (path.empty())
        GTEST_SKIP() << "BUTACA_MEDIA is not there";
    expect_same_times(file_origin(path, "qtdemux", "video_0", avc), 150, 2);
}
