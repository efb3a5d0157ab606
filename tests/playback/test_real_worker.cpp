// SPDX-License-Identifier: LGPL-2.1-or-later
// The engine with the real butaca-worker: a small film, made in another order and through crashes, is the
// same film.
#include <csignal>

#include <gst/gst.h>
#include <sys/stat.h>

#include "src/base/gst.h"
#include "src/media/rendition.h"
#include "src/media/timeline.h"
#include "tests/playback/engine_bench.h"

namespace butaca::playback::test {

namespace {

constexpr std::uint32_t frames_per_segment = 25;
constexpr std::int64_t segment_count = 4;
constexpr std::uint32_t frame_ticks = 512;

// A film of 4 s with 25 pictures per second.
void make_film(const std::string &path)
{
    gst_init(nullptr, nullptr);
    Owned<GError> error;
    std::string line = "videotestsrc num-buffers=100 ! video/x-raw,width=320,height=240,framerate=25/1 ! "
                       "vp8enc deadline=1 keyframe-max-dist=30 ! webmmux ! filesink location=" +
                       path;
    auto pipeline = sink(gst_parse_launch(line.c_str(), Out(error)));
    ASSERT_FALSE(error) << error->message;
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    auto bus = adopt(gst_element_get_bus(pipeline.get()));
    auto message = adopt(gst_bus_timed_pop_filtered(
        bus.get(), 60 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    ASSERT_TRUE(message && GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS);
}

class FilmSource final : public JobSource {
public:
    FilmSource(std::string path, std::string demuxer) : path_(std::move(path)), demuxer_(std::move(demuxer))
    {
    }
    const std::string &rendition() const override { return rendition_; }
    std::int64_t segments() const override { return segment_count; }
    std::chrono::nanoseconds duration(std::int64_t) const override { return std::chrono::seconds(1); }
    std::string cost_class() const override { return "encode/h264/180"; }
    void origin_result(bool delivered) const override { delivered_ = delivered; }
    bool delivered() const { return delivered_; }

    Result<pipelines::Job> job(std::int64_t number) const override
    {
        pipelines::Job job;
        job.rendition = rendition_;
        job.segment = static_cast<std::uint32_t>(std::max<std::int64_t>(0, number));
        job.init_only = number == init_segment;
        job.origin = {"file", {path_}, "", "", demuxer_, "video_0", "video/x-vp8"};
        auto &video = job.video;
        media::VideoTimeline timeline;
        timeline.timescale = 25 * frame_ticks;
        for (std::int64_t frame = 0; frame <= frames_per_segment * segment_count; ++frame)
            timeline.ticks.push_back(frame * frame_ticks);
        std::uint32_t first = job.segment * frames_per_segment;
        std::uint32_t end = first + frames_per_segment;
        video.timescale = timeline.timescale;
        video.ticks.assign(timeline.ticks.begin() + first, timeline.ticks.begin() + end + 1);
        video.decode_ticks = media::decode_ticks(timeline, first, end, media::encoded_reorder("h264"));
        for (std::uint32_t frame = first; frame < end; ++frame)
            video.pts_ns.push_back(frame * 40'000'000LL);
        video.seek_ns = 0;
        video.width = 320;
        video.height = 240;
        video.frame_rate_num = 25;
        return job;
    }

private:
    std::string path_;
    std::string demuxer_;
    std::string rendition_ = "film";
    mutable bool delivered_ = false;
};

class RealWorker : public EngineBench {
protected:
    void SetUp() override
    {
        make_film(folder.at("film.webm"));
        // Jobs of AppS never name files, and a worker takes none unless told to.
        settings.worker_path = folder.at("worker");
        std::ofstream(settings.worker_path) << "#!/bin/sh\nexec " << std::getenv("BUTACA_BUILD_ROOT")
                                            << "/pipelines/butaca-worker --allow-files \"$@\"\n";
        ::chmod(settings.worker_path.c_str(), 0755);
    }
    std::string make(std::int64_t number)
    {
        Viewer viewer;
        viewer.ask(*service, film(), number);
        EXPECT_TRUE(turn_until([&] { return viewer.over(); }));
        EXPECT_TRUE(viewer.done) << (viewer.error ? viewer.error->message + viewer.error->detail : "");
        return viewer.bytes;
    }
    std::shared_ptr<FilmSource> film() const
    {
        return std::make_shared<FilmSource>(folder.at("film.webm"), "matroskademux");
    }
};

TEST_F(RealWorker, TellsItsEncoders)
{
    start();
    std::string h264;
    service->on_encoders([&](const auto &encoders) {
        if (auto found = encoders.find("h264"); found != encoders.end())
            h264 = found->second;
    });
    EXPECT_NE(h264.find("x264enc"), std::string::npos) << h264;
}

TEST_F(RealWorker, MakesTheSameBytesInAnyOrderFromAnyWorker)
{
    start();
    std::map<std::int64_t, std::string> forwards;
    for (std::int64_t number = init_segment; number < segment_count; ++number)
        forwards[number] = make(number);
    EXPECT_EQ(forwards[init_segment].substr(4, 4), "ftyp");
    for (std::int64_t number = 0; number < segment_count; ++number)
        EXPECT_NE(forwards[number].find("moof"), std::string::npos);
    service.reset();
    settings.cache_folder = folder.at("other cache");
    start();
    for (std::int64_t number = segment_count - 1; number >= init_segment; --number)
        EXPECT_TRUE(make(number) == forwards[number]) << number;
    EXPECT_LT(service->counters().jobs, 6U) << "the init segment comes with the others";
}

TEST_F(RealWorker, ItsDeathInTheMiddleIsNotNoticed)
{
    settings.workers = 1;
    start();
    std::string whole = make(2);
    service.reset();
    settings.cache_folder = folder.at("other cache");
    start();
    auto pids = worker_pids();
    ASSERT_EQ(pids.size(), 1U);
    Viewer viewer;
    viewer.ask(*service, film(), 2);
    ASSERT_TRUE(turn_until([&] { return service->counters().busy == 1; }));
    ::kill(pids[0], SIGKILL);
    ASSERT_TRUE(turn_until([&] { return viewer.over(); }));
    EXPECT_TRUE(viewer.bytes == whole);
    EXPECT_EQ(service->counters().retried, 1U);
}

TEST_F(RealWorker, SaysWhatItCannotDoAndGoesOn)
{
    start();
    auto broken = std::make_shared<FilmSource>(folder.at("film.webm"), "nosuchdemux");
    Viewer viewer;
    viewer.ask(*service, broken, 1);
    ASSERT_TRUE(turn_until([&] { return viewer.over(); }));
    ASSERT_TRUE(viewer.error);
    EXPECT_EQ(viewer.error->message.find('/'), std::string::npos);
    EXPECT_EQ(service->counters().worker_deaths, 0U);
    EXPECT_FALSE(make(0).empty());
}

TEST_F(RealWorker, StopsWhenNobodyWaitsAndIsOfUseAtOnce)
{
    settings.workers = 1;
    start();
    for (std::int64_t number : {0, 1, 2}) {
        Viewer gone;
        gone.ask(*service, film(), number);
        ASSERT_TRUE(turn_until([&] { return service->counters().busy == 1; }));
    }
    EXPECT_FALSE(make(3).empty());
    EXPECT_EQ(service->counters().cancelled, 3U);
    EXPECT_EQ(service->counters().worker_deaths, 0U);
}

} // namespace

} // namespace butaca::playback::test
