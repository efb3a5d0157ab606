// SPDX-License-Identifier: LGPL-2.1-or-later
// The element behind real encoders, read back by demuxers that we did not write: every packet is there, at
// its tick.
#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "plugins/mux/fragment.h"
#include "tests/plugins/mux_support.h"

using namespace butaca;

namespace {

constexpr std::size_t segment_frames = 48;
constexpr std::int64_t timescale = 24000;
constexpr std::int64_t frame_ticks = 1001; // 23.976 frames per second: no frame begins at a whole nanosecond
constexpr std::size_t segments = 4;
constexpr char raw_caps[] = "video/x-raw,format=I420,width=320,height=136,framerate=24000/1001";
constexpr char x264[] =
    "x264enc bframes=3 key-int-max=48 option-string=scenecut=0 threads=1 speed-preset=veryfast";

std::vector<std::int64_t> grid(std::size_t segment)
{
    std::vector<std::int64_t> times;
    for (std::size_t i = 0; i <= segment_frames; i++)
        times.push_back(static_cast<std::int64_t>(segment * segment_frames + i) * frame_ticks);
    return times;
}

GstClockTime time_of(std::int64_t tick)
{
    return gst_util_uint64_scale_round(static_cast<guint64>(tick), GST_SECOND, timescale);
}

// The first frames of the Sintel trailer's first shots, small; empty where the film is absent.
const std::vector<Owned<GstBuffer>> &film_frames()
{
    static const std::vector<Owned<GstBuffer>> frames = [] {
        std::vector<Owned<GstBuffer>> found;
        const auto path = test::film("sintel-trailer-720p.mp4");
        if (!path)
            return found;
        auto outcome =
            test::run("filesrc location=" + *path +
                      " ! qtdemux ! h264parse ! avdec_h264 ! videoconvert ! videoscale ! "
                      "video/x-raw,format=I420,width=320,height=136 ! identity eos-after=600 ! appsink "
                      "name=out sync=false");
        for (std::size_t i = 300; i < 300 + segments * segment_frames && i < outcome.buffers.size(); i++)
            found.push_back(std::move(outcome.buffers[i]));
        return found;
    }();
    return frames;
}

// The frames of one segment, at their ticks.
std::vector<Owned<GstBuffer>> timed_frames(std::size_t segment)
{
    std::vector<Owned<GstBuffer>> timed;
    const auto times = grid(segment);
    for (std::size_t i = 0; i < segment_frames; i++) {
        auto copy = adopt(gst_buffer_copy(film_frames()[segment * segment_frames + i].get()));
        GST_BUFFER_PTS(copy.get()) = time_of(times[i]);
        GST_BUFFER_DTS(copy.get()) = GST_CLOCK_TIME_NONE;
        GST_BUFFER_DURATION(copy.get()) = time_of(times[i + 1]) - time_of(times[i]);
        timed.push_back(std::move(copy));
    }
    return timed;
}

// Encodes and packs one segment of the film in a pipeline of its own.
test::Outcome film_segment(std::size_t segment, const std::string &encoder, const std::string &settings)
{
    return test::run("appsrc name=in format=time caps=" + std::string(raw_caps) + " ! " + encoder +
                         " ! segmentmux name=mux " + settings + " ! appsink name=out sync=false",
                     timed_frames(segment), grid(segment));
}

// Init segment and all segments of the film, each segment out of its own pipeline.
test::Bytes film_in_segments(const std::string &encoder, const std::string &settings)
{
    test::Bytes all;
    for (std::size_t k = 0; k < segments; k++) {
        const auto outcome = film_segment(k, encoder, settings + (k == 0 ? "" : " emit-init=false"));
        EXPECT_EQ(outcome.error, "");
        const auto bytes = outcome.all();
        all.insert(all.end(), bytes.begin(), bytes.end());
    }
    return all;
}

void expect_exact_decode_times(const test::Bytes &film)
{
    std::uint64_t decode = 0;
    std::vector<std::int64_t> shown;
    for (const auto &fragment : test::fragments(film, mux::difference_flags)) {
        EXPECT_EQ(fragment.tfdt, decode);
        for (const auto &sample : fragment.samples) {
            shown.push_back(static_cast<std::int64_t>(sample.decode) + sample.offset);
            decode += sample.duration;
        }
    }
    EXPECT_EQ(decode, segments * segment_frames * frame_ticks);
    std::ranges::sort(shown);
    ASSERT_EQ(shown.size(), segments * segment_frames);
    for (std::size_t i = 0; i < shown.size(); i++)
        EXPECT_EQ(shown[i], static_cast<std::int64_t>(i) * frame_ticks);
}

std::vector<std::int64_t> numbers(const std::vector<std::string> &lines)
{
    std::vector<std::int64_t> values;
    for (const std::string &line : lines)
        values.push_back(std::strtoll(line.c_str(), nullptr, 10));
    return values;
}

// ffprobe's packets and decoded frames must be all there, a frame apart, the first at `first`.
void expect_ffprobe_reads(const test::Bytes &film, std::int64_t first)
{
    const auto path = test::temporary_file("film.mp4", film);
    for (const char *entries : {"packet=pts", "frame=pts"}) {
        const auto lines = test::ffprobe(path, entries);
        if (!lines)
            GTEST_SKIP() << "no ffprobe";
        auto times = numbers(*lines);
        std::ranges::sort(times);
        ASSERT_EQ(times.size(), segments * segment_frames) << entries;
        for (std::size_t i = 0; i < times.size(); i++)
            ASSERT_EQ(times[i], first + static_cast<std::int64_t>(i) * frame_ticks) << entries;
    }
}

// The number of packets in a file, and their times in order of arrival, as ffprobe sees them.
std::vector<std::int64_t> packet_times(const test::Bytes &bytes)
{
    const auto lines = test::ffprobe(test::temporary_file("sound.mp4", bytes), "packet=pts");
    return lines ? numbers(*lines) : std::vector<std::int64_t>{};
}

} // namespace

TEST(SegmentMuxStreams, FitTogetherToTheTickWhenEachSegmentIsMadeAlone)
{
    if (film_frames().size() < segments * segment_frames)
        GTEST_SKIP() << "the film is not here";
    const auto film =
        film_in_segments(std::string(x264) + " ! h264parse", "chunk-samples=12 first-chunk-samples=4");
    expect_exact_decode_times(film);
    const auto read = test::fragments(film, mux::difference_flags);
    EXPECT_EQ(read.size(), segments * 5);
    EXPECT_EQ(read[0].samples.size(), 4u);
    EXPECT_EQ(read[0].samples[0].offset, 0);
    const bool reordered = std::ranges::any_of(read, [](const auto &fragment) {
        return std::ranges::any_of(fragment.samples, [](const auto &sample) { return sample.offset < 0; });
    });
    EXPECT_TRUE(reordered) << "without B-frames this proves nothing";
}

TEST(SegmentMuxStreams, AreReadByFfmpegWithAShiftAsLongAsTheReordering)
{
    if (film_frames().size() < segments * segment_frames)
        GTEST_SKIP() << "the film is not here";
    const auto film =
        film_in_segments(std::string(x264) + " ! h264parse", "composition-shift=2002 chunk-samples=12");
    expect_ffprobe_reads(film, 2002);
    const auto edited = film_in_segments(std::string(x264) + " ! h264parse",
                                         "composition-shift=2002 write-edit-list=true chunk-samples=12");
    expect_ffprobe_reads(edited, 0);
}

TEST(SegmentMuxStreams, AreReadByQtdemuxInOrder)
{
    if (film_frames().size() < segments * segment_frames)
        GTEST_SKIP() << "the film is not here";
    for (const char *settings : {"chunk-samples=12", "composition-shift=2002"}) {
        const auto path =
            test::temporary_file("film.mp4", film_in_segments(std::string(x264) + " ! h264parse", settings));
        const auto outcome = test::run("filesrc location=" + path +
                                       " ! qtdemux ! h264parse ! avdec_h264 ! appsink name=out sync=false");
        EXPECT_EQ(outcome.error, "");
        ASSERT_EQ(outcome.buffers.size(), segments * segment_frames);
        const GstClockTime first = GST_BUFFER_PTS(outcome.buffers.front().get());
        // qtdemux 1.22 shows negative offsets as a start later by the longest one, so both ways look alike.
        EXPECT_EQ(first, gst_util_uint64_scale(2002, GST_SECOND, timescale));
        for (std::size_t i = 0; i < outcome.buffers.size(); i++)
            EXPECT_EQ(GST_BUFFER_PTS(outcome.buffers[i].get()),
                      gst_util_uint64_scale(2002 + i * frame_ticks, GST_SECOND, timescale));
    }
}

TEST(SegmentMuxStreams, AreTheSameBytesTwice)
{
    if (film_frames().size() < segments * segment_frames)
        GTEST_SKIP() << "the film is not here";
    const std::string encoder = std::string(x264) + " ! h264parse";
    EXPECT_EQ(film_segment(1, encoder, "chunk-samples=12").all(),
              film_segment(1, encoder, "chunk-samples=12").all());
}

TEST(SegmentMuxStreams, HaveOneInitSegmentWhateverTheSegment)
{
    if (film_frames().size() < segments * segment_frames)
        GTEST_SKIP() << "the film is not here";
    const std::string encoder = std::string(x264) + " ! h264parse";
    const auto first = film_segment(0, encoder, "");
    const auto last = film_segment(segments - 1, encoder, "");
    ASSERT_FALSE(first.buffers.empty() || last.buffers.empty());
    EXPECT_EQ(test::bytes_of(first.buffers[0].get()), test::bytes_of(last.buffers[0].get()));
}

TEST(SegmentMuxStreams, CarryHevcWithBFrames)
{
    if (film_frames().size() < segments * segment_frames)
        GTEST_SKIP() << "the film is not here";
    const auto film = film_in_segments("x265enc key-int-max=48 speed-preset=ultrafast "
                                       "option-string=bframes=3:b-adapt=0:scenecut=0:open-gop=0:"
                                       "pools=none:frame-threads=1:log-level=none ! h265parse",
                                       "");
    expect_exact_decode_times(film);
}

TEST(SegmentMuxStreams, BeginASegmentAtEachKeyframeWithoutSampleTimes)
{
    const auto outcome =
        test::run("videotestsrc num-buffers=100 ! video/x-raw,width=64,height=64,framerate=25/1 ! "
                  "x264enc bframes=2 key-int-max=40 option-string=scenecut=0 ! h264parse ! segmentmux ! "
                  "appsink name=out sync=false");
    EXPECT_EQ(outcome.error, "");
    ASSERT_EQ(outcome.buffers.size(), 4u);
    std::uint64_t decode = 0;
    for (const auto &fragment : test::fragments(outcome.all(), mux::difference_flags)) {
        EXPECT_EQ(fragment.tfdt, decode);
        EXPECT_EQ(fragment.samples[0].flags, mux::sync_flags);
        for (const auto &sample : fragment.samples)
            decode += sample.duration;
    }
    EXPECT_EQ(decode, 4 * 25000u); // 100 frames at the automatic 25000 ticks per second
}

TEST(SegmentMuxStreams, CarrySoundPacketForPacket)
{
    // 2 s at 48 kHz and the frame length of each codec.
    const struct {
        const char *encoder;
        std::size_t packets;
        std::int64_t ticks;
    } cases[] = {
        {"audioconvert ! avenc_aac ! aacparse ! audio/mpeg,stream-format=raw ! segmentmux", 95, 1024},
        {"flacenc blocksize=4096 ! flacparse ! segmentmux", 24, 4096},
    };
    for (const auto &expected : cases) {
        const auto outcome =
            test::run("audiotestsrc num-buffers=96 samplesperbuffer=1000 ! audio/x-raw,format=S16LE,"
                      "rate=48000,channels=2 ! " +
                      std::string(expected.encoder) + " chunk-samples=10 ! appsink name=out sync=false");
        EXPECT_EQ(outcome.error, "") << expected.encoder;
        std::vector<std::int64_t> times;
        for (const auto &fragment : test::fragments(outcome.all(), mux::sync_flags))
            for (const auto &sample : fragment.samples)
                times.push_back(static_cast<std::int64_t>(sample.decode));
        EXPECT_EQ(times.size(), expected.packets) << expected.encoder;
        for (std::size_t i = 0; i < times.size(); i++)
            EXPECT_EQ(times[i], static_cast<std::int64_t>(i) * expected.ticks) << expected.encoder;
        const auto seen = packet_times(outcome.all());
        if (!seen.empty()) {
            EXPECT_EQ(seen, times) << expected.encoder;
        }
    }
}

TEST(SegmentMuxStreams, CountOpusOnAGridWithoutPreSkip)
{
    std::vector<std::int64_t> times;
    for (std::int64_t i = 0; i <= 101; i++)
        times.push_back(480000 + i * 960);
    const auto outcome = test::run("audiotestsrc num-buffers=100 samplesperbuffer=960 ! "
                                   "audio/x-raw,rate=48000,channels=2 ! opusenc ! segmentmux name=mux "
                                   "opus-pre-skip=0 chunk-samples=25 ! appsink name=out sync=false",
                                   {}, times);
    EXPECT_EQ(outcome.error, "");
    times.pop_back();
    if (const auto seen = packet_times(outcome.all()); !seen.empty()) {
        EXPECT_EQ(seen, times);
    }
    const auto stsd = test::find_box(outcome.all(), "moov/trak/mdia/minf/stbl/stsd");
    const auto entry = test::find_box(test::Bytes(stsd.begin() + 8, stsd.end()), "Opus");
    const auto dops = test::find_box(test::Bytes(entry.begin() + 28, entry.end()), "dOps");
    EXPECT_EQ(test::Bytes(dops.begin(), dops.begin() + 4), (test::Bytes{0, 2, 0, 0}));
}

TEST(SegmentMuxStreams, CarryVp9)
{
    const auto outcome =
        test::run("videotestsrc num-buffers=10 ! video/x-raw,format=I420,width=64,height=64,"
                  "framerate=25/1 ! vp9enc deadline=1 cpu-used=8 lag-in-frames=0 ! vp9parse ! "
                  "segmentmux ! appsink name=out sync=false");
    EXPECT_EQ(outcome.error, "");
    const auto lines = test::ffprobe(test::temporary_file("film.mp4", outcome.all()), "frame=pts");
    if (!lines)
        GTEST_SKIP() << "no ffprobe";
    EXPECT_EQ(lines->size(), 10u);
}
