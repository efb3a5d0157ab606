// SPDX-License-Identifier: LGPL-2.1-or-later
// Graphs as the gst-launch lines that they stand for.
#include <gtest/gtest.h>

#include "pipelines/audio_graph.h"
#include "pipelines/segment_graph.h"
#include "pipelines/video_graph.h"

using namespace butaca::pipelines;

namespace {

Origin film()
{
    return {"vs", {"a:8081", "b:8081", "c:8081"}, "ab12", "T0KEN", "qtdemux", "video_0", "video/x-h264"};
}

constexpr const char *film_source = "vssrc name=source location=vs://a:8081/items/ab12/bytes "
                                    "read-timeout-ms=1400 retries=5 ticket=(hidden) replicas=b:8081,c:8081";

Job video_job()
{
    Job job;
    job.segment = 3;
    job.video.timescale = 24;
    job.video.ticks = {144, 145, 146};
    job.video.width = 854;
    job.video.height = 480;
    job.video.level = "3.1";
    job.video.max_bitrate_bps = 2'000'000;
    return job;
}

} // namespace

TEST(Graph, DecodesOneTrackOfAFilm)
{
    EXPECT_EQ(to_launch_line(video_decode_graph(film(), {"h264parse", "avdec_h264"})),
              std::string(film_source) +
                  " ! qtdemux name=demuxer demuxer.video_0 ! h264parse name=parser"
                  " ! avdec_h264 name=decoder max-threads=1 threads=1 max-errors=-1"
                  " ! video/x-raw ! appsink name=sink sync=false wait-on-eos=false max-buffers=4");
}

TEST(Graph, TakesPacketsOfAnAudioTrack)
{
    Origin origin = film();
    origin.pad = "audio_0";
    EXPECT_EQ(to_launch_line(audio_packet_graph(origin, "aacparse")),
              std::string(film_source) + " ! qtdemux name=demuxer demuxer.audio_0 ! aacparse name=parser"
                                         " ! \"audio/mpeg, mpegversion=(int)4, stream-format=(string)raw\""
                                         " ! appsink name=sink sync=false wait-on-eos=false max-buffers=64");
}

TEST(Graph, UsesABareStreamsParserOnce)
{
    Origin origin{"as", {"a:8082"}, "cd", "", "flacparse", "src", "audio/x-flac"};
    EXPECT_EQ(to_launch_line(audio_packet_graph(origin, "flacparse")),
              "assrc name=source location=as://a:8082/items/cd/bytes read-timeout-ms=1400 retries=5 ! "
              "flacparse name=demuxer"
              " demuxer.src ! appsink name=sink sync=false wait-on-eos=false max-buffers=64");
}

TEST(Graph, EncodesAndPacksASegment)
{
    EXPECT_EQ(to_launch_line(video_segment_graph(video_job())),
              "appsrc name=feed format=time block=true max-buffers=4 max-bytes=0"
              " ! videotranscode name=transcode codec=h264 width=854 height=480 constant-quality=23"
              " max-bitrate-bps=2000000 buffer-ms=2000 threads=1 gop-frames=0 level=3.1"
              " ! segmentmux name=mux timescale=24 sequence-number=769 first-chunk-samples=6 chunk-samples=24"
              " ! appsink name=sink sync=false wait-on-eos=false max-buffers=0");
}

TEST(Graph, TurnsAndDeinterlacesBeforeScaling)
{
    Job job = video_job();
    job.video.rotation = 270;
    job.video.interlaced = true;
    const auto line = to_launch_line(video_segment_graph(job));
    EXPECT_NE(line.find(" ! videoconvert name=planar ! butacafield name=field"
                        " ! videoconvert name=convert ! videoflip name=upright method=counterclockwise"
                        " ! videotranscode "),
              std::string::npos)
        << line;
}

TEST(Graph, MirrorsAndTurnsInOneStep)
{
    const std::pair<unsigned, const char *> ways[] = {{0, "horizontal-flip"},
                                                      {90, "upper-right-diagonal"},
                                                      {180, "vertical-flip"},
                                                      {270, "upper-left-diagonal"}};
    for (const auto &[degrees, method] : ways) {
        Job job = video_job();
        job.video.mirrored = true;
        job.video.rotation = degrees;
        const auto line = to_launch_line(video_segment_graph(job));
        EXPECT_NE(line.find(std::string(" ! videoflip name=upright method=") + method + " ! "),
                  std::string::npos)
            << line;
    }
}

TEST(Graph, EncodesAudio)
{
    Job job;
    job.is_video = false;
    job.segment = 1;
    job.audio.rate = 48000;
    job.audio.frame_samples = 1024;
    job.audio.frame_count = 94;
    EXPECT_EQ(to_launch_line(audio_segment_graph(job, 5)),
              "appsrc name=feed format=time max-bytes=0"
              " ! audiocompress name=compress codec=aac bitrate-bps=128000 channels=2 rate=48000"
              " constant-rate=false skip-packets=5"
              " max-packets=94 ! segmentmux name=mux timescale=48000 sequence-number=257"
              " first-chunk-samples=20 chunk-samples=100"
              " ! appsink name=sink sync=false wait-on-eos=false max-buffers=0");
    EXPECT_EQ(audio_segment_graph(job, 5).nodes[2].sample_times.size(), 95U);
}

TEST(Graph, QuotesWhatGstLaunchWouldSplit)
{
    Graph graph;
    graph.add({"filesrc", "source", {{"location", "/a b/\"c\"!.mp4"}}, {}});
    EXPECT_EQ(to_launch_line(graph), "filesrc name=source location=\"/a b/\\\"c\\\"!.mp4\"");
}
