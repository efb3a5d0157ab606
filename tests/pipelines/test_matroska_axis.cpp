// SPDX-License-Identifier: LGPL-2.1-or-later
// Matroska whose picture and sound do not begin together: times are the file's own, whichever track came
// first and wherever reading began.
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

TEST(MatroskaAxis, SeeksLandOnTheKeyframeWhereverTheFileBegins)
{
    const std::string path = make_film("-output_ts_offset 100");
    if (path.empty())
        GTEST_SKIP() << "no ffmpeg";
    Activity activity;
    activity.begin();
    auto stream = WarmStream::open(
        video_packet_graph(file_origin(path, "matroskademux", "video_0", avc), "h264parse"), activity);
    ASSERT_TRUE(stream) << stream.error().message;
    for (const std::int64_t key_ns : {106'000'000'000LL, 100'000'000'000LL, 104'000'000'000LL}) {
        ASSERT_TRUE((*stream)->seek(key_ns));
        auto packet = (*stream)->next();
        ASSERT_TRUE(packet);
        EXPECT_EQ(packet->time_ns, key_ns) << (*stream)->next()->time_ns << " " << (*stream)->next()->time_ns;
    }
    stream->reset();
    remove(path.c_str());
}
